"""What a task made from a far item holds: what can come over, within what the hub takes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from hub.core.execute.sync.fields import Rule, Unmapped
from hub.core.values import FarItem, Refusal
from hub.core.work.changes import text_within
from hub.core.work.requests import MAX_BODY, MAX_TITLE, clean_labels

# What a task cannot be without an owner.
OWNED = ("doing", "done")
MayOwn = Callable[[int], bool]


def anybody(_person: int) -> bool:
    """Who owns a task is nobody's business here."""
    return True


def made_of(far: FarItem, rules: Mapping[str, Rule], may_own: MayOwn = anybody) -> dict[str, Any]:
    """The fields of a task made from this item: what can come over, within what the hub takes."""
    title, body = fitting(str(far.fields.get("title") or ""), str(far.fields.get("body") or ""))
    made: dict[str, Any] = {"title": title, "body": body}
    empty: dict[str, Any] = {
        name: frozenset() if rule.kind == "set" else None for name, rule in rules.items()
    }
    # The status last: it needs to know who owns the task.
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
