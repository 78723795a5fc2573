"""The imitated GitHub as the lab plays with it: it acts as its people and sees as they see."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hub.core.database import Clock
from hub.core.values import DeliveryValue, FarComment, FarItem, Refused
from hub.lab.faults import FaultKind
from hub.lab.github import PEOPLE, Account, GitHub
from hub.lab.github.forge import Comment, Issue, Repository, Wrong

SECRET = "a-hook-secret-for-the-lab"  # noqa: S105 - of an imitation
HOME, OTHER = "octo/app", "octo/archive"
HOOK = "http://hub.invalid/in/lab"
LIMITS: Mapping[str, FaultKind] = {
    "secondary": "secondary",
    "secondary_bare": "secondary_bare",
    "primary": "primary",
}
# What people there do not see: our marks, and what keeps names and numbers from calling anybody.
UNSEEN = re.compile(r"<!-- hub:v1 id=\S+ -->\n?|(?<=[@#])\u200d")


class GitHubImitation:
    """Fulfils the lab's protocol of an imitation."""

    settings: Mapping[str, Any] = MappingProxyType({"api_url": "https://api.github.test", "repository": HOME})
    secrets: Mapping[str, str] = MappingProxyType({"token": "hub-token", "hook_secret": SECRET})
    accounts = PEOPLE
    states = ("open", "completed", "not_planned")
    fields = ("title", "body", "status", "assignee", "labels")
    logged = ("title", "status", "assignee")
    quirks = frozenset({"silent", "skew", *LIMITS})

    def __init__(self, clock: Clock) -> None:
        """``clock`` gives the time; GitHub's own may go wrong."""
        self._clock = clock
        self._off = dt.timedelta(0)
        self._github = GitHub(clock=self)
        self.application = self._github.app
        self.reset()

    @property
    def breaches(self) -> int:
        """How often its limits were broken."""
        return self._github.door.breaches

    def now(self) -> dt.datetime:
        """GitHub's own clock."""
        return self._clock.now() + self._off

    def reset(self) -> None:
        """Forget every issue, fault and delivery."""
        self.heal()
        self._off = dt.timedelta(0)
        self._github.forget()
        self._github.forge.add_repository(OTHER)
        home = self._github.forge.repository(HOME)
        self._github.hooks.add(home.id, HOOK, SECRET, ["issues", "issue_comment"])
        self._github.hooks.take()  # its ping

    def see(self, ref: str) -> FarItem | None:
        """The issue in the words of the plugin's ``fetch``."""
        _home, issue, ref = self._find(ref)
        if issue is None:
            return None
        assignee = next(iter(issue.assignees), None)
        values = {
            "title": issue.title,
            "body": _seen(issue.body),
            "status": "open" if issue.state == "open" else issue.reason,
            "assignee": assignee,
            "labels": frozenset(issue.labels),
        }
        comments = tuple(FarComment(str(c.id), c.author, _seen(c.body)) for c in issue.comments.values())
        return FarItem(ref, "", values, str(issue.updated), comments)

    def items(self) -> list[str]:
        """The references of all issues that are there."""
        return [
            f"{home.name}#{issue.number}" if home.name == OTHER else str(issue.number)
            for home in self._github.forge.repositories.values()
            for issue in home.issues.values()
            if not issue.deleted and not issue.moved_to and not issue.pull
        ]

    def edit(self, ref: str, who: str, field: str, value: Any) -> None:
        """Somebody changes one field on the page."""
        home, issue, forge, person = *self._there(ref), self._github.forge, Account(who)
        if field == "assignee":
            forge.assign(home, issue, person, list(issue.assignees), False)
            forge.assign(home, issue, person, [value] if value else [], True)
        elif field == "labels":
            forge.label(home, issue, person, set(issue.labels) - value, False)
            forge.label(home, issue, person, sorted(value - set(issue.labels)), True)
        elif field == "status":
            if value != "open":  # on the page the reason of a closed issue can be changed, too
                forge.change(home, issue, person, {"state": "open"})
            reason = {} if value == "open" else {"state_reason": value}
            forge.change(home, issue, person, {"state": "open" if value == "open" else "closed", **reason})
        else:
            self._write(home, issue, person, field, value)

    def _write(self, home: Repository, issue: Issue, person: Account, field: str, value: str) -> None:
        if field == "body":
            # Whoever edits has the mark before them and leaves it; browsers send CRLF.
            mark = next((found[0] for found in UNSEEN.finditer(issue.body) if found[0][0] == "<"), "")
            value = (mark + value).replace("\n", "\r\n")
        try:
            self._github.forge.change(home, issue, person, {field: value})
        except Wrong as wrong:
            raise Refused(str(wrong), [field]) from None

    def say(self, ref: str, who: str, text: str) -> str:
        """Somebody comments."""
        home, issue = self._there(ref)
        return str(self._github.forge.comment(home, issue, who, text).id)

    def edit_comment(self, ref: str, comment: str, who: str, text: str) -> None:
        """Somebody changes a comment and leaves its mark."""
        home, issue, said = self._comment(ref, comment)
        mark = next((found[0] for found in UNSEEN.finditer(said.body) if found[0][0] == "<"), "")
        self._github.forge.edit_comment(home, issue, said, who, mark + text)

    def delete_comment(self, ref: str, comment: str, who: str) -> None:
        """Somebody takes a comment away."""
        self._github.forge.delete_comment(*self._comment(ref, comment), who)

    def delete(self, ref: str) -> None:
        """Somebody deletes the issue."""
        self._github.forge.delete(*self._there(ref))

    def move(self, ref: str) -> str:
        """Somebody transfers the issue to another repository."""
        home, issue = self._there(ref)
        if home.name == OTHER:
            return ref
        other = self._github.forge.repository(OTHER)
        return f"{OTHER}#{self._github.forge.transfer(home, issue, other).number}"

    def deliveries(self) -> list[DeliveryValue]:
        """What it has sent since the last call."""
        return self._github.hooks.take()

    def ail(self, quirk: str) -> None:
        """``silent``: a write changes nothing; ``skew``: two minutes ahead; the limits by their names."""
        if quirk == "skew":
            self._off = dt.timedelta(minutes=2)
        elif quirk == "silent":
            self._github.faults.next("change_nothing")
        elif quirk in LIMITS:
            self._github.faults.next(LIMITS[quirk])

    def heal(self) -> None:
        """Work as one should. Its clock stays ahead of ours: the one of GitHub never goes back."""
        self._github.faults.clear()

    def close(self) -> None:
        """There is nothing to give back."""

    def _find(self, ref: str) -> tuple[Repository, Issue | None, str]:
        name, _, number = ref.rpartition("#")
        home = self._github.forge.repository(name or HOME)
        issue = home.issues.get(int(number))
        if issue is not None and issue.moved_to:
            home = self._github.forge.repositories[issue.moved_to[0]]
            ref, issue = f"{home.name}#{issue.moved_to[1]}", home.issues[issue.moved_to[1]]
        return home, None if issue is None or issue.deleted else issue, ref

    def _there(self, ref: str) -> tuple[Repository, Issue]:
        home, issue, _ref = self._find(ref)
        if issue is None:
            raise LookupError(ref)
        return home, issue

    def _comment(self, ref: str, comment: str) -> tuple[Repository, Issue, Comment]:
        home, issue = self._there(ref)
        return home, issue, issue.comments[int(comment)]


def _seen(text: str) -> str:
    return UNSEEN.sub("", text.replace("\r\n", "\n"))
