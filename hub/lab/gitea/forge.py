"""The imitation's memory: repositories, issues, labels, comments. People act here without HTTP.

Its quirks: the clock knows whole seconds; pull requests stand among the issues and share their numbers;
labels have numbers and must be there before they are given; whoever may not write has labels and assignees
dropped without a word; an issue with open dependencies cannot be closed; texts edited on the page come back
with CRLF; a comment that is taken away leaves nothing behind, not even a later time of its issue.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.core.database import Clock, SystemClock

PEOPLE = ("mei", "jonas", "lin", "anna")
BOT = "hub-bot"
LONGEST_TITLE, LONGEST_LABEL = 255, 50


class Wrong(Exception):
    """What it does not take."""

    def __init__(self, status: int, message: str) -> None:
        """As it answers."""
        super().__init__(message)
        self.status, self.message = status, message


@dataclass
class Account:
    """Somebody with a token."""

    login: str
    push: bool = True
    admin: bool = True


@dataclass
class Comment:
    """A comment on an issue."""

    id: int
    author: str
    body: str
    created: int
    updated: int


@dataclass
class Issue:
    """An issue or, with ``pull``, a pull request."""

    id: int
    number: int
    author: str
    title: str
    body: str
    created: int
    updated: int
    pull: bool = False
    state: str = "open"
    labels: list[int] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    comments: dict[int, Comment] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    depends_on: list[int] = field(default_factory=list)


@dataclass
class Repository:
    """A repository; its id outlives its name."""

    id: int
    name: str
    issues: dict[int, Issue] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    has_issues: bool = True
    archived: bool = False
    readable: bool = True
    numbers: int = 0


class Forge:
    """Everything the imitation knows. ``told`` is called with event, action, repository and issue."""

    def __init__(self, clock: Clock | None = None, people: Iterable[str] = PEOPLE) -> None:
        """One repository, ``grp/app``; one token, ``hub-token``, of the account ``hub-bot``."""
        self.clock = clock or SystemClock()
        self.people = (*people, BOT)
        self.told: Callable[..., None] = lambda event, action, repository, issue, **more: None
        self.forget()

    def forget(self) -> None:
        """Be as new."""
        self._ids = itertools.count(101)
        self.tokens = {"hub-token": Account(BOT)}
        self.names: dict[str, int] = {}
        self.repositories: dict[int, Repository] = {}
        # Labels of the organisation: every repository of it may use them.
        self.org_labels: dict[int, str] = {}
        self.add_repository("grp/app")

    def now(self) -> int:
        """Its clock: whole seconds."""
        return int(self.clock.now().timestamp())

    def add_repository(self, name: str) -> Repository:
        """A new repository; an old name that led elsewhere is its own now."""
        made = Repository(next(self._ids), name)
        self.repositories[made.id] = made
        self.names[name.lower()] = made.id
        return made

    def rename(self, repository: Repository, name: str) -> None:
        """Give a repository another name; the old one leads to it."""
        repository.name = name
        self.names[name.lower()] = repository.id

    # ---- labels ----

    def add_label(self, repository: Repository, name: Any) -> int:
        """Make a label; two of one name are two labels."""
        if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_LABEL:
            raise Wrong(422, "[Name]: Required")
        made = next(self._ids)
        repository.labels[made] = name
        return made

    def label_name(self, repository: Repository, number: int) -> str:
        """What a label of the repository or its organisation is called."""
        return repository.labels.get(number) or self.org_labels[number]

    def label_id(self, repository: Repository, name: str) -> int:
        """The label of this name; people on the page make what is missing."""
        known = {**repository.labels, **self.org_labels}
        return next((one for one, called in known.items() if called == name), 0) or self.add_label(
            repository, name
        )

    def label(
        self, repository: Repository, issue: Issue, numbers: Iterable[int], add: bool, who: str
    ) -> None:
        """Give labels, or take them away."""
        wanted = [one for one in numbers if one in repository.labels or one in self.org_labels]
        if add:
            issue.labels += [one for one in wanted if one not in issue.labels]
        else:
            issue.labels = [one for one in issue.labels if one not in wanted]
        self._tell(repository, issue, who, "issues", "label_updated")

    # ---- issues ----

    def create(
        self, repository: Repository, who: Account, values: Mapping[str, Any], pull: bool = False
    ) -> Issue:
        """Make an issue."""
        title, body = values.get("title"), values.get("body") or ""
        self._check(title, body)
        assignees = self._assignable(values.get("assignees") or ()) if who.push else []
        known = {**repository.labels, **self.org_labels}
        labels = [one for one in values.get("labels") or () if one in known] if who.push else []
        repository.numbers += 1
        now = self.now()
        issue = Issue(next(self._ids), repository.numbers, who.login, str(title), body, now, now, pull)
        issue.labels = labels
        repository.issues[issue.number] = issue
        self._assign(issue, who.login, assignees)
        if values.get("closed"):
            issue.state = "closed"
        self._tell(repository, issue, who.login, "issues", "opened")
        return issue

    def change(self, repository: Repository, issue: Issue, who: Account, values: Mapping[str, Any]) -> None:
        """Change fields, as PATCH does; what is not named stays."""
        self._check(values.get("title") or issue.title, values.get("body") or "")
        state = values.get("state", issue.state)
        if state not in ("open", "closed"):
            raise Wrong(412, f"unknown state: {state}")
        if state == "closed" != issue.state and any(
            repository.issues[one].state == "open" for one in issue.depends_on
        ):
            raise Wrong(412, "cannot close this issue because it still has open dependencies")
        if values.get("title") and values["title"] != issue.title:
            self._log(issue, who.login, "change_title", old_title=issue.title, new_title=values["title"])
            issue.title = values["title"]
        if "body" in values:
            issue.body = values["body"] or ""
        if "assignees" in values and who.push:
            self._assign(issue, who.login, self._assignable(values["assignees"] or ()))
        if state != issue.state:
            issue.state = state
            self._log(issue, who.login, "close" if state == "closed" else "reopen")
        self._tell(repository, issue, who.login, "issues", "edited")

    def comment(self, repository: Repository, issue: Issue, who: str, body: Any) -> Comment:
        """Say something."""
        if not isinstance(body, str) or not body.strip():
            raise Wrong(422, "[Body]: Required")
        made = Comment(next(self._ids), who, body, self.now(), self.now())
        issue.comments[made.id] = made
        self._tell(repository, issue, who, "issue_comment", "created", made)
        return made

    def edit_comment(
        self, repository: Repository, issue: Issue, comment: Comment, who: str, body: str
    ) -> None:
        """Change what was said: the comment has a new time, its issue has not."""
        before, comment.body, comment.updated = issue.updated, body, self.now()
        self._tell(repository, issue, who, "issue_comment", "edited", comment)
        issue.updated = before

    def delete_comment(self, repository: Repository, issue: Issue, comment: Comment, who: str) -> None:
        """Take it away."""
        before = issue.updated
        del issue.comments[comment.id]
        self._tell(repository, issue, who, "issue_comment", "deleted", comment)
        issue.updated = before

    def delete(self, repository: Repository, issue: Issue) -> None:
        """Delete an issue: its number leads nowhere from now on."""
        del repository.issues[issue.number]
        self.told("issues", "deleted", repository, issue, who=BOT)

    def _assign(self, issue: Issue, who: str, wanted: Iterable[str]) -> None:
        named = list(dict.fromkeys(wanted))
        for login in [one for one in issue.assignees if one not in named]:
            self._log(issue, who, "assignees", assignee={"login": login}, removed_assignee=True)
        for login in [one for one in named if one not in issue.assignees]:
            self._log(issue, who, "assignees", assignee={"login": login}, removed_assignee=False)
        issue.assignees = named

    def _assignable(self, logins: Iterable[str]) -> list[str]:
        for login in logins:
            if login not in self.people:
                raise Wrong(422, f"Assignee does not exist: [name: {login}]")
        return list(logins)

    def _check(self, title: Any, body: Any) -> None:
        if not isinstance(title, str) or not title.strip() or len(title) > LONGEST_TITLE:
            raise Wrong(422, "[Title]: Required")
        if not isinstance(body, str):
            raise Wrong(422, "[Body]: string expected")

    def _log(self, issue: Issue, who: str, kind: str, **more: Any) -> None:
        entry = {"id": next(self._ids), "type": kind, "user": {"login": who}, "at": self.now(), **more}
        issue.entries.append(entry)

    def _tell(
        self,
        repository: Repository,
        issue: Issue,
        who: str,
        event: str,
        action: str,
        comment: Comment | None = None,
    ) -> None:
        issue.updated = self.now()
        self.told(event, action, repository, issue, who=who, comment=comment)
