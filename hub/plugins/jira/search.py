"""Finding issues: by the mark in their labels, and by when they changed.

Cloud's search lags behind (developer.atlassian.com, "Search after write"): what was just written is
forced in by ``reconcileIssues``. Its old search is gone; Data Center has only that one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from hub.plugins.jira.client import MOST_PAGES, PAGE, Client
from hub.plugins.jira.errors import record, rows, words
from hub.sdk import Refused, moment

# More than Jira's index usually lags, and more than twice the minute of Data Center's JQL.
OVERLAP = dt.timedelta(minutes=5)
# Where Jira does not say in which zone it reads a time: the one whose clocks are the furthest behind.
LATEST_ZONE = ZoneInfo("Etc/GMT+12")
MOST_ISSUES = 5000
MOST_STRAYS = 50
# So many are listed at a time where the whole project is.
CHUNK = 500


class Search:
    """Searches of one project."""

    def __init__(self, client: Client, project: str, narrowed: str) -> None:
        """``narrowed`` is the connection's own JQL, or nothing."""
        self._client = client
        self._key = project
        self._project = f'project = "{project}"'
        self._narrowed = f" AND ({narrowed})" if narrowed.strip() else ""
        self._zone: ZoneInfo | None = None
        # Linked issues that were seen in another project: the project's own list has lost them.
        self._strays: dict[str, None] = {}

    def place(self, ref: str, key: str) -> None:
        """Told where an issue is: what left the project is still asked after."""
        self._strays.pop(ref, None)
        if key.rpartition("-")[0].upper() != self._key.upper():
            self._strays[ref] = None
            if len(self._strays) > MOST_STRAYS:
                del self._strays[next(iter(self._strays))]

    def lost(self, ref: str) -> None:
        """Told that an issue is no longer there."""
        self._strays.pop(ref, None)

    def labelled(self, label: str, fresh: Sequence[str]) -> list[str]:
        """Ids of the issues with this label, oldest first. ``fresh`` may be too new for the index."""
        found = self._issues(f'{self._project} AND labels = "{label}" ORDER BY created ASC', fresh)
        return sorted((words(issue.get("id")) for issue in found), key=lambda ref: (len(ref), ref))

    def scanned(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """Ids of some issues of the project by time of change, and the cursor; None when all were listed."""
        refs, following = self._changed(cursor, CHUNK)
        if following == cursor and len(refs) >= CHUNK:
            refs, following = self._changed(cursor, MOST_ISSUES)  # so many changed in the same minute
            return refs, None if following == cursor else following
        return refs, following if len(refs) >= CHUNK else None

    def changed(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """Ids of the issues changed since the cursor (milliseconds), and the next cursor."""
        try:
            return self._changed(cursor)
        except Refused:
            if not self._strays:
                raise
            # Jira refuses a list that names an issue which is gone.
            self._strays.clear()
            return self._changed(cursor)

    def _changed(self, cursor: str | None, most: int = MOST_ISSUES) -> tuple[Sequence[str], str | None]:
        since = _moment(cursor)
        wanted = f"{self._project}{self._narrowed}"
        if self._strays:
            wanted = f"(({wanted}) OR id in ({', '.join(self._strays)}))"
        if since is not None:
            wanted += f" AND updated >= {self._when(since)}"
        refs: dict[str, None] = {}
        last = since
        for issue in self._issues(f"{wanted} ORDER BY updated ASC, key ASC"):
            if ref := words(issue.get("id")):
                refs[ref] = None
            at = moment(record(issue.get("fields")).get("updated"))
            last = max(last or at, at) if at else last
            if len(refs) >= most:
                break
        if last is None:
            return list(refs), cursor
        # A change may be listed late; but where so many changed at once, going on comes first.
        back = last - OVERLAP if len(refs) < most else last
        return list(refs), str(int(max(back, since or back).timestamp() * 1000))

    def people(self) -> list[Mapping[str, Any]]:
        """The users on the last issues: Jira lists its users only to some."""
        jql = f"{self._project} ORDER BY updated DESC"
        found: list[Mapping[str, Any]] = []
        for number, issue in enumerate(self._issues(jql, fields="assignee,reporter")):
            fields = record(issue.get("fields"))
            found += [record(fields.get(name)) for name in ("assignee", "reporter")]
            if number + 1 >= PAGE:
                break
        return found

    def _when(self, since: dt.datetime) -> str:
        if self._client.cloud:
            return str(int(since.timestamp() * 1000))
        # Data Center reads minutes in the account's own zone.
        if self._zone is None:
            self._zone = _zone(record(self._client.get("/myself")).get("timeZone"))
        local = since.astimezone(self._zone)
        wall = local.replace(tzinfo=None)
        if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
            wall -= dt.timedelta(hours=1)  # the hour that comes twice: ask from the first of both
        return f'"{wall:%Y-%m-%d %H:%M}"'

    def _issues(
        self, jql: str, fresh: Sequence[str] = (), fields: str = "updated"
    ) -> Iterator[Mapping[str, Any]]:
        if not self._client.cloud:
            yield from self._client.pages("/search", "issues", jql=jql, fields=fields)
            return
        ids = [int(ref) for ref in fresh if ref.isascii() and ref.isdigit()] or None
        token: str | None = None
        for _ in range(MOST_PAGES):
            page = record(
                self._client.get(
                    "/search/jql",
                    jql=jql,
                    fields=fields,
                    maxResults=PAGE,
                    nextPageToken=token,
                    reconcileIssues=ids,
                )
            )
            yield from rows(page.get("issues"))
            token = words(page.get("nextPageToken")) or None
            if token is None or page.get("isLast") is True:
                return
        raise Refused("Jira's search does not end")


def _moment(cursor: str | None) -> dt.datetime | None:
    if not cursor or not (cursor.isascii() and cursor.isdigit()):
        return None
    return dt.datetime.fromtimestamp(int(cursor) / 1000, dt.UTC)


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(words(name) or LATEST_ZONE.key)
    except (ValueError, OSError, LookupError):
        return LATEST_ZONE
