"""Comments of issues: at Cloud the mark is a property of the comment, at Data Center an unseen anchor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from hub.plugins.jira.client import Client, issue_path
from hub.plugins.jira.errors import NotThere, record, rows, words
from hub.plugins.jira.reading import PROPERTY, account_of, comment_of, is_restricted, mark_in
from hub.plugins.jira.texts import Markup
from hub.plugins.jira.writing import made
from hub.sdk import FarComment

MOST_KNOWN = 10_000


class Talk:
    """The comments of one Jira."""

    def __init__(self, client: Client, markup: Markup) -> None:
        """``markup`` is how texts are written there."""
        self._client = client
        self._markup = markup
        self._me: str | None = None
        # Marks never change, so each is asked for once.
        self._marks: dict[str, str | None] = {}

    def comments(self, ref: str, issue: Mapping[str, Any]) -> tuple[FarComment, ...]:
        """Those that everybody who sees the issue may read, oldest first.

        An issue names its comments, or the first of many, but not their properties: they are read by
        themselves only where one is new.
        """
        listed = record(record(issue.get("fields")).get("comment"))
        found = rows(listed.get("comments"))
        if listed.get("total") != len(found) or not self._know(found):
            expand = {"expand": "properties"} if self._client.cloud else {}
            found = list(self._client.pages(issue_path(ref, "comment"), "comments", **expand))
        return tuple(
            comment_of(one, self._mark(one), self._markup)
            for one in found
            if words(one.get("id")) and not is_restricted(one)
        )

    def _know(self, comments: Iterable[Mapping[str, Any]]) -> bool:
        return not self._client.cloud or all(words(one.get("id")) in self._marks for one in comments)

    def _mark(self, comment: Mapping[str, Any]) -> str | None:
        if not self._client.cloud:
            return None  # it stands in the text
        number = words(comment.get("id"))
        if number not in self._marks:
            if len(self._marks) >= MOST_KNOWN:
                self._marks.clear()
            self._marks[number] = self._read(comment, number)
        return self._marks[number]

    def _read(self, comment: Mapping[str, Any], number: str) -> str | None:
        if "properties" in comment:
            return mark_in(comment["properties"])
        # Not every site lists the properties: then those of our own comments are asked for.
        ours = account_of(comment.get("author"), True) == self.myself()
        return self._asked(number) if ours else None

    def _asked(self, number: str) -> str | None:
        try:
            answer = record(self._client.get(f"/comment/{number}/properties/{PROPERTY}"))
        except NotThere:
            return None
        return mark_in([answer])

    def myself(self) -> str:
        """The account we write with; empty where Jira does not say."""
        if self._me is None:
            self._me = account_of(self._client.get("/myself"), self._client.cloud) or ""
        return self._me

    def add(self, ref: str, text: str, mark: str) -> str:
        """Say something; gives the comment's number."""
        return made(lambda: self._client.post(issue_path(ref, "comment"), self._body(text, mark)))

    def edit(self, ref: str, comment: str, text: str, mark: str) -> None:
        """Change what was said."""
        with suppress(NotThere):
            self._client.put(issue_path(ref, "comment", comment), self._body(text, mark))

    def delete(self, ref: str, comment: str) -> None:
        """Take it away."""
        with suppress(NotThere):
            self._client.delete(issue_path(ref, "comment", comment))

    def _body(self, text: str, mark: str) -> dict[str, Any]:
        body = self._markup.there(text)
        if not self._client.cloud:
            return {"body": f"{body}\n\n{{anchor:hub-{mark}}}"}
        return {"body": body, "properties": [{"key": PROPERTY, "value": {"id": mark}}]}
