"""Reading Worktile's answers, which come in several shapes: wrapped or not, bare values or objects."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from hub.sdk import FarComment

MENTION = re.compile(r"\[@([\w-]+)(?:\|([^\]]*))?\]")
DEEPEST = 30
LINES = frozenset(("list", "ordered_list", "bullet_list", "quote", "blockquote", "doc"))


def rows(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rows of a list, under whichever name they come."""
    found = _unwrapped(body)
    for name in ("items", "value", "values"):
        if isinstance(found, dict) and isinstance(found.get(name), list):
            found = found[name]
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def has_more(body: Mapping[str, Any], read: int) -> bool:
    """Is there another page? ``read`` counts the rows so far."""
    for part in (body, body.get("meta"), body.get("data")):
        if isinstance(part, dict):
            if isinstance(part.get("has_more"), bool):
                return bool(part["has_more"])
            if isinstance(part.get("total"), int):
                return bool(part["total"] > read)
    return False


def one(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A task in an answer about it, or None where there is none."""
    found = _unwrapped(body)
    if isinstance(found, dict) and isinstance(found.get("value"), dict):
        found = found["value"]
    return found if isinstance(found, dict) and ref(found) else None


def _unwrapped(body: Mapping[str, Any]) -> Any:
    inner = body.get("data")
    return inner if isinstance(inner, dict | list) else body


def ref(row: Mapping[str, Any]) -> str:
    """The id of a row."""
    return next((str(row[name]) for name in ("_id", "id", "uid") if row.get(name)), "")


def value(task: Mapping[str, Any], name: str) -> Any:
    """A property: at the task itself or under ``properties``, bare or as ``{"value": …}``."""
    held = task.get("properties")
    found = held[name] if isinstance(held, dict) and name in held else task.get(name)
    return found["value"] if isinstance(found, dict) and "value" in found else found


def state(task: Mapping[str, Any]) -> str | None:
    """The name of the task's state."""
    for found in (task.get("task_state"), value(task, "state"), value(task, "task_state")):
        if isinstance(found, dict) and found.get("name"):
            return str(found["name"])
    return None


def person(found: Any) -> str | None:
    """The account of somebody, bare or as an object; nobody may be None, an empty text or an empty list."""
    if isinstance(found, list):
        found = found[0] if found else None
    if isinstance(found, dict):
        found = found.get("uid") or ref(found)
    return str(found) if found else None


def labels(task: Mapping[str, Any]) -> frozenset[str]:
    """The names of the tags."""
    found = value(task, "tag")
    return frozenset(
        str(tag["name"])
        for tag in (found if isinstance(found, list) else ())
        if isinstance(tag, dict) and tag.get("name")
    )


def moment(found: Any) -> int:
    """A time in seconds; old answers count milliseconds."""
    number = int(found) if isinstance(found, int | float) and not isinstance(found, bool) else 0
    return number // 1000 if number > 10**11 else max(number, 0)


def comments(task: Mapping[str, Any]) -> tuple[FarComment, ...]:
    """The comments that can be told apart: one without an id cannot be copied."""
    found = task.get("comments")
    return tuple(
        _comment(row)
        for row in (found if isinstance(found, list) else ())
        if isinstance(row, dict) and ref(row)
    )


def _comment(row: Mapping[str, Any]) -> FarComment:
    who, at = row.get("created_by"), moment(row.get("created_at"))
    name = (
        (who.get("display_name") or who.get("name") or person(who)) if isinstance(who, dict) else person(who)
    )
    said = next((row[key] for key in ("content", "text") if row.get(key)), "")
    return FarComment(
        ref(row), str(name or ""), text(said), dt.datetime.fromtimestamp(at, dt.UTC) if at else None
    )


def text(found: Any) -> str:
    """Plain text of a description or comment: written out, or a tree of nodes as JSON."""
    if isinstance(found, str):
        stripped = found.strip()
        if stripped[:1] in ("[", "{") and stripped[1:2] != "@":
            try:
                found = json.loads(stripped)
            except (ValueError, RecursionError):
                return _with_names(found)
        else:
            return _with_names(found)
    return _with_names(_walked(found, DEEPEST)).strip("\n")


def _with_names(found: str) -> str:
    return MENTION.sub(lambda hit: f"@{hit[2] or hit[1]}", found.replace("\r\n", "\n"))


def _walked(node: Any, depth: int) -> str:
    if isinstance(node, str):
        return node
    if isinstance(node, list):
        return "\n".join(_walked(child, depth - 1) for child in node) if depth else ""
    if not isinstance(node, dict) or not depth:
        return ""
    if node.get("type") in ("mention", "user"):
        about = node.get("data") if isinstance(node.get("data"), dict) else node
        return f"@{(about or {}).get('name') or ref(about or {})}"
    inside = next((node[key] for key in ("children", "content") if isinstance(node.get(key), list)), None)
    if isinstance(node.get("text"), str) and not inside:
        return str(node["text"])
    parts: Sequence[str] = [_walked(child, depth - 1) for child in inside or ()]
    written = ("\n" if node.get("type") in LINES else "").join(parts)
    return written or str(node.get("url") or "")
