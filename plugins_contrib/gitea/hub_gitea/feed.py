"""What changed in a repository since the last look: issues, and what was said on them.

Neither list can be had by time of change from every server: all pages since a time are read, until a second
reading brings nothing new. Deleted issues and comments do not appear: the hub looks at each link by itself.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.sdk import Recent, moment
from hub_gitea.client import PER_PAGE, Row, has_next, listed
from hub_gitea.place import Place

ISSUES = {"state": "all", "type": "issues"}
# The clock knows whole seconds; and what is written together need not be seen together.
OVERLAP = dt.timedelta(seconds=30)
# How far the first look goes back: links may be older than it.
FIRST = dt.timedelta(hours=1)
# Pages shift while they are read; so often a list of several is read again until nothing new appears.
READINGS = 5


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where we stand in a repository; ``repository`` is its number, which outlives its name."""

    repository: int | None = None
    issues: Recent | None = None
    comments: Recent | None = None

    @classmethod
    def read(cls, text: str | None) -> Cursor:
        """The cursor that was stored; one that cannot be read starts anew."""
        try:
            known = json.loads(text or "{}")
            number = known.get("repository")
            feeds = [Recent.read(known.get(name)) for name in ("issues", "comments")]
            return cls(number if isinstance(number, int) else None, *feeds)
        except (ValueError, TypeError, AttributeError):
            return cls()

    def written(self) -> str:
        """The form in which the hub keeps it."""
        feeds = {"issues": self.issues, "comments": self.comments}
        kept = {name: feed.written() for name, feed in feeds.items() if feed}
        return json.dumps({"repository": self.repository, **kept})


def first(place: Place) -> Recent | None:
    """Where to begin: before the last change of the newest issue; None where there is no issue yet."""
    rows = listed(place.call("GET", "/issues", params={**ISSUES, "limit": 1}))
    last = moment(rows[0].get("updated_at")) if rows else None
    return Recent(last - FIRST) if last else None


def changed(place: Place, path: str, feed: Recent, **params: str) -> tuple[Sequence[str], Recent]:
    """The issues in a list of issues or comments that changed since, and where we stand then."""
    asked = {**params, "since": feed.since.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    found: set[tuple[str, dt.datetime]] = set()
    for _ in range(READINGS):
        known, read = len(found), list(place.rows(path, **asked))
        found.update(_changes(read))
        if len(read) < PER_PAGE or len(found) == known:
            break
    return feed.take(sorted(found, key=lambda row: row[1]), OVERLAP)


def _changes(rows: Sequence[Row]) -> Iterator[tuple[str, dt.datetime]]:
    for row in rows:
        at = moment(row.get("updated_at"))
        # A comment on a pull request names no issue.
        ref = str(row["issue_url"] or "").rpartition("/")[2] if "issue_url" in row else str(row["number"])
        if at is not None and ref.isascii() and ref.isdigit() and not row.get("pull_request"):
            yield ref, at


def page(place: Place, cursor: str | None) -> tuple[Sequence[str], str | None]:
    """One page of all issues, and the cursor behind it; None at the end.

    The newest issue comes first, so that new ones push others to later pages; where one was deleted
    meanwhile the page before is read again.
    """
    number, _, total = (cursor or "1 0").partition(" ")
    at, before = max(int(number), 1), int(total or 0)
    answer = place.call("GET", "/issues", params={**ISSUES, "page": at, "limit": PER_PAGE})
    count = answer.headers.get("X-Total-Count", "")
    now = int(count) if count.isascii() and count.isdigit() else before
    rows = listed(answer)
    refs = [str(int(row["number"])) for row in rows if not row.get("pull_request")]
    if at > 1 and now < before:
        return refs, f"{at - 1} {now}"
    return refs, f"{at + 1} {now}" if rows and has_next(answer) else None
