"""Attachments and work logs of issues.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-attachments/ and
api-group-issue-worklogs/; Data Center has the same below ``/rest/api/2``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from hub.plugins.jira.client import Client, issue_path
from hub.plugins.jira.errors import NotThere, record, rows, words
from hub.plugins.jira.reading import is_restricted
from hub.plugins.jira.texts import Markup
from hub.plugins.jira.writing import made
from hub.sdk import FarFile, FarParent, FarWork, OutgoingFile, Refused, Retry, moment

FIELDS = ("attachment", "worklog", "parent")


def files_of(issue: Mapping[str, Any]) -> tuple[FarFile, ...]:
    """The attachments that an issue names."""
    return tuple(
        FarFile(
            words(one.get("id")),
            words(one.get("filename")) or words(one.get("id")),
            _whole(one.get("size")),
            words(record(one.get("author")).get("displayName")),
        )
        for one in rows(record(issue.get("fields")).get("attachment"))
        if words(one.get("id"))
    )


def parent_of(issue: Mapping[str, Any]) -> FarParent | None:
    """The epic or the issue that this one is a part of."""
    parent = record(record(issue.get("fields")).get("parent"))
    number, key = words(parent.get("id")), words(parent.get("key"))
    summary = words(record(parent.get("fields")).get("summary"))
    return FarParent(number, f"{key} {summary}".strip()[:200]) if number and key else None


class Papers:
    """What lies beside the issues of one Jira."""

    def __init__(self, client: Client, markup: Markup) -> None:
        """``markup`` is how texts are written there."""
        self._client = client
        self._markup = markup

    def work(self, ref: str, issue: Mapping[str, Any]) -> tuple[FarWork, ...]:
        """The time logged on an issue; an issue itself names the first twenty entries only."""
        listed = record(record(issue.get("fields")).get("worklog"))
        named, total = rows(listed.get("worklogs")), listed.get("total")
        if isinstance(total, int) and total > len(named):
            named = list(self._client.pages(issue_path(ref, "worklog"), "worklogs"))
        found = (self._entry(one) for one in named if words(one.get("id")) and not is_restricted(one))
        return tuple(one for one in found if one is not None)

    def _entry(self, one: Mapping[str, Any]) -> FarWork | None:
        began = moment(one.get("started")) or moment(one.get("created"))
        if began is None:
            return None
        # The day is the one it was for whoever logged it; Jira writes the zone along.
        day = _day(one.get("started")) or began.date()
        author = words(record(one.get("author")).get("displayName"))
        note = " ".join(self._markup.here(one.get("comment")).split())
        return FarWork(
            words(one.get("id")), author, day, round(_whole(one.get("timeSpentSeconds")) / 60), note
        )

    def add(self, ref: str, file: OutgoingFile) -> str:
        """Put a file to an issue; gives its number."""
        try:
            return made(lambda: (rows(self._client.upload(issue_path(ref, "attachments"), file)) or [{}])[0])
        except NotThere:
            raise Retry("the issue went while it was written") from None

    def read(self, file: str) -> bytes:
        """The bytes of an attachment."""
        try:
            if self._client.cloud:
                return self._client.download(f"/attachment/content/{file}")
            # Data Center tells the address of the bytes; a way by number there is not.
            return self._client.download(
                words(record(self._client.get(f"/attachment/{file}")).get("content"))
            )
        except NotThere:
            raise Refused("the attachment is gone") from None


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _day(value: Any) -> dt.date | None:
    try:
        return dt.datetime.fromisoformat(words(value)).date()
    except ValueError:
        return None
