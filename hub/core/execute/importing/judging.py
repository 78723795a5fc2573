"""What will become of a far item: a pure function of it, of our side, and of the connection's rules.

It thinks with the same ``decide`` as a round, so that what it says is what the first round does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from hub.core.execute.importing.making import MayOwn, anybody, taken
from hub.core.execute.sync.fields import UNSET, Fields, FieldState, FieldStates, Rule, alike
from hub.core.execute.sync.plan import Step as Decision
from hub.core.execute.sync.plan import decide
from hub.core.execute.sync.stored import encode
from hub.core.values import FarItem, Refusal

Action = Literal["request", "task", "round", "skip"]
# The step of a field is one of these. "same", "apart" and "off": nothing happens. "take", "send", "merge":
# here, there or both sides are written. "conflict": a person decides. "over": the connection's own rule lets
# one side overwrite the other. "declined": the value cannot cross.
STEPS = ("same", "take", "send", "merge", "conflict", "over", "declined", "apart", "off")


@dataclass(frozen=True, slots=True)
class Judged:
    """What will become of an item, and the values of both sides for each field."""

    action: Action
    title: str = ""
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reason: Mapping[str, Any] | None = None

    @property
    def conflicts(self) -> int:
        """In how many fields a person has to decide, or one side would overwrite the other."""
        return sum(one["step"] in ("conflict", "over") for one in self.fields.values())


def steps(
    here: Fields, far: FarItem, rules: Mapping[str, Rule], states: FieldStates, may_own: MayOwn = anybody
) -> dict[str, dict[str, Any]]:
    """For each field of the item both values, and what a round will do with them."""
    found: dict[str, dict[str, Any]] = {}
    owner = here["assignee"]
    # The status comes last, as in a round: it needs to know who will own the task.
    for name in sorted((name for name in rules if name in far.fields), key=lambda name: name == "status"):
        ours, theirs = here[name], far.fields[name]
        found[name] = {"here": encode(ours), "there": encode(theirs), "step": "off"}
        if rules[name].direction == "off":
            continue
        done = decide(rules[name], ours, theirs, states.get(name, FieldState()))
        agreed = alike(rules[name], ours, theirs) or done.state.base.there == theirs
        found[name] |= _said(done, agreed)
        if done.here is UNSET or found[name]["step"] == "conflict":
            continue
        try:
            stands = taken(name, done.here, owner, may_own)
        except Refusal as no:
            found[name] |= {"step": "declined", "reason": {"id": no.message, **no.values}}
            continue
        found[name]["then"] = encode(stands)
        owner = stands if name == "assignee" else owner
    return found


def _said(done: Decision, agreed: bool) -> dict[str, Any]:
    if done.state.clash is not None:
        return {"step": "conflict"}
    if done.decided is not None:
        return {"step": "over", "winner": done.decided.winner}
    if done.state.declined is not None:
        return {"step": "declined", "reason": dict(done.state.declined.reason)}
    if done.here is not UNSET:
        return {"step": "take" if done.there is UNSET else "merge"}
    if done.there is not UNSET:
        return {"step": "send"}
    return {"step": "same" if agreed else "apart"}
