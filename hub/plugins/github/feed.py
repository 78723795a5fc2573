"""What changed in a repository since the last look: lists by time of change, each with its ETag.

A 304 costs nothing of the limit. Deleted issues do not appear: the hub looks at each link by itself, too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.plugins.github.client import PER_PAGE, next_page
from hub.plugins.github.place import Place
from hub.sdk import moment

# ``since`` knows whole seconds, and what is written together need not be seen together.
OVERLAP = dt.timedelta(seconds=60)
# How far the first look goes back: links may be older than it.
FIRST = dt.timedelta(hours=1)
# Pages shift while they are read; so often a long list is read again until nothing new appears.
READINGS = 5
Rows = list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Feed:
    """Where we stand in one list."""

    since: str
    etag: str | None = None
    # Of the rows that the overlap brings again.
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where we stand in a repository; ``repository`` is its number, which outlives its name."""

    repository: int | None = None
    issues: Feed | None = None
    comments: Feed | None = None

    @classmethod
    def read(cls, text: str | None) -> Cursor:
        """The cursor that was stored; one that cannot be read starts anew."""
        try:
            known = json.loads(text or "{}")
            feeds = [Feed(*known[name]) if known.get(name) else None for name in ("issues", "comments")]
            return cls(known.get("repository"), *feeds)
        except (ValueError, TypeError, AttributeError):
            return cls()

    def written(self) -> str:
        """The form in which the hub keeps it."""
        feeds = {"issues": self.issues, "comments": self.comments}
        kept = {name: [feed.since, feed.etag, feed.digest] for name, feed in feeds.items() if feed}
        return json.dumps({"repository": self.repository, **kept})


def first(place: Place) -> Feed | None:
    """Where to begin: a little before the last change; None where there is no issue yet."""
    params = {"state": "all", "sort": "updated", "direction": "desc", "per_page": 1}
    rows = place.call("GET", "/issues", params=params).json()
    last = moment(rows[0].get("updated_at")) if isinstance(rows, list) and rows else None
    return Feed(_stamp(last - FIRST)) if last else None


def read(place: Place, path: str, feed: Feed, **params: Any) -> tuple[Rows, Feed]:
    """The rows changed since, and where we stand now."""
    asked = {**params, "since": feed.since, "sort": "updated", "direction": "asc", "per_page": 100}
    found: dict[tuple[Any, Any], Mapping[str, Any]] = {}
    for _ in range(READINGS):
        answer = place.call("GET", path, params=asked, etag=None if found else feed.etag)
        if answer.status == 304:
            return [], feed
        known = len(found)
        for page in place.pages(answer):
            found.update(((row.get("id"), row.get("updated_at")), row) for row in page)
        if next_page(answer) is None:
            return _taken(feed, list(found.values()), answer.headers.get("ETag"))
        if len(found) == known:
            return _taken(feed, list(found.values()), None)
    return list(found.values()), feed


def page(place: Place, path: str, cursor: str | None, **params: Any) -> tuple[Rows, str | None]:
    """One page of a list by time of change, and the cursor behind it; None at the end.

    Going on from the last time seen: what is deleted meanwhile shifts nothing, what changes comes again.
    """
    since, _, number = (cursor or "").partition(" ")
    asked = {**params, "sort": "updated", "direction": "asc", "per_page": PER_PAGE, "page": number or "1"}
    answer = place.call("GET", path, params={**asked, **({"since": since} if since else {})}).json()
    rows: Rows = answer if isinstance(answer, list) else []
    if len(rows) < PER_PAGE:
        return rows, None
    last = str(rows[-1].get("updated_at") or since)
    # A whole page of one second: the next one begins there, too.
    return rows, f"{last} 1" if last != since else f"{since} {int(number or 1) + 1}"


def _taken(feed: Feed, rows: Rows, etag: str | None) -> tuple[Rows, Feed]:
    """What of a whole list is new, and where to go on."""
    times = [at for row in rows if (at := moment(row.get("updated_at")))]
    if not times:
        # The tag belongs to the address, and the time is part of it.
        return rows, Feed(feed.since, etag)
    if _digest(rows) == feed.digest:
        # A look later the last minute is as it was: whatever comes now is later.
        return [], Feed(_stamp(max(times) + dt.timedelta(seconds=1)))
    since = max(_stamp(max(times) - OVERLAP), feed.since)
    again = [row for row in rows if str(row.get("updated_at")) >= since]
    return rows, Feed(since, None, _digest(again))


def _digest(rows: Rows) -> str:
    seen = sorted(f"{row.get('id')} {row.get('updated_at')}" for row in rows)
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16]


def _stamp(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def numbers(rows: Rows) -> list[str]:
    """The issues among these rows of issues or comments; pull requests are no issues."""
    refs = []
    for row in rows:
        if "issue_url" in row:
            refs.append(str(row["issue_url"]).rpartition("/")[2])
        elif "number" in row and "pull_request" not in row:
            refs.append(str(row["number"]))
    return list(dict.fromkeys(ref for ref in refs if ref.isdigit()))
