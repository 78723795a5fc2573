"""Priority, due day and estimate: Jira's words and the hub's.

Shapes as in the examples of "Create issue" and "Get issue" of the REST API. A project may hide any of them:
what an answer lacks is not synchronised, and what a screen lacks Jira refuses by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.plugins.jira.errors import record, words

# Jira's names of the fields it answers with and of its change log, and ours.
FIELDS = {"priority": "priority", "duedate": "due", "timeoriginalestimate": "estimate"}
SECONDS = 60


def read(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What an issue says of these."""
    meant = {
        "priority": words(record(fields.get("priority")).get("name")) or None,
        "due": words(fields.get("duedate")) or None,
        "estimate": _minutes(fields.get("timeoriginalestimate")),
    }
    return {ours: meant[ours] for theirs, ours in FIELDS.items() if theirs in fields}


def written(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent for these. An estimate goes by the time tracking; none at all is zero minutes."""
    sent: dict[str, Any] = {}
    if "priority" in fields:
        sent["priority"] = {"name": fields["priority"]} if fields["priority"] else None
    if "due" in fields:
        sent["duedate"] = fields["due"]
    if "estimate" in fields:
        sent["timetracking"] = {"originalEstimate": f"{fields['estimate'] or 0}m"}
    return sent


def logged(field: str, item: Mapping[str, Any]) -> Any:
    """The value that an entry of the change log says this field got."""
    if field == "priority":
        return words(item.get("toString")) or None
    if field == "estimate":
        return _minutes(item.get("to"))
    return words(item.get("to")) or words(item.get("toString"))[:10] or None


def _minutes(seconds: Any) -> int | None:
    text = words(seconds)
    return int(text) // SECONDS or None if text.isascii() and text.isdigit() else None
