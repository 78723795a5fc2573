"""What a round has to do for each field: a pure function of both sides and what is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hub.core.execute.sync.back import Back, way_back
from hub.core.execute.sync.fields import (
    UNSET,
    Base,
    Clash,
    Declined,
    Fields,
    FieldState,
    FieldStates,
    Policy,
    Rule,
    Unmapped,
    alike,
    is_empty,
    is_unsaid,
    much_alike,
    tidy,
)
from hub.core.execute.sync.lines import merge_lines


@dataclass(frozen=True, slots=True)
class Decided:
    """A clash that the connection's setting decided; kept so that the other value can be found."""

    clash: Clash
    winner: Policy


@dataclass(frozen=True, slots=True)
class Step:
    """What to do for one field; UNSET means leave that side alone."""

    state: FieldState
    here: Any = UNSET
    there: Any = UNSET
    decided: Decided | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to write on either side and what to remember.

    ``states`` hold for the moment after the writes here and before those there.
    """

    here: Fields = field(default_factory=dict)
    there: Fields = field(default_factory=dict)
    states: FieldStates = field(default_factory=dict)
    decided: Mapping[str, Decided] = field(default_factory=dict)


def plan(here: Fields, there: Fields, states: FieldStates, rules: Mapping[str, Rule]) -> Plan:
    """Compare both sides with the base, field by field; a field the far side lacks stays alone."""
    steps = {
        name: decide(rule, here[name], there[name], states.get(name, FieldState()))
        for name, rule in rules.items()
        if name in here and name in there and rule.direction != "off"
    }
    return Plan(
        here={name: step.here for name, step in steps.items() if step.here is not UNSET},
        there={name: step.there for name, step in steps.items() if step.there is not UNSET},
        states={name: step.state for name, step in steps.items()},
        decided={name: step.decided for name, step in steps.items() if step.decided},
    )


def decide(rule: Rule, here: Any, there: Any, state: FieldState) -> Step:
    """The step for one field."""
    if state.restore is not None:
        way = way_back(rule, here, there, state)
        if isinstance(way, Back):
            return Step(state, way.here, way.there)
        step = decide(rule, here, there, replace(state, restore=None))
        # The ordinary way carries it over; the state keeps in mind what for.
        return replace(step, state=replace(step.state, restore=state.restore)) if way is None else step
    if rule.kind == "set":
        return _merge_sets(rule, here, there, state)
    if state.clash is not None and state.clash.kind == "overwritten":
        return Step(replace(state, clash=replace(state.clash, here=here, far_now=there)))
    if alike(rule, here, there):
        return Step(FieldState(Base(here, there)))
    here_moved, there_moved = _moved(here, there, state)
    if here_moved and there_moved:
        return _both(rule, here, there, state)
    if here_moved:
        return _send(rule, here, state) if rule.direction != "in" else Step(_calm(state))
    if there_moved:
        return _take(rule, there, state) if rule.direction != "out" else Step(_calm(state))
    return Step(_calm(state))


def _moved(here: Any, there: Any, state: FieldState) -> tuple[bool, bool]:
    if state.clash is not None:
        # An open conflict waits for a decision, even where one side went back to its old value.
        return True, True
    if is_unsaid(state):
        # What the tracker began with is nobody's word: it comes in where we still say nothing.
        return here != state.base.here, here == state.base.here
    if state.base == Base() and is_empty(here) != is_empty(there):
        # First contact: a side that never said anything has nothing to lose.
        return is_empty(there), is_empty(here)
    return here != state.base.here, there != state.base.there


def _calm(state: FieldState) -> FieldState:
    # A value that could not cross and was taken back is no longer worth showing.
    return replace(state, declined=None)


def _send(rule: Rule, here: Any, state: FieldState) -> Step:
    value = rule.outward(here)
    if isinstance(value, Unmapped):
        return Step(replace(state, declined=_unmapped(value)))
    if state.declined is not None and state.declined.value == value:
        return Step(state)
    return Step(replace(state, declined=None), there=value)


def _take(rule: Rule, there: Any, state: FieldState) -> Step:
    value = rule.inward(there)
    if isinstance(value, Unmapped):
        return Step(replace(state, declined=_unmapped(value)))
    return Step(FieldState(Base(value, there)), here=value)


def _unmapped(value: Unmapped) -> Declined:
    return Declined({"id": value.reason, "value": value.value}, value.value)


def _both(rule: Rule, here: Any, there: Any, state: FieldState) -> Step:
    if much_alike(rule, here, there):
        return Step(FieldState(Base(here, there)))
    if rule.kind == "text" and state.clash is None and rule.direction == "both":
        merged = _merge_texts(here, there, state.base)
        if merged == there:
            return Step(FieldState(Base(there, there)), here=there)
        if merged is not None:
            pending = FieldState(Base(UNSET, there))
            return Step(pending, here=UNSET if merged == here else merged, there=merged)
    clash = Clash("both", here, there, there)
    if state.clash is not None and state.clash.there == there:
        clash = replace(clash, by=state.clash.by, at=state.clash.at)
    winner = {"out": "here", "in": "there"}.get(rule.direction, rule.policy)
    if winner == "here" and not isinstance(rule.outward(here), Unmapped):
        step = _send(rule, here, FieldState(Base(UNSET, there), declined=state.declined))
        return replace(step, decided=Decided(clash, "here"))
    if winner == "there" and not isinstance(rule.inward(there), Unmapped):
        return replace(_take(rule, there, FieldState()), decided=Decided(clash, "there"))
    return Step(replace(state, clash=clash, declined=None))


def _merge_texts(here: str, there: str, base: Base) -> str | None:
    if not isinstance(base.here, str) or not isinstance(base.there, str):
        return None
    if base.here == base.there:
        return merge_lines(base.there, here, there)
    if tidy(base.here) == tidy(base.there):
        return merge_lines(tidy(base.there), tidy(here), tidy(there))
    return None


def _merge_sets(rule: Rule, here: frozenset[str], there: frozenset[str], state: FieldState) -> Step:
    if here == there:
        return Step(FieldState(Base(here, there)))
    base_here = frozenset() if state.base.here is UNSET else state.base.here
    base_there = frozenset() if state.base.there is UNSET else state.base.there
    added_here, removed_here = here - base_here, base_here - here
    added_there, removed_there = there - base_there, base_there - there
    # Who adds a member wins over who takes it away: nothing is lost, and it can be taken away again.
    new_here = here if rule.direction == "out" else (here | added_there) - (removed_there - added_here)
    new_there = there if rule.direction == "in" else (there | added_here) - (removed_here - added_there)
    # What is not on its way there stands on both sides: should somebody take it away here, it is a change.
    base = Base((new_here - (new_there - there)) | (there - new_there), there)
    if new_here != here:
        return Step(replace(state, base=base), new_here, UNSET if new_there == there else new_there)
    if new_there != there and (state.declined is None or state.declined.value != new_there):
        return Step(replace(state, base=base, declined=None), there=new_there)
    if rule.direction == "both" and new_there == there:
        return Step(replace(state, base=Base(here, there)))
    return Step(state)
