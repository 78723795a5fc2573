"""Where a connection's repository is: found by its name, followed by its number when it is renamed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from hub.plugins.github.answers import Elsewhere, Hidden, NotThere, Unusable
from hub.plugins.github.client import PER_PAGE, Client
from hub.sdk import HttpAnswer, Refused, Retry

_REF = re.compile(r"(?:(?P<repository>[\w.-]+/[\w.-]+))?#?(?P<number>[0-9]{1,12})")
_ISSUE = re.compile(r"/(?P<repository>(?:[\w.-]+/)?[\w.-]+)/issues/(?P<number>[0-9]{1,12})/?$")


@dataclass(frozen=True, slots=True)
class Address:
    """An issue: its number, and its repository where that is another one."""

    number: int
    repository: str | None = None

    @property
    def ref(self) -> str:
        """How a link names it: ``12``, or ``owner/name#12`` after it was moved."""
        return f"{self.repository}#{self.number}" if self.repository else str(self.number)


class Place:
    """One repository. Every call looks for it again when GitHub says that it went elsewhere."""

    def __init__(self, client: Client, name: str, number: int | None = None) -> None:
        """``name`` is ``owner/name`` as set; ``number`` is the repository's id where it is known."""
        self._client = client
        self._set_name = name
        self.name = name
        self.number = number
        self._looked = False

    def look(self) -> Mapping[str, Any]:
        """Read the repository and learn its present name; its number stays what it was."""
        try:
            found = self._client.get(f"/repos/{self._set_name}")
            if self.number is not None and found.get("id") != self.number:
                # Somebody gave the old name to a new repository: ours goes by its number.
                found = self._client.get(f"/repositories/{self.number}")
        except NotThere as missing:
            raise Hidden(self._set_name, missing.message) from None
        except Elsewhere:
            raise Unusable("root", f"GitHub leads from {self._set_name} to nowhere") from None
        name, number = found.get("full_name"), found.get("id")
        if not isinstance(name, str) or name.count("/") != 1 or not isinstance(number, int):
            raise Retry("GitHub did not say which repository it is")
        self.name, self.number, self._looked = name, number, True
        return found

    def call(self, method: str, path: str, address: Address | None = None, **request: Any) -> HttpAnswer:
        """One call below the repository, or below that of ``address``."""
        if address is not None and address.repository:
            return self._client.call(method, f"/repos/{address.repository}{path}", **request)
        if not self._looked:
            self.look()
        before = self.name
        try:
            return self._client.call(method, f"/repos/{before}{path}", **request)
        except Elsewhere:
            self.look()
            if self.name == before:
                raise
            return self._client.call(method, f"/repos/{self.name}{path}", **request)

    def rows(self, path: str, address: Address | None = None, **params: Any) -> Iterator[Mapping[str, Any]]:
        """All rows of a list below the repository."""
        for page in self.pages(self.call("GET", path, address, params={"per_page": PER_PAGE, **params})):
            yield from page

    def pages(self, answer: HttpAnswer) -> Iterator[list[Mapping[str, Any]]]:
        """The rows of this answer and of the pages behind it."""
        return self._client.pages(answer)

    def address(self, ref: str) -> Address:
        """The issue that a reference names: ``12``, ``#12``, ``owner/name#12`` or an issue's page."""
        found = _REF.fullmatch(ref.strip()) or _ISSUE.search(urlsplit(ref.strip()).path)
        if found is None:
            raise Refused(f"“{ref}” names no issue; write its number")
        return self._address(found["repository"], int(found["number"]))

    def moved(self, url: str) -> Address | None:
        """Where the address of a moved issue leads; None where the token may not see it."""
        try:
            issue = self._client.get(url)
        except (NotThere, Elsewhere):
            return None
        found = _ISSUE.search(urlsplit(str(issue.get("url", ""))).path)
        return self._address(found["repository"], int(found["number"])) if found else None

    def _address(self, repository: str | None, number: int) -> Address:
        ours = {self.name.lower(), self._set_name.lower(), None}
        return Address(number, None if (repository and repository.lower()) in ours else repository)
