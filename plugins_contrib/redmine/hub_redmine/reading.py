"""Redmine's issues and journals in the hub's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hub.sdk import FarChange, FarComment, FarItem, FarParent, moment
from hub_redmine.client import Row
from hub_redmine.names import Names
from hub_redmine.texts import inward, mark_of

# Redmine's names of what changed, in the hub's words.
FIELDS = {
    "subject": "title",
    "description": "body",
    "status_id": "status",
    "assigned_to_id": "assignee",
    "priority_id": "priority",
    "due_date": "due",
    "estimated_hours": "estimate",
}


def item(issue: Row, root: str) -> FarItem:
    """An issue with its comments."""
    number, entries = str(int(issue["id"])), journals(issue)
    fields = {
        "title": str(issue["subject"]),
        "body": inward(issue.get("description") or ""),
        "status": str(issue["status"]["name"]),
        "assignee": person(issue.get("assigned_to")),
        "priority": str(issue["priority"]["name"]) if issue.get("priority") else None,
        "due": str(issue["due_date"]) if issue.get("due_date") else None,
        "estimate": minutes(issue.get("estimated_hours")),
    }
    last = max((int(entry["id"]) for entry in entries), default=0)
    parent = issue.get("parent")
    return FarItem(
        number,
        f"{root}/issues/{number}",
        fields,
        # Its clock knows seconds; the numbers of its journals only grow.
        f"{issue['updated_on']} {last}",
        tuple(comment(entry) for entry in entries if is_comment(entry)),
        parent=FarParent(str(int(parent["id"])), f"#{int(parent['id'])}") if parent else None,
    )


def journals(issue: Row) -> list[Row]:
    """What was said and changed, oldest first: the order of the answer is not promised."""
    return sorted(issue.get("journals") or (), key=lambda entry: int(entry["id"]))


def is_comment(entry: Row) -> bool:
    """Whether somebody said something that all may read."""
    return bool(str(entry.get("notes") or "").strip()) and not entry.get("private_notes")


def comment(entry: Row) -> FarComment:
    """A comment and the mark it carries."""
    text = str(entry["notes"])
    return FarComment(
        str(int(entry["id"])), author(entry), inward(text), moment(entry.get("created_on")), mark_of(text)
    )


def changes(entries: list[Row], since: int, names: Names, account: int | None) -> Iterator[FarChange]:
    """What each journal behind this number left behind, oldest first."""
    for entry in entries:
        user = entry.get("user") or {}
        foreign = account is not None and user.get("id") is not None and user["id"] != account
        for detail in (entry.get("details") or ()) if int(entry["id"]) > since else ():
            field = FIELDS.get(str(detail.get("name")))
            if detail.get("property") == "attr" and field:
                value = _value(field, detail.get("new_value"), names)
                yield FarChange(field, value, author(entry), moment(entry.get("created_on")), foreign)


def last_seen(version: str | None) -> int:
    """The number of the last journal that a version knew."""
    number = (version or "").rpartition(" ")[2]
    return int(number) if number.isascii() and number.isdigit() else 0


def _value(field: str, value: Any, names: Names) -> Any:
    if field in ("status", "priority"):
        return names.name(field, str(value))
    if field == "estimate":
        return minutes(value)
    if field == "body":
        return inward(str(value or ""))
    return str(value) if value or field == "title" else None


def author(entry: Mapping[str, Any]) -> str:
    """Who wrote an entry; accounts that were deleted are Redmine's anonymous one."""
    user = entry.get("user")
    return str(user.get("name") or user.get("id") or "–") if isinstance(user, dict) else "–"


def person(user: Any) -> str | None:
    """An account, by its number: names are neither unique nor an address."""
    return str(int(user["id"])) if isinstance(user, dict) else None


def minutes(hours: Any) -> int | None:
    """Whole minutes of decimal hours; two decimals are enough to come back as the same."""
    return round(float(hours) * 60) if hours not in (None, "") else None
