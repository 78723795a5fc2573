"""What will become of a far item: a pure function of it, of our side, and of the connection's rules.

It thinks with the same ``decide`` as a round, so that what it says is what the first round does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from hub.core.execute.sync.fields import UNSET, Fields, FieldState, FieldStates, Rule, Unmapped, alike
from hub.core.execute.sync.plan import Step as Decision
from hub.core.execute.sync.plan import decide
from hub.core.execute.sync.stored import encode
from hub.core.values import FarItem, Refusal
from hub.core.work.changes import text_within
from hub.core.work.requests import MAX_BODY, MAX_TITLE, clean_labels

Action = Literal["request", "task", "round", "skip"]
# The step of a field is one of these. "same", "apart" and "off": nothing happens. "take", "send", "merge":
# here, there or both sides are written. "conflict": a person decides. "over": the connection's own rule lets
# one side overwrite the other. "declined": the value cannot cross.
STEPS = ("same", "take", "send", "merge", "conflict", "over", "declined", "apart", "off")
# What a task cannot be without an owner.
OWNED = ("doing", "done")


MayOwn = Callable[[int], bool]


def anybody(_person: int) -> bool:
    """Who owns a task is nobody's business here."""
    return True


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


def made_of(far: FarItem, rules: Mapping[str, Rule], may_own: MayOwn = anybody) -> dict[str, Any]:
    """The fields of a task made from this item: what can come over, within what the hub takes."""
    title, body = fitting(str(far.fields.get("title") or ""), str(far.fields.get("body") or ""))
    made: dict[str, Any] = {"title": title, "body": body}
    empty: dict[str, Any] = {name: frozenset() if rule.kind == "set" else None for name, rule in rules.items()}
    for name in sorted((name for name in rules if name not in made), key=lambda name: name == "status"):
        otherwise = "open" if name == "status" else empty[name]
        value = _inward(far, rules, name, otherwise)
        made[name] = _or(otherwise, partial(taken, name, value, made.get("assignee"), may_own))
    return made


def fitting(title: str, body: str) -> tuple[str, str]:
    """Title and text as the hub takes them; a longer title is cut, a longer text left where it is."""
    title = " ".join(title.split()) or "—"
    cut = title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1] + "…"
    return cut, _or("", lambda: text_within(body, "body", MAX_BODY, required=False))


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


def taken(name: str, value: Any, owner: int | None, may_own: MayOwn = anybody) -> Any:
    """A value as it will stand in a task; refuses what the task's own guards refuse."""
    if name == "title":
        return text_within(value, "title", MAX_TITLE)
    if name == "body":
        return text_within(value, "body", MAX_BODY, required=False)
    if name == "labels":
        return frozenset(clean_labels(sorted(value)))
    if name == "assignee" and value is not None and not may_own(value):
        raise Refusal("person_inactive", name=str(value))
    if name == "status" and value in OWNED and owner is None:
        raise Refusal("task_without_owner", ref="")
    return value


def _inward(far: FarItem, rules: Mapping[str, Rule], name: str, otherwise: Any) -> Any:
    rule = rules[name]
    if rule.direction in ("off", "out") or name not in far.fields:
        return otherwise
    value = rule.inward(far.fields[name])
    return otherwise if isinstance(value, Unmapped) else value


def _or(otherwise: Any, make: Callable[[], Any]) -> Any:
    """What our own guards refuse stays there; the difference is then shown by its step."""
    try:
        return make()
    except Refusal:
        return otherwise
