"""Changes on their way into one issue.

Redmine answers 204 whatever became of a value that the workflow or a right does not allow: the hub reads it
back. An empty owner, day or estimate is an empty text: null means *leave it as it is*.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.sdk import Refused
from hub_redmine.client import Client, Denied, Row
from hub_redmine.names import Names
from hub_redmine.texts import Texts, mark_of


class Writer:
    """Writes into issues."""

    def __init__(self, client: Client, names: Names, texts: Texts) -> None:
        """``names`` knows the numbers of statuses and priorities."""
        self._client, self._names, self._texts = client, names, texts

    def begun(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """What a new issue can be given at once, but for title and text."""
        values: dict[str, Any] = {}
        for field in ("assignee", "priority", "due", "estimate"):
            if fields.get(field) is not None:
                values |= self._named(field, fields[field], {})
        return values

    def write(self, number: int, changes: Mapping[str, Any]) -> None:
        """Write these fields in one call; where it is refused each by itself, so that the others arrive."""
        before: Row = self._client.get(f"/issues/{number}", "issue") if "body" in changes else {}
        refused: dict[str, str] = {}
        values: dict[str, dict[str, Any]] = {}
        for field, value in changes.items():
            try:
                values[field] = self._named(field, value, before)
            except Refused as no:
                refused[field] = no.reason
        if values:
            refused |= self._put(number, values)
        if refused:
            raise Refused("; ".join(dict.fromkeys(refused.values())), list(refused))

    def _put(self, number: int, values: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
        together = {name: value for one in values.values() for name, value in one.items()}
        try:
            self._client.call("PUT", f"/issues/{number}", json={"issue": together})
        except Denied as no:
            # Its words are in the account's language: which field they mean, only trying tells.
            if no.status != 422 or len(values) == 1:
                return dict.fromkeys(values, no.reason)
            told: dict[str, str] = {}
            for field, one in values.items():
                told |= self._put(number, {field: one})
            return told
        return {}

    def _named(self, field: str, value: Any, before: Row) -> dict[str, Any]:
        if field == "title":
            return {"subject": value}
        if field == "body":
            # The mark stays where a person left it standing.
            return {"description": self._texts.outward(value, mark_of(str(before.get("description") or "")))}
        if field in ("status", "priority"):
            return {f"{field}_id": self._names.number(field, str(value))}
        if field == "assignee":
            return {"assigned_to_id": _account(value) if value else ""}
        if field == "due":
            return {"due_date": value or ""}
        if field == "estimate":
            return {"estimated_hours": "" if value is None else round(value / 60, 2)}
        raise Refused(f"Redmine has no {field}", [field])


def _account(value: Any) -> int:
    if not str(value).isdigit():
        raise Refused(f"“{value}” is no account of Redmine: map people to their numbers", ["assignee"])
    return int(value)
