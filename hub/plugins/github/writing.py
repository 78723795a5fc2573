"""Changes on their way into one GitHub issue: only what changed, and never more than was meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from hub.plugins.github.answers import NotThere
from hub.plugins.github.client import thing
from hub.plugins.github.place import Address, Place
from hub.plugins.github.reading import OPEN, Reader, logins
from hub.sdk import Refused, SetChange, mark_in


class Writer:
    """Writes into one issue."""

    def __init__(
        self,
        place: Place,
        address: Address,
        reader: Reader,
        written: Callable[[str, str, str | None], str],
    ) -> None:
        """``written`` makes a field's text with a mark as it may stand there; refuses what is too long."""
        self._place = place
        self._address = address
        self._path = f"/issues/{address.number}"
        self._reader = reader
        self._written = written

    def write(self, changes: Mapping[str, Any]) -> None:
        """Write these fields. What may be refused goes first, by the name of its field."""
        before: Mapping[str, Any] = {}
        if "body" in changes or "assignee" in changes:
            before = thing(self._call("GET", self._path))
        if "labels" in changes:
            self._named("labels", lambda: self._change_labels(changes["labels"]))
        if "assignee" in changes:
            self._named("assignee", lambda: self._assign(logins(before), changes["assignee"]))
        self._change(before, changes)

    def _call(self, method: str, path: str, json: Any = None) -> Any:
        return self._place.call(method, path, self._address, json=json)

    def _named(self, field: str, write: Callable[[], None]) -> None:
        try:
            write()
        except Refused as no:
            raise Refused(no.reason, [field]) from None

    def _change_labels(self, change: SetChange) -> None:
        # Adding and taking away: a list of all would undo what others do meanwhile.
        if change.add:
            self._call("POST", f"{self._path}/labels", {"labels": sorted(change.add)})
        for label in sorted(change.remove):
            try:
                self._call("DELETE", f"{self._path}/labels/{quote(label, safe='')}")
            except NotThere:
                continue  # somebody took it away already

    def _assign(self, assigned: list[str], wanted: str | None) -> None:
        others = self._reader.replaced(assigned, wanted)
        taken: list[str] = []
        if wanted is not None:
            after = thing(self._call("POST", f"{self._path}/assignees", {"assignees": [wanted]}))
            taken = [login.lower() for login in logins(after)]
        # Whom GitHub cannot assign it leaves out without a word: then the owner stays.
        if others and (wanted is None or wanted.lower() in taken):
            self._call("DELETE", f"{self._path}/assignees", {"assignees": others})

    def _change(self, before: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
        values: dict[str, Any] = {}
        if "title" in changes:
            values["title"] = changes["title"]
        if "body" in changes:
            # The mark stays where a person left it standing.
            values["body"] = self._written("body", changes["body"], mark_in(before.get("body") or ""))
        if "status" in changes:
            values.update(_state(changes["status"]))
        if not values:
            return
        self._call("PATCH", self._path, values)


def _state(word: str) -> dict[str, str]:
    return {"state": OPEN} if word == OPEN else {"state": "closed", "state_reason": word}
