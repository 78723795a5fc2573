"""The imitated Gitea as the lab plays with it: it acts as its people and sees as they see."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hub.core.database import Clock
from hub.core.values import DeliveryValue, FarComment, FarItem, Refused
from hub.lab.gitea import PEOPLE, Account, Gitea
from hub.lab.gitea.forge import Comment, Issue, Repository, Wrong

SECRET = "a-hook-secret-for-the-lab"  # noqa: S105 - of an imitation
HOME, RENAMED = "grp/app", "grp/renamed"
HOOK = "http://hub.invalid/in/lab"
# What people there do not see: our marks, and what keeps names and numbers from calling anybody.
UNSEEN = re.compile(r"<!-- hub:v1 id=\S+ -->\n?|(?<=[@#!])\u200d")


class GiteaImitation:
    """Fulfils the lab's protocol of an imitation."""

    settings: Mapping[str, Any] = MappingProxyType({"base_url": "https://gitea.test", "repository": HOME})
    secrets: Mapping[str, str] = MappingProxyType({"token": "hub-token", "hook_secret": SECRET})
    accounts = PEOPLE
    states = ("open", "closed")
    fields = ("title", "body", "status", "assignee", "labels")
    logged = ("title", "status", "assignee")
    quirks = frozenset({"silent", "skew"})
    breaches = 0

    def __init__(self, clock: Clock) -> None:
        """``clock`` gives the time; the server's own may go wrong."""
        self._clock = clock
        self._off = dt.timedelta(0)
        self.gitea = Gitea(clock=self)
        self.application = self.gitea.app
        self.reset()

    def now(self) -> dt.datetime:
        """The server's own clock."""
        return self._clock.now() + self._off

    def reset(self) -> None:
        """Forget every issue, fault and delivery."""
        self._off = dt.timedelta(0)
        self.gitea.forget()
        (home,) = self.gitea.forge.repositories.values()
        # A pull request takes the first number: it must never be taken for an issue.
        self.gitea.forge.create(home, Account("anna"), {"title": "A pull request"}, pull=True)
        self.gitea.hooks.add(home.id, HOOK, SECRET, ["issues", "issue_comment"])

    def see(self, ref: str) -> FarItem | None:
        """The issue in the words of the plugin's ``fetch``."""
        home = self._home()
        issue = home.issues.get(int(ref))
        if issue is None:
            return None
        forge = self.gitea.forge
        values = {
            "title": issue.title,
            "body": _seen(issue.body),
            "status": issue.state,
            "assignee": next(iter(issue.assignees), None),
            "labels": frozenset(forge.label_name(home, number) for number in issue.labels),
        }
        comments = tuple(FarComment(str(c.id), c.author, _seen(c.body)) for c in issue.comments.values())
        return FarItem(ref, "", values, str(issue.updated), comments)

    def items(self) -> list[str]:
        """The references of all issues."""
        return [str(issue.number) for issue in self._home().issues.values() if not issue.pull]

    def edit(self, ref: str, who: str, field: str, value: Any) -> None:
        """Somebody changes one field on the page."""
        home, issue, forge, person = self._home(), self._issue(ref), self.gitea.forge, Account(who)
        if field == "labels":
            wanted = [forge.label_id(home, name) for name in sorted(value)]
            forge.label(home, issue, [one for one in issue.labels if one not in wanted], False, who)
            forge.label(home, issue, wanted, True, who)
            return
        if field == "assignee":
            values: dict[str, Any] = {"assignees": [value] if value else []}
        elif field == "status":
            values = {"state": value}
        elif field == "body":
            # Whoever edits has the mark before them and leaves it; browsers send CRLF.
            values = {"body": (_mark(issue.body) + value).replace("\n", "\r\n")}
        else:
            values = {field: value}
        try:
            forge.change(home, issue, person, values)
        except Wrong as wrong:
            raise Refused(wrong.message, [field]) from None

    def say(self, ref: str, who: str, text: str) -> str:
        """Somebody comments."""
        return str(self.gitea.forge.comment(self._home(), self._issue(ref), who, text).id)

    def edit_comment(self, ref: str, comment: str, who: str, text: str) -> None:
        """Somebody changes a comment and leaves its mark."""
        said = self._comment(ref, comment)
        forge = self.gitea.forge
        forge.edit_comment(self._home(), self._issue(ref), said, who, _mark(said.body) + text)

    def delete_comment(self, ref: str, comment: str, who: str) -> None:
        """Somebody takes a comment away."""
        self.gitea.forge.delete_comment(self._home(), self._issue(ref), self._comment(ref, comment), who)

    def delete(self, ref: str) -> None:
        """Somebody deletes the issue."""
        self.gitea.forge.delete(self._home(), self._issue(ref))

    def move(self, ref: str) -> str:
        """An issue stays in its repository; somebody renames that one."""
        home = self._home()
        self.gitea.forge.rename(home, RENAMED if home.name == HOME else HOME)
        return ref

    def deliveries(self) -> list[DeliveryValue]:
        """The hooks it has sent."""
        return self.gitea.hooks.take()

    def ail(self, quirk: str) -> None:
        """``silent``: the next write changes nothing; ``skew``: the clock is two minutes ahead."""
        if quirk == "silent":
            self.gitea.faults.next("change_nothing")
        elif quirk == "skew":
            self._off = dt.timedelta(minutes=2)

    def heal(self) -> None:
        """Work as one should; a clock that is wrong stays so."""
        self.gitea.faults.clear()

    def close(self) -> None:
        """Nothing is held."""

    def _home(self) -> Repository:
        return next(iter(self.gitea.forge.repositories.values()))

    def _issue(self, ref: str) -> Issue:
        return self._home().issues[int(ref)]

    def _comment(self, ref: str, comment: str) -> Comment:
        return self._issue(ref).comments[int(comment)]


def _mark(text: str) -> str:
    return next((found[0] for found in UNSEEN.finditer(text) if found[0][0] == "<"), "")


def _seen(text: str) -> str:
    return UNSEEN.sub("", text.replace("\r\n", "\n"))
