"""GitHub's issues, comments and events in the hub's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from hub.plugins.github.escaping import inward
from hub.sdk import FarChange, FarComment, FarItem, mark_in, moment

# An issue is open, or closed for one of these reasons; one without a reason counts as completed.
OPEN, COMPLETED = "open", "completed"
STATES = (OPEN, COMPLETED, "not_planned", "duplicate")
# GitHub takes a reason only together with a change of the state.
MOVES = {OPEN: STATES[1:], **dict.fromkeys(STATES[1:], (OPEN,))}
NOBODY = "ghost"  # the account that stands for deleted ones
# Two events of one call of ours may lie so far apart.
ONE_CALL = dt.timedelta(seconds=5)


class Reader:
    """Reads what GitHub says about issues."""

    def __init__(self, accounts: Collection[str], hidden: Collection[str]) -> None:
        """``accounts`` are those that stand for people here, ``hidden`` the labels that stay at GitHub."""
        self._accounts = {account.lower(): account for account in accounts}
        self._hidden = {label.lower() for label in hidden}

    def item(self, ref: str, issue: Mapping[str, Any], comments: Iterable[Mapping[str, Any]]) -> FarItem:
        """An issue with its comments."""
        fields = {
            "title": issue.get("title") or "",
            "body": inward(issue.get("body") or ""),
            "status": status(issue),
            "assignee": self.assignee(logins(issue)),
            "labels": self.labels(issue),
        }
        said = tuple(comment(row) for row in comments)
        return FarItem(ref, str(issue.get("html_url", "")), fields, str(issue.get("updated_at", "")), said)

    def assignee(self, assigned: Iterable[str]) -> str | None:
        """The one who stands for the hub's owner: somebody known here before anybody else."""
        named = [self._accounts.get(login.lower(), login) for login in assigned]
        known = [login for login in named if login.lower() in self._accounts]
        return next(iter(known or named), None)

    def replaced(self, assigned: Iterable[str], wanted: str | None) -> list[str]:
        """Whom to take from an issue so that ``wanted`` stands for the owner; strangers stay."""
        named = list(assigned)
        shown = self.assignee(named)
        return [
            login
            for login in named
            if login.lower() != (wanted or "").lower()
            and (login.lower() in self._accounts or login.lower() == (shown or "").lower())
        ]

    def labels(self, issue: Mapping[str, Any]) -> frozenset[str]:
        """The names of an issue's labels but for those that stay at GitHub."""
        rows = issue.get("labels") or ()
        names = [str(row.get("name", "")) if isinstance(row, dict) else str(row) for row in rows]
        return frozenset(name for name in names if name and name.lower() not in self._hidden)

    def changes(self, events: Iterable[Mapping[str, Any]], account: str | None = None) -> Iterator[FarChange]:
        """The title, state and owner that each event of an issue, oldest first, left behind.

        ``account`` is ours, where it is known.
        """
        assigned: list[str] = []
        kept = list(_without_detours(list(events), account))
        for event, after in zip(kept, [*kept[1:], {}], strict=False):
            kind, author, at = event.get("event"), login(event.get("actor")), moment(event.get("created_at"))
            foreign = account is not None and author.lower() not in (account.lower(), NOBODY)
            if kind == "renamed":
                yield FarChange("title", (event.get("rename") or {}).get("to"), author, at, foreign)
            elif kind == "reopened":
                yield FarChange("status", OPEN, author, at, foreign)
            elif kind == "closed" and event.get("state_reason"):
                # One that keeps its reason to itself would only be guessed at.
                yield FarChange("status", event["state_reason"], author, at, foreign)
            elif kind in ("assigned", "unassigned"):
                who, before = login(event.get("assignee")), self.assignee(assigned)
                assigned = [one for one in assigned if one != who] + [who] * (kind == "assigned")
                owner = self.assignee(assigned)
                # Who comes beside the owner replaces nobody. Of several owners one after the other is
                # taken away: nobody meant those between.
                beside = kind == "assigned" and owner == before
                if not beside and not _one_call(event, after, "unassigned", "unassigned"):
                    yield FarChange("assignee", owner, author, at, foreign)


def status(issue: Mapping[str, Any]) -> str:
    """An issue's state and its reason in one word."""
    if issue.get("state") != "closed":
        return OPEN
    return str(issue.get("state_reason") or COMPLETED)


def logins(issue: Mapping[str, Any]) -> list[str]:
    """Who is assigned to an issue."""
    return [login(row) for row in issue.get("assignees") or ()]


def comment(row: Mapping[str, Any]) -> FarComment:
    """A comment and the mark it carries."""
    text = row.get("body") or ""
    author, at = login(row.get("user")), moment(row.get("created_at"))
    return FarComment(str(row.get("id")), author, inward(text), at, mark_in(text))


def login(user: Any) -> str:
    """The name of an account; GitHub shows deleted ones as nothing or as a ghost."""
    return str(user.get("login") or NOBODY) if isinstance(user, dict) else NOBODY


def _without_detours(events: list[Mapping[str, Any]], account: str | None) -> Iterator[Mapping[str, Any]]:
    # To change the reason of a closed issue it is opened and closed: nobody meant the state between.
    # Ours stays: we keep each step, and without it what somebody did before the first of ours would
    # look as if it had been done between the two.
    for event, after in zip(events, [*events[1:], {}], strict=False):
        ours = account is not None and login(event.get("actor")).lower() == account.lower()
        if ours or not _one_call(event, after, "reopened", "closed"):
            yield event


def _one_call(event: Mapping[str, Any], after: Mapping[str, Any], first: str, second: str) -> bool:
    """Whether these two kinds of event follow each other as one account's doing."""
    began, ended = moment(event.get("created_at")), moment(after.get("created_at"))
    return (
        (event.get("event"), after.get("event")) == (first, second)
        and login(event.get("actor")) == login(after.get("actor"))
        and began is not None
        and ended is not None
        and ended - began <= ONE_CALL
    )
