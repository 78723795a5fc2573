"""How the imitation writes what it knows: the shapes of the real one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hub.lab.redmine.book import CLOSED, FLOW, MARK_FIELD, PEOPLE, PRIORITIES, STATUSES, Issue, Journal


def stamp(at: int) -> str:
    """A time: UTC, whole seconds."""
    return dt.datetime.fromtimestamp(at, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def person(number: int) -> dict[str, Any]:
    """An account: a number and a name, no login and no address."""
    return {"id": number, "name": PEOPLE[number]}


def status(number: int) -> dict[str, Any]:
    """A status with its flag."""
    return {"id": number, "name": STATUSES[number], "is_closed": number in CLOSED}


def issue(one: Issue) -> dict[str, Any]:
    """An issue; whoever is not assigned is left out."""
    values = one.values
    shown = {
        "id": one.id,
        "project": {"id": 3, "name": one.project},
        "status": status(values["status_id"]),
        "priority": {"id": values["priority_id"], "name": PRIORITIES[values["priority_id"]]},
        "author": person(one.author),
        "subject": values["subject"],
        "description": values["description"],
        "due_date": values["due_date"],
        "estimated_hours": values["estimated_hours"],
        "custom_fields": [{"id": MARK_FIELD, "name": "hub_ref", "value": one.fields.get(MARK_FIELD, "")}],
        "created_on": stamp(one.created),
        "updated_on": stamp(one.updated),
    }
    if values["assigned_to_id"]:
        shown["assigned_to"] = person(values["assigned_to_id"])
    if values["parent_id"]:
        shown["parent"] = {"id": values["parent_id"]}
    return shown


def journals(one: Issue) -> list[dict[str, Any]]:
    """What was said and changed; now in one order, now in the other."""
    shown = [journal(entry) for entry in one.journals]
    return shown[::-1] if one.updated % 2 else shown


def journal(entry: Journal) -> dict[str, Any]:
    """An entry as REST writes it."""
    return {
        "id": entry.id,
        "user": person(entry.user),
        "notes": entry.notes,
        "created_on": stamp(entry.at),
        "private_notes": entry.private,
        "details": entry.details,
    }


def allowed(one: Issue) -> list[dict[str, Any]]:
    """Where our account may move it, and where it is."""
    now = one.values["status_id"]
    return [status(number) for number in sorted({now, *FLOW[now]})]
