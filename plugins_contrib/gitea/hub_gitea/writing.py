"""Changes on their way into one issue: only what changed, and never more than was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hub.sdk import Refused, SetChange, mark_in
from hub_gitea.client import Denied, NotThere, Row, thing
from hub_gitea.place import Place
from hub_gitea.reading import ESCAPING, Reader, logins
from hub_gitea.settings import STATES, GiteaSettings


class Writer:
    """Writes into the issues of one repository."""

    def __init__(self, place: Place, reader: Reader, settings: GiteaSettings) -> None:
        """``settings`` say what becomes of a label that is not there."""
        self._place, self._reader, self._settings = place, reader, settings

    def write(self, number: int, changes: Mapping[str, Any]) -> None:
        """Write these fields. What may be refused is a call of its own, by the name of its field."""
        path = f"/issues/{number}"
        before = thing(self._place.call("GET", path))
        if "labels" in changes:
            _named("labels", lambda: self._change_labels(path, before, changes["labels"]))
        if "assignee" in changes:
            wanted = self._reader.assigned(logins(before), changes["assignee"])
            _named("assignee", lambda: self._patch(path, {"assignees": wanted}))
        if "status" in changes:
            if changes["status"] not in STATES:
                raise Refused(f"Gitea has no state {changes['status']}", ["status"])
            _named("status", lambda: self._patch(path, {"state": changes["status"]}))
        values: dict[str, Any] = {"title": changes["title"]} if "title" in changes else {}
        if "body" in changes:
            # The mark stays where a person left it standing.
            values["body"] = text(changes["body"], mark_in(str(before.get("body") or "")))
        if values:
            self._patch(path, values)

    def label_ids(self, names: Iterable[str]) -> list[int]:
        """The numbers of these labels, of the repository or its organisation; makes what is missing."""
        wanted = sorted(names)
        if not wanted:
            return []
        known: dict[str, int] = {}
        for row in self._labels():
            known.setdefault(str(row["name"]), int(row["id"]))
        return [known[name] if name in known else self._made(name) for name in wanted]

    def _labels(self) -> Iterable[Row]:
        yield from self._place.rows("/labels")
        try:
            yield from self._place.client.rows(f"/orgs/{self._place.name.partition('/')[0]}/labels")
        except (NotThere, Denied):
            return  # a person's repository, or an organisation that keeps to itself

    def _made(self, name: str) -> int:
        if not self._settings.make_labels:
            raise Refused(f"the repository has no label “{name}”", ["labels"])
        values = {"name": name, "color": self._settings.label_color}
        try:
            return int(thing(self._place.call("POST", "/labels", json=values))["id"])
        except (NotThere, KeyError, TypeError, ValueError):
            raise Refused(f"the label “{name}” could not be made", ["labels"]) from None

    def _change_labels(self, path: str, before: Row, change: SetChange) -> None:
        # Adding and taking away by their numbers: a list of all would undo what others do meanwhile.
        if change.add:
            self._place.call("POST", f"{path}/labels", json={"labels": self.label_ids(change.add)})
        for row in before.get("labels") or ():
            if row.get("name") in change.remove:
                try:
                    self._place.call("DELETE", f"{path}/labels/{int(row['id'])}")
                except NotThere:
                    continue  # somebody took it away already

    def _patch(self, path: str, values: Mapping[str, Any]) -> None:
        thing(self._place.call("PATCH", path, json=values))


def text(written: str, mark: str | None) -> str:
    """A text as it may stand there, with its mark."""
    return ESCAPING.marked(written, mark) if mark else ESCAPING.outward(written)


def _named(field: str, write: Callable[[], None]) -> None:
    try:
        write()
    except Denied as no:
        raise Refused(no.reason, [field]) from None
