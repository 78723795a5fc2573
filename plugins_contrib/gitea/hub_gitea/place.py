"""Where a connection's repository is: found by its name, followed by its number when it is renamed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from hub.sdk import HttpAnswer, Refused, Retry
from hub_gitea.client import Client, Elsewhere, NotThere, Row, listed

_REF = re.compile(r"#?([0-9]{1,12})")
_PAGE = re.compile(r"/([\w.-]+/[\w.-]+)/issues/([0-9]{1,12})/?$")


class Hidden(Refused):
    """The repository is not there, or the token may not see it: the server does not say which."""

    def __init__(self, name: str) -> None:
        """``name`` is the repository's."""
        super().__init__(f"there is no repository {name}, or the token may not see it")


class Place:
    """One repository. Every call looks for it again when it went elsewhere."""

    def __init__(self, client: Client, name: str, number: int | None = None) -> None:
        """``name`` is ``owner/name`` as set; ``number`` is the repository's id where it is known."""
        self.client = client
        self._set_name = name
        self.name = name
        self.number = number
        self._looked = False

    def look(self) -> Row:
        """Read the repository and learn its present name; its number stays what it was."""
        found = self._by_name()
        if self.number is not None and found.get("id") != self.number:
            # Renamed, or somebody gave the old name to a new repository: ours goes by its number.
            found = self._found(f"/repositories/{self.number}")
        name, number = found.get("full_name"), found.get("id")
        if not isinstance(name, str) or name.count("/") != 1 or not isinstance(number, int):
            raise Retry("Gitea did not say which repository it is")
        self.name, self.number, self._looked = name, number, True
        return found

    def _by_name(self) -> Row:
        try:
            return self.client.get(f"/repos/{self._set_name}")
        except NotThere:
            if self.number is None:
                raise Hidden(self._set_name) from None
            return {}
        except Elsewhere as moved:
            return self._found(f"/repos/{moved.name}") if moved.name else {}

    def _found(self, path: str) -> Row:
        try:
            return self.client.get(path)
        except NotThere:
            raise Hidden(self._set_name) from None

    def call(self, method: str, path: str, **request: Any) -> HttpAnswer:
        """One call below the repository."""
        if not self._looked:
            self.look()
        before = self.name
        try:
            return self.client.call(method, f"/repos/{before}{path}", **request)
        except Elsewhere:
            self.look()
            if self.name == before:
                raise
            return self.client.call(method, f"/repos/{self.name}{path}", **request)

    def rows(self, path: str, **params: Any) -> Iterator[Row]:
        """All rows of a list below the repository."""
        if not self._looked:
            self.look()
        try:
            yield from self.client.rows(f"/repos/{self.name}{path}", **params)
        except Elsewhere:
            self.look()
            raise Retry("the repository moves") from None

    def whole(self, path: str) -> list[Row]:
        """A list below the repository that has no pages."""
        return listed(self.call("GET", path))

    def issue(self, ref: str) -> int:
        """The number of the issue that a reference names: ``12``, ``#12`` or an issue's page."""
        if found := _REF.fullmatch(ref.strip()):
            return int(found[1])
        page = _PAGE.search(urlsplit(ref.strip()).path)
        if page is None or page[1].lower() not in (self.name.lower(), self._set_name.lower()):
            raise Refused(f"“{ref}” names no issue of {self.name}; write its number")
        return int(page[2])
