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
from hub.sdk import Recent, Refused, moment

# More than Jira's index usually lags, and more than twice the minute of Data Center's JQL.
OVERLAP = dt.timedelta(minutes=5)
# Where Jira does not say in which zone it reads a time: the one whose clocks are the furthest behind.
LATEST_ZONE = ZoneInfo("Etc/GMT+12")
MOST_ISSUES = 5000
EVER = dt.datetime.fromtimestamp(0, dt.UTC)
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
        since = _moment(cursor)
        found = self._changed(since, CHUNK)
        if len(found) >= CHUNK and _latest(found) == since:
            found = self._changed(since, MOST_ISSUES)  # so many changed in the same minute
            if _latest(found) == since:
                return list(found), None
        latest = _latest(found)
        return list(found), _millis(latest) if latest and len(found) >= CHUNK else None

    def changed(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """Ids of the issues changed since the cursor (milliseconds at first), and the next cursor."""
        place = Recent.read(cursor) or Recent(_moment(cursor) or EVER)
        since = place.since if place.since > EVER else None
        try:
            found = self._changed(since, MOST_ISSUES)
        except Refused:
            if not self._strays:
                raise
            # Jira refuses a list that names an issue which is gone.
            self._strays.clear()
            found = self._changed(since, MOST_ISSUES)
        if not found:
            return [], cursor
        # A change may be listed late; but where so many changed at once, going on comes first. Data
        # Center's minute brings what is older than we asked for: we know it.
        overlap = OVERLAP if len(found) < MOST_ISSUES else dt.timedelta(0)
        refs, place = place.take([(ref, at) for ref, at in found.items() if at >= place.since], overlap)
        return refs, place.written()

    def _changed(self, since: dt.datetime | None, most: int) -> dict[str, dt.datetime]:
        """Ids and times of so many of the issues changed since, the oldest change first."""
        wanted = f"{self._project}{self._narrowed}"
        if self._strays:
            wanted = f"(({wanted}) OR id in ({', '.join(self._strays)}))"
        if since is not None:
            wanted += f" AND updated >= {self._when(since)}"
        found: dict[str, dt.datetime] = {}
        for issue in self._issues(f"{wanted} ORDER BY updated ASC, key ASC"):
            if ref := words(issue.get("id")):
                found[ref] = moment(record(issue.get("fields")).get("updated")) or since or EVER
            if len(found) >= most:
                break
        return found

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
            return _millis(since)
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


def _latest(found: Mapping[str, dt.datetime]) -> dt.datetime | None:
    return max(found.values(), default=None)


def _millis(at: dt.datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _moment(cursor: str | None) -> dt.datetime | None:
    if not cursor or not (cursor.isascii() and cursor.isdigit()):
        return None
    return dt.datetime.fromtimestamp(int(cursor) / 1000, dt.UTC)


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(words(name) or LATEST_ZONE.key)
    except (ValueError, OSError, LookupError):
        return LATEST_ZONE
