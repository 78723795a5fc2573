"""One look at one link, from reading both sides to the stored base.

Made of turns that each end in at most one write: whatever happens in between is seen by the next turn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from hub.core.execute.sync.besides import Besides
from hub.core.execute.sync.fields import (
    UNSET,
    Base,
    Declined,
    FieldState,
    FieldStates,
    Rule,
    Sent,
    Unmapped,
)
from hub.core.execute.sync.file_notes import Note
from hub.core.execute.sync.files import FileWay
from hub.core.execute.sync.logbook import Logbook
from hub.core.execute.sync.mapping import usable
from hub.core.execute.sync.newest import by_time
from hub.core.execute.sync.plan import Plan, plan
from hub.core.execute.sync.settle import settle
from hub.core.execute.sync.store import HELD, LinkState, Look, Stale, Store, worst
from hub.core.execute.sync.waiting import pause
from hub.core.execute.sync.walk import Walk
from hub.core.values import (
    OPTIONAL_FIELDS,
    FarItem,
    Gone,
    Held,
    MovedTo,
    Refused,
    Retry,
    SetChange,
    Tracker,
)

TURNS = 10


class _Lag(Retry):
    """One link waits for what it made to be listed: no reason for others to wait."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a round ended; ``due_at`` says when a waiting link is to be looked at again."""

    state: LinkState
    due_at: dt.datetime | None = None
    writes: int = 0
    reason: str = ""


class Round:
    """One round of one link. Rounds of the same link run one at a time; the job's key sees to that."""

    def __init__(
        self,
        store: Store,
        tracker: Tracker,
        rules: Mapping[str, Rule],
        now: Callable[[], dt.datetime],
        chance: Random,
        files: FileWay | None = None,
        note: Note | None = None,
    ) -> None:
        """``chance`` gives the jitter of a wait; ``files`` says which of them are carried.

        ``note`` is what is said of a file where the tracker takes none; without it nothing is.
        """
        self._store = store
        self._tracker = tracker
        self._rules = usable(rules, tracker.capabilities)
        self._now = now
        self._chance = chance
        self._answered: set[str] = set()
        self._blocked: set[str] = set()
        self._log = Logbook(tracker)
        self._walk = Walk(tracker)
        self._besides = Besides(store, tracker, files or FileWay(), note)
        self._writes = 0

    def run(self) -> Outcome:
        """Bring both sides together as far as they can be; never raises for an ill far side."""
        look = self._store.look()
        if look.paused:
            return Outcome("paused")
        try:
            state = self._turns(look)
        except Retry as ill:
            # Our own pause says how long it lasts; an ill far side is left alone longer each time.
            attempts = 0 if isinstance(ill, Held) else look.attempts
            due_at = self._now() + pause(attempts, ill.after, self._chance)
            look = self._store.look()
            state = worst(look.states, look.copies, "waiting")
            resting = ill.after is not None and not isinstance(ill, _Lag | Held)
            reason = {"id": HELD if isinstance(ill, Held) else "sync_ill", "text": ill.reason}
            self._store.wait(state, reason, due_at, resting)
            return Outcome(state, due_at, self.writes, ill.reason)
        except Refused as no:
            self._store.stop("refused", {"id": "sync_refused", "text": no.reason})
            return Outcome("refused", None, self.writes, no.reason)
        return Outcome(state, None, self.writes)

    @property
    def writes(self) -> int:
        """How many calls have changed the far side."""
        return self._writes + self._besides.writes

    def _turns(self, look: Look) -> LinkState:
        for _ in range(TURNS):
            with suppress(Stale):
                if state := self._looked(look):
                    return state
            look = self._store.look()
        raise Retry("the item keeps changing")

    def _looked(self, look: Look) -> LinkState | None:
        ref = look.ref or self._make(look)
        far = self._tracker.fetch(ref)
        if isinstance(far, Gone):
            self._store.stop("gone", {"id": "sync_gone", "text": far.reason})
            return "gone"
        if isinstance(far, MovedTo):
            self._store.found(far.ref)
            return None
        left = self._turn(self._store.look() if look.ref is None else look, far)
        if left is None:
            return None
        again = self._besides.again(self._chance)
        return self._store.rest(left.states, left.decided, far.url, self._now(), again, far.parent)

    def _turn(self, look: Look, far: FarItem) -> Plan | None:
        """One step; gives what is left to remember, or None where another look is worth it."""
        settled = {**self._settled(look, far), **self._log.begun(look, far.ref)}
        states = {**look.states, **settled}
        rules = {name: rule for name, rule in self._rules.items() if name not in self._blocked}
        planned = plan(look.fields, far.fields, states, rules)
        told = self._log.told(far.ref, look.states, planned.states)
        if decided := by_time(rules, told, self._store.changed_at):
            planned = plan(look.fields, far.fields, states, {**rules, **decided})
            told = {**told, **{name: planned.states[name] for name in decided}}
        states.update(told)
        done = {name: state for name, state in settled.items() if state.base != look.states[name].base}
        if done.keys() & {*planned.here, *planned.there}:
            # What became of a write is kept before the next one covers it.
            self._store.remember(done, {})
        if planned.here:
            if self._store.write_here(look.version, planned.here, states, planned.decided):
                after = self._store.look().states
                # What our own guards decline is not asked again within this round.
                self._blocked.update(
                    name for name in planned.here if after[name].declined not in (None, states[name].declined)
                )
                self._answered.clear()
            return None
        if planned.there:
            self._write_there(look, far, planned, states)
            return None
        left = Plan(states=_news(look, states), decided=planned.decided)
        self._answered.clear()
        try:
            if not self._besides.run(look, far):
                return left
        except Retry:
            # What the fields have come to does not wait for the comments.
            self._store.remember(left.states, left.decided)
            raise
        self._store.remember(left.states, left.decided)
        return None

    def _settled(self, look: Look, far: FarItem) -> FieldStates:
        """What became of the values we sent, in this round or in one that was cut short."""
        sent = {name: state for name, state in look.states.items() if state.sent and name in far.fields}
        log = self._log.since(far.ref, [state.sent for state in sent.values() if state.sent])
        return {
            name: settle(
                self._rules[name],
                state,
                far.fields[name],
                [change for change in log if change.field == name],
                name in self._answered,
            )
            for name, state in sent.items()
        }

    def _make(self, look: Look) -> str:
        """Make the far item, or find the one an earlier call made before its answer was lost."""
        if look.creating_since is not None:
            ref = self._tracker.find(look.mark)
            if ref is not None:
                self._store.found(ref)
                return ref
            lag = look.creating_since + self._tracker.find_lag - self._now()
            if lag > dt.timedelta(0):
                raise _Lag("waiting for the tracker's listing to catch up", lag)
        states: dict[str, FieldState] = {}
        values: dict[str, Any] = {}
        for name, rule in self._rules.items():
            if rule.direction in ("in", "off"):
                continue
            tried = look.states.get(name, FieldState()).sent
            # Which of two calls made the item must not matter: trying again says what was said first.
            told = tried or Sent(look.fields[name], rule.outward(look.fields[name]), "")
            if isinstance(value := told.there, Unmapped):
                continue  # the plan of the next turn says so
            if value is None and name in OPTIONAL_FIELDS:
                # What we say nothing about the tracker may begin with as it likes.
                states[name] = FieldState(Base(None, UNSET))
                continue
            values[name], states[name] = value, FieldState(sent=told)
        self._store.creating(states, self._now())
        return self._create(values, states, look.mark)

    def _create(self, values: Mapping[str, Any], states: FieldStates, mark: str) -> str:
        """Make the item; what it must not have from the start is left out and shown as refused."""
        try:
            ref = self._tracker.create(values, mark)
        except Refused as no:
            rest = {name: value for name, value in values.items() if name not in no.fields}
            if len(rest) == len(values) or "title" not in rest:
                self._store.remember({name: FieldState() for name in states}, {})
                raise
            declined = {name: _declined(states[name], no) for name in no.fields if name in values}
            self._store.remember(declined, {})
            return self._create(rest, states, mark)
        self._writes += 1
        self._store.found(ref)
        self._answered.update(values)
        return ref

    def _write_there(self, look: Look, far: FarItem, planned: Plan, states: FieldStates) -> None:
        wanted = dict(planned.there)
        if "status" in wanted:
            wanted["status"] = self._walk.step(far, wanted["status"])
        sending = {
            name: replace(
                states[name],
                base=Base(states[name].base.here, far.fields[name]),
                sent=Sent(look.fields[name], value, far.version, _goal(value, planned.there[name])),
            )
            for name, value in wanted.items()
        }
        self._store.remember(_news(look, {**states, **sending}), planned.decided)
        self._answered.clear()
        changes = {name: self._change(name, far.fields[name], value) for name, value in wanted.items()}
        self._update(far.ref, changes, sending)

    def _change(self, name: str, old: Any, new: Any) -> Any:
        return SetChange(add=new - old, remove=old - new) if self._rules[name].kind == "set" else new

    def _update(self, ref: str, changes: Mapping[str, Any], sending: FieldStates) -> None:
        """Write these fields; what is refused is taken out, so that it never holds up the others."""
        try:
            self._tracker.update(ref, changes)
        except Refused as no:
            guilty = [name for name in no.fields if name in changes] or (
                list(changes) if len(changes) == 1 else []
            )
            self._store.remember({name: _declined(sending[name], no) for name in guilty}, {})
            rest = {name: value for name, value in changes.items() if name not in guilty}
            if guilty and rest:
                self._update(ref, rest, sending)
            elif not guilty:
                for name, value in changes.items():
                    self._update(ref, {name: value}, sending)
            return
        self._writes += 1
        self._answered.update(changes)


def _goal(value: Any, wanted: Any) -> Any:
    return UNSET if value == wanted else wanted


def _news(look: Look, states: FieldStates) -> FieldStates:
    return {name: state for name, state in states.items() if look.states.get(name) != state}


def _declined(state: FieldState, no: Refused) -> FieldState:
    value = state.sent.wanted if state.sent else None
    return replace(state, sent=None, declined=Declined({"id": "sync_refused", "text": no.reason}, value))
