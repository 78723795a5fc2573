"""Gitea's issues, comments and time line in the hub's words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from hub.sdk import MENTION, NUMBER, Escaping, FarChange, FarComment, FarItem, mark_in, moment
from hub_gitea.settings import OPEN

# ``!12`` links a pull request.
ESCAPING = Escaping(MENTION, NUMBER, r"!(?=\u200d*[0-9])")
# Two entries of one call of ours may lie so far apart.
ONE_CALL = dt.timedelta(seconds=5)
NOBODY = "Ghost"  # the account that stands for deleted ones
STATES_OF = {"close": "closed", "reopen": OPEN}


class Reader:
    """Reads what the server says about issues."""

    def __init__(self, accounts: Collection[str]) -> None:
        """``accounts`` are those that stand for people here."""
        self._accounts = {account.lower(): account for account in accounts}

    def item(self, ref: str, issue: Mapping[str, Any], comments: Iterable[Mapping[str, Any]]) -> FarItem:
        """An issue with its comments, oldest first."""
        fields = {
            "title": str(issue["title"]),
            "body": ESCAPING.inward(issue.get("body") or ""),
            "status": str(issue["state"]),
            "assignee": self.assignee(logins(issue)),
            "labels": frozenset(str(row["name"]) for row in issue.get("labels") or ()),
        }
        said = tuple(comment(row) for row in sorted(comments, key=lambda row: int(row["id"])))
        return FarItem(ref, str(issue.get("html_url") or ""), fields, str(issue["updated_at"]), said)

    def assignee(self, assigned: Iterable[str]) -> str | None:
        """The one who stands for the hub's owner: somebody known here before anybody else."""
        named = [self._accounts.get(login.lower(), login) for login in assigned]
        return next((login for login in named if login.lower() in self._accounts), next(iter(named), None))

    def assigned(self, before: Iterable[str], wanted: str | None) -> list[str]:
        """Who is to be assigned so that ``wanted`` stands for the owner; strangers stay."""
        named = list(before)
        shown = (self.assignee(named) or "").lower()
        others = [one for one in named if one.lower() not in self._accounts and one.lower() != shown]
        return [*others, *([wanted] if wanted is not None else [])]

    def changes(self, entries: Iterable[Mapping[str, Any]], account: str | None) -> Iterator[FarChange]:
        """The title, state and owner that each entry of a time line left behind, oldest first."""
        assigned: list[str] = []
        for entry, passing in _with_detours(sorted(entries, key=lambda entry: int(entry["id"]))):
            kind, author, at = entry.get("type"), login(entry.get("user")), moment(entry.get("created_at"))
            foreign = account is not None and author.lower() not in (account.lower(), NOBODY.lower())
            if kind == "change_title":
                yield FarChange("title", str(entry["new_title"]), author, at, foreign)
            elif kind in STATES_OF:
                yield FarChange("status", STATES_OF[kind], author, at, foreign)
            elif kind == "assignees" and entry.get("assignee"):
                who = login(entry["assignee"])
                assigned = [one for one in assigned if one != who]
                assigned += [] if entry.get("removed_assignee") else [who]
                if not passing:
                    yield FarChange("assignee", self.assignee(assigned), author, at, foreign)


def logins(issue: Mapping[str, Any]) -> list[str]:
    """Who is assigned to an issue."""
    return [login(row) for row in issue.get("assignees") or ()]


def comment(row: Mapping[str, Any]) -> FarComment:
    """A comment and the mark it carries."""
    text = str(row.get("body") or "")
    at = moment(row.get("created_at"))
    return FarComment(str(int(row["id"])), login(row.get("user")), ESCAPING.inward(text), at, mark_in(text))


def login(user: Any) -> str:
    """The name of an account."""
    return str(user.get("login") or NOBODY) if isinstance(user, dict) else NOBODY


def _with_detours(entries: list[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], bool]]:
    """Each entry, and whether it is only on the way: one call takes the old owner away, then adds the new."""
    following: Mapping[str, Any] = {}
    told: list[tuple[Mapping[str, Any], bool]] = []
    for entry in reversed(entries):
        if entry.get("type") != "assignees":
            told.append((entry, False))
            continue
        first, second = moment(entry.get("created_at")), moment(following.get("created_at"))
        same = bool(following) and login(entry.get("user")) == login(following.get("user"))
        told.append((entry, bool(same and first and second and second - first <= ONE_CALL)))
        following = entry
    return iter(told[::-1])
