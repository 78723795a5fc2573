"""The search and the lists of the imitation: filters by day, no order, pages by offset."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from hub.lab.pingcode.board import AREAS, CONTAINERS, SHANGHAI, Board, Item, Wrong, state_id

Rows = Sequence[Any]


def page(rows: Rows, index: Any, size: Any) -> dict[str, Any]:
    """One page of rows, at most a hundred; past the end it is empty."""
    try:
        at, many = max(0, int(index or 0)), min(100, max(1, int(size or 30)))
    except (TypeError, ValueError):
        raise Wrong("100301", "分页参数错误") from None
    return {
        "page_size": many,
        "page_index": at,
        "total": len(rows),
        "values": list(rows[at * many : at * many + many]),
    }


def listed(board: Board, area: str, wanted: Mapping[str, str]) -> list[Item]:
    """The simple list: equality, and keywords in title and identifier."""
    found = []
    for item in board.shown(area):
        words = wanted.get("keywords", "")
        fits = not words or words in item.title or words == item.identifier
        fits = fits and wanted.get("identifier", item.identifier) == item.identifier
        container = CONTAINERS[AREAS[area]]
        fits = fits and wanted.get(f"{AREAS[area]}_id", container) == container
        if fits and not item.deleted:
            found.append(item)
    return found


def searched(board: Board, area: str, payload: Mapping[str, Any]) -> list[Item]:
    """The structured search: one operator a field, all of them together."""
    filters = payload.get("filter") or {}
    with_deleted = bool(payload.get("include_deleted")) and area == "work_item"
    for name, rule in filters.items():
        _fits(Item("", 0, area, "", 0), name, rule)  # what it does not know is refused, found or not
    found = []
    for item in board.shown(area):
        if item.deleted and not with_deleted:
            continue
        if all(_fits(item, name, rule) for name, rule in filters.items()):
            found.append(item)
    return found


def _fits(item: Item, name: str, rule: Any) -> bool:
    if not isinstance(rule, dict) or len(rule) != 1:
        raise Wrong("100301", "每个字段只能有一个操作符")
    ((operator, value),) = rule.items()
    if name == f"{AREAS[item.area]}.id" and operator == "in":
        return CONTAINERS[AREAS[item.area]] in value
    if name == "state.id" and operator == "in":
        return state_id(item.state) in value
    if name == "title" and operator == "contains":
        return str(value) in item.title
    if name.startswith("properties.") and operator == "contains":
        return str(value) in str(item.properties.get(name.removeprefix("properties."), ""))
    if name == "updated_at" and operator in ("gte", "lte"):
        ours, given = _day(item.updated), _day(value)
        return ours >= given if operator == "gte" else ours <= given
    raise Wrong("100301", f"不支持的筛选: {name} {operator}")


def _day(moment: Any) -> dt.date:
    try:
        return dt.datetime.fromtimestamp(int(moment), SHANGHAI).date()
    except (TypeError, ValueError, OverflowError, OSError):
        raise Wrong("100301", "时间错误") from None
