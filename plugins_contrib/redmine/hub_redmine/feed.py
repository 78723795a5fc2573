"""Issues by time of change: paged by moving the time on, because whatever changes meanwhile shifts pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from hub.sdk import Recent, moment
from hub_redmine.client import MOST, Client, Row

# The clock knows whole seconds; and what is written together need not be seen together.
OVERLAP = dt.timedelta(seconds=30)
# How far the first look goes back: links may be older than it.
FIRST = dt.timedelta(hours=1)
# So many pages a look; the next one goes on.
PAGES = 100
BEGINNING = "2000-01-01T00:00:00Z"
Scope = Mapping[str, str]


def first(client: Client, scope: Scope) -> Recent | None:
    """Where to begin: a little before the last change; None where there is no issue yet."""
    rows = client.rows("/issues", "issues", **scope, sort="updated_on:desc", limit=1)
    last = moment(rows[0].get("updated_on")) if rows else None
    return Recent(last - FIRST) if last else None


def changed(client: Client, scope: Scope, since: dt.datetime) -> Iterator[tuple[str, dt.datetime]]:
    """The issues changed since, oldest change first."""
    cursor: str | None = f"{since.astimezone(dt.UTC).strftime('%Y-%m-%dT%H:%M:%SZ')} 0"
    for _ in range(PAGES):
        if cursor is None:
            return
        rows, cursor = page(client, scope, cursor)
        for row in rows:
            if at := moment(row.get("updated_on")):
                yield str(int(row["id"])), at


def page(client: Client, scope: Scope, cursor: str | None) -> tuple[list[Row], str | None]:
    """One page, and the cursor behind it: a time and how many of its second were read; None at the end."""
    since, _, text = (cursor or f"{BEGINNING} 0").partition(" ")
    offset = int(text or 0)
    rows = client.rows(
        "/issues",
        "issues",
        **scope,
        sort="updated_on,id",
        updated_on=f">={since}",
        limit=MOST,
        offset=offset,
    )
    if len(rows) < MOST:
        return rows, None
    last = str(rows[-1].get("updated_on") or since)
    return rows, f"{last} 0" if last != since else f"{since} {offset + MOST}"
