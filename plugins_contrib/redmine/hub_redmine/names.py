"""What Redmine numbers and people name: statuses and priorities."""

from __future__ import annotations

from hub.sdk import Refused
from hub_redmine.client import Client, Row

PLACES = {
    "status": ("/issue_statuses", "issue_statuses"),
    "priority": ("/enumerations/issue_priorities", "issue_priorities"),
}


class Names:
    """Asked for when first needed, and kept as long as the connection is open."""

    def __init__(self, client: Client) -> None:
        """``client`` speaks for the connection's account."""
        self._client = client
        self._known: dict[str, list[Row]] = {}

    def rows(self, field: str) -> list[Row]:
        """All that there are."""
        if field not in self._known:
            path, name = PLACES[field]
            self._known[field] = self._client.rows(path, name)
        return self._known[field]

    def number(self, field: str, name: str) -> int:
        """The number of this name; refused where there is none."""
        for row in self.rows(field):
            if row.get("name") == name:
                return int(row["id"])
        raise Refused(f"Redmine has no {field} “{name}”", [field])

    def name(self, field: str, number: str) -> str:
        """The name of this number; the number itself where it was taken out of the list."""
        return next((str(row["name"]) for row in self.rows(field) if str(row["id"]) == number), number)
