"""Jira's issues, comments and change log in the hub's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from hub.plugins.jira import planned
from hub.plugins.jira.errors import record, rows, words
from hub.plugins.jira.texts import Markup
from hub.sdk import OPTIONAL_FIELDS, FarChange, FarComment, Refused, moment

LABEL = "hub-"
PROPERTY = "hub.ref"
OUR_LABEL = re.compile(r"hub-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ANCHOR = re.compile(r"\s*\{anchor:hub-([0-9a-zA-Z-]{1,64})\}\s*$")
# Jira's names in its change log and ours.
FIELDS = {
    "summary": "title",
    "description": "body",
    "status": "status",
    "assignee": "assignee",
    "labels": "labels",
    **planned.FIELDS,
}


def account_of(user: Any, cloud: bool) -> str | None:
    """What addresses a user: the account id at Cloud, the name at Data Center."""
    return words(record(user).get("accountId" if cloud else "name")) or None


def values_of(issue: Mapping[str, Any], markup: Markup, cloud: bool) -> dict[str, Any]:
    """The canonical fields of an issue."""
    fields = issue.get("fields")
    if not isinstance(fields, dict) or not isinstance(fields.get("summary"), str):
        raise Refused("Jira's answer holds no issue")
    status = status_of(issue)
    if not status:
        raise Refused("Jira's answer holds no status")
    labels = fields.get("labels")
    named = [label for label in labels if isinstance(label, str)] if isinstance(labels, list) else []
    return {
        "title": fields["summary"],
        "body": markup.here(fields.get("description")),
        "status": status,
        "assignee": account_of(fields.get("assignee"), cloud),
        "labels": without_mark(named),
        **planned.read(fields),
    }


def without_mark(labels: Iterable[str]) -> frozenset[str]:
    """The labels that people see; the hub's own stay with the hub."""
    return frozenset(label for label in labels if label and not OUR_LABEL.fullmatch(label))


def version_of(issue: Mapping[str, Any]) -> str:
    """The number of the last entry of the change log."""
    return str(max((number_of(entry) for entry in entries_of(issue)), default=0))


def entries_of(issue: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of the change log that came with an issue."""
    return rows(record(issue.get("changelog")).get("histories"))


def number_of(entry: Mapping[str, Any]) -> int:
    """The number of an entry, which grows with time; 0 where it has none."""
    number = words(entry.get("id"))
    return int(number) if number.isascii() and number.isdigit() else 0


def status_of(issue: Mapping[str, Any]) -> str:
    """The status the issue has now."""
    return words(record(record(issue.get("fields")).get("status")).get("name"))


def changes_of(
    entries: Iterable[Mapping[str, Any]], since: int, markup: Markup, cloud: bool, me: str = ""
) -> list[FarChange]:
    """The entries after this one, oldest first, as changes of canonical fields; ``me`` is our account."""
    kept = sorted((entry for entry in entries if number_of(entry) > since), key=number_of)
    names = _names(kept)
    found: list[FarChange] = []
    for entry in kept:
        author, at = words(record(entry.get("author")).get("displayName")), moment(entry.get("created"))
        foreign = bool(me) and account_of(entry.get("author"), cloud) not in (None, me)
        for item in rows(entry.get("items")):
            field = FIELDS.get(words(item.get("fieldId")) or words(item.get("field")))
            if field is None:
                continue
            if field == "assignee":
                account = words(item.get("to")) or None
                if account and not cloud:
                    # Data Center's log holds the key of a user; whose name nobody told is left out.
                    if account not in names:
                        continue
                    account = names[account]
                found.append(FarChange(field, account, author, at, foreign))
            elif field in OPTIONAL_FIELDS:
                found.append(FarChange(field, planned.logged(field, item), author, at, foreign))
            else:
                value = _value(field, words(item.get("toString")), markup)
                found.append(FarChange(field, value, author, at, foreign))
    return found


def _names(entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    authors = [record(entry.get("author")) for entry in entries]
    return {words(one.get("key")): words(one.get("name")) for one in authors if one.get("key")}


def _value(field: str, text: str, markup: Markup) -> Any:
    if field == "labels":
        return without_mark(text.split())
    if field == "body":
        # The log holds wiki text in both editions; what reads back otherwise is seen as nobody's.
        from hub.plugins.jira.texts import WIKI

        return markup.kept(WIKI.here(text))
    return text


def is_restricted(comment: Mapping[str, Any]) -> bool:
    """Only some may see it: such a comment stays in Jira."""
    return bool(comment.get("visibility")) or comment.get("jsdPublic") is False


def comment_of(comment: Mapping[str, Any], mark: str | None, markup: Markup) -> FarComment:
    """A comment; at Data Center its mark stands at its end."""
    body = comment.get("body")
    if isinstance(body, str) and (anchor := ANCHOR.search(body)):
        body, mark = body[: anchor.start()], anchor[1]
    author = words(record(comment.get("author")).get("displayName"))
    return FarComment(
        words(comment.get("id")), author, markup.here(body), moment(comment.get("created")), mark
    )


def mark_in(properties: Any) -> str | None:
    """The mark among a comment's properties."""
    for one in rows(properties):
        if one.get("key") == PROPERTY:
            return words(record(one.get("value")).get("id")) or None
    return None
