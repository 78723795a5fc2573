"""Looking for what changed where nothing tells: page by page, a few a minute, round and round."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hub.plugins.worktile import reading
from hub.plugins.worktile.client import Client

SIZE = 100
MOST_PAGES = 200
# The clock knows seconds: looking back twice that misses nothing.
OVERLAP = 2
Row = Mapping[str, Any]


def every(client: Client, path: str) -> Iterator[Row]:
    """All rows of a list of the tenant API."""
    read = 0
    for at in range(MOST_PAGES):
        body = client.send("GET", path, page_index=at, page_size=SIZE)
        rows = reading.rows(body)
        read += len(rows)
        yield from rows
        if not rows or not reading.has_more(body, read):
            return


def _page(client: Client, at: int) -> tuple[list[Row], bool]:
    body = client.call("tasks", project_id=client.project, page_index=at, page_size=SIZE)
    rows = reading.rows(body)
    return rows, bool(rows) and reading.has_more(body, at * SIZE + len(rows))


def tasks(client: Client) -> Iterator[Row]:
    """All tasks of the project."""
    for at in range(MOST_PAGES):
        rows, more = _page(client, at)
        yield from rows
        if not more:
            return


def page(client: Client, cursor: str | None) -> tuple[Sequence[str], str | None]:
    """The tasks of one page, and which comes next; None at the end.

    All pages are read twice: a task that is deleted meanwhile pulls another one over to a page read already.
    """
    passed, _, number = (cursor or "0 0").partition(" ")
    at = int(number)
    rows, more = _page(client, at)
    following = f"{passed} {at + 1}" if more else "1 0" if passed == "0" else None
    return [ref for row in rows if (ref := reading.ref(row))], following


def look(client: Client, cursor: str | None, pages: int) -> tuple[Sequence[str], str]:
    """What changed on the next pages, and where to go on.

    The order of pages is not published and rows may move between them: so a pass tells what changed since
    the latest change seen in the pass *before the last*, and each change is told twice.
    """
    state = _state(cursor)
    at, since, top = state["page"], state["since"], state["top"]
    found: dict[str, None] = {}
    for _ in range(pages):
        rows, more = _page(client, at)
        for row in rows:
            updated = reading.moment(row.get("updated_at"))
            top = max(top, updated)
            # A task without a time may have changed.
            if reading.ref(row) and (not updated or updated >= since - OVERLAP):
                found[reading.ref(row)] = None
        at += 1
        if not more or at >= MOST_PAGES:
            state = {"page": 0, "since": state["last"], "top": 0, "last": max(top, state["last"])}
            return list(found), json.dumps(state)
    return list(found), json.dumps({**state, "page": at, "top": top})


def _state(cursor: str | None) -> dict[str, int]:
    start = {"page": 0, "since": 0, "top": 0, "last": 0}
    try:
        kept = json.loads(cursor or "{}")
    except ValueError:
        return start
    return {name: int(kept.get(name, 0)) for name in start} if isinstance(kept, dict) else start
