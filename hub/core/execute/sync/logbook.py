"""What the tracker's change log says, where it has one: who wrote what, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.core.execute.sync.fields import FieldState, FieldStates, Sent, is_unsaid, tidy
from hub.core.execute.sync.store import Look
from hub.core.values import FarChange, Tracker


class Logbook:
    """The change log of one tracker; empty where it has none."""

    def __init__(self, tracker: Tracker) -> None:
        """The capability ``history`` says whether there is one."""
        self._tracker = tracker

    def since(self, ref: str, sent: Sequence[Sent]) -> Sequence[FarChange]:
        """The changes since we looked before we wrote; nothing where nothing was sent."""
        if not sent or "history" not in self._tracker.capabilities:
            return ()
        return self._tracker.history(ref, sent[0].since or None)

    def told(self, ref: str, before: FieldStates, after: FieldStates) -> FieldStates:
        """The states, with the author there of what newly clashes, where the change log knows."""
        new = {
            name: state.clash
            for name, state in after.items()
            if state.clash and not before.get(name, FieldState()).clash
        }
        if not new or "history" not in self._tracker.capabilities:
            return after
        log = {(change.field, tidy(change.value)): change for change in self._tracker.history(ref, None)}
        told = {name: (clash, log.get((name, tidy(clash.there)))) for name, clash in new.items()}
        return {
            **after,
            **{
                name: replace(after[name], clash=replace(clash, by=change.author, at=change.at))
                for name, (clash, change) in told.items()
                if change
            },
        }

    def begun(self, look: Look, ref: str) -> FieldStates:
        """Of the fields we made the item without: those both of us have said something about since."""
        apart = {
            name
            for name, state in look.states.items()
            if is_unsaid(state) and look.fields.get(name) != state.base.here
        }
        if not apart or "history" not in self._tracker.capabilities:
            return {}
        said = {change.field for change in self._tracker.history(ref, None)}
        return {name: FieldState() for name in sorted(apart & said)}
