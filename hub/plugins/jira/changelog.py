"""The change log of an issue: as the last look brought it along, or asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.plugins.jira.client import Client, issue_path
from hub.plugins.jira.errors import NotThere, record
from hub.plugins.jira.reading import changes_of, entries_of, number_of
from hub.plugins.jira.texts import Markup
from hub.sdk import FarChange

Entries = Sequence[Mapping[str, Any]]


class ChangeLog:
    """The logs of one Jira's issues."""

    def __init__(self, client: Client, markup: Markup, myself: Callable[[], str]) -> None:
        """``myself`` gives the account we write with."""
        self._client = client
        self._markup = markup
        self._myself = myself
        # The last issue that was read: its number, its log, and whether that is the whole of it.
        self._read: tuple[str, Entries, bool] = ("", (), False)

    def read(self, ref: str, issue: Mapping[str, Any]) -> None:
        """Told of an issue that was just read with its log; Cloud gives the newest forty entries of it."""
        entries, total = entries_of(issue), record(issue.get("changelog")).get("total")
        self._read = ref, entries, isinstance(total, int) and len(entries) >= total

    def after(self, ref: str, since: str | None) -> Sequence[FarChange]:
        """The changes after this version, as far as the look after it saw; all of them for None."""
        version = int(since) if since and since.isdigit() else 0
        entries = self._brought(ref, version) if since else None
        if entries is None:
            try:
                entries = self._asked(ref)
            except NotThere:
                return ()
        return changes_of(entries, version, self._markup, self._client.cloud, self._myself())

    def _brought(self, ref: str, version: int) -> Entries | None:
        """What the last look brought, if it was at this issue, saw news, and has all of them."""
        whose, entries, whole = self._read
        numbers = [number for one in entries if (number := number_of(one))]
        if whose != ref or max(numbers, default=0) <= version:
            return None
        # "Recent updates, starting from the most recent" (*Get issue*): all, where they reach back so far.
        return entries if whole or numbers[0] > version >= min(numbers) else None

    def _asked(self, ref: str) -> Entries:
        if self._client.cloud:
            return list(self._client.pages(issue_path(ref, "changelog"), "values"))
        return entries_of(record(self._client.get(issue_path(ref), fields="summary", expand="changelog")))
