"""The imitation's memory: repositories, issues, comments, events. People act here without HTTP.

Its quirks: the clock knows whole seconds; pull requests stand among the issues; labels are made when they are
first used; whoever may not push has labels and assignees dropped without a word; deleted and transferred
issues leave a stone behind; texts edited on the page come back with CRLF.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from hub.core.database import Clock, SystemClock

PEOPLE = ("mei", "jonas", "lin", "anna")
BOT = "hub-bot"
REASONS = ("completed", "not_planned", "duplicate", "reopened")
LONGEST_BODY, LONGEST_TITLE, LONGEST_LABEL = 65_536, 256, 50


class Wrong(Exception):
    """A value GitHub does not take."""

    def __init__(self, resource: str, name: str, code: str = "invalid") -> None:
        """As the 422 says it."""
        super().__init__(f"{resource}.{name}: {code}")
        self.errors = [{"resource": resource, "field": name, "code": code}]


@dataclass
class Account:
    """Somebody with a token: what may it do?"""

    login: str
    push: bool = True
    admin: bool = True
    scopes: str | None = "repo"


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
    reason: str | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    comments: dict[int, Comment] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    deleted: bool = False
    moved_to: tuple[int, int] | None = None  # the id of a repository, and the number there


@dataclass
class Repository:
    """A repository; its id outlives its name."""

    id: int
    name: str
    has_issues: bool = True
    private: bool = False
    archived: bool = False
    readable: bool = True
    issues: dict[int, Issue] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


class Forge:
    """Everything the imitation knows. ``told`` is called with event, action, repository and issue."""

    def __init__(self, clock: Clock | None = None, people: Iterable[str] = PEOPLE) -> None:
        """One repository, ``octo/app``; one token, ``hub-token``, of the account ``hub-bot``."""
        self.clock = clock or SystemClock()
        self.people = (*people, BOT)
        self.lock = threading.RLock()
        self.told: Callable[..., None] = lambda event, action, repository, issue, **more: None
        # Whether somebody who cannot be assigned is refused (422) or dropped; both have been seen.
        self.strict_assignees = False
        self.forget()

    def forget(self) -> None:
        """Be as new."""
        self._ids = itertools.count(1001)
        self.tokens = {"hub-token": Account(BOT)}
        self.names: dict[str, int] = {}
        self.repositories: dict[int, Repository] = {}
        self.add_repository("octo/app")

    def now(self) -> int:
        """GitHub's clock: whole seconds."""
        return int(self.clock.now().timestamp())

    # ---- repositories ----

    def add_repository(self, name: str) -> Repository:
        """A new repository."""
        made = Repository(next(self._ids), name)
        self.repositories[made.id] = made
        self.names[name.lower()] = made.id
        return made

    def repository(self, name: str) -> Repository:
        """The repository that has or had this name; raises ``KeyError`` where there is none."""
        return self.repositories[self.names[name.lower()]]

    def rename(self, repository: Repository, name: str) -> None:
        """Give a repository another name; the old one leads to it until somebody takes it."""
        repository.name = name
        self.names[name.lower()] = repository.id

    # ---- issues ----

    def create(
        self, repository: Repository, who: Account, values: dict[str, Any], pull: bool = False
    ) -> Issue:
        """Make an issue."""
        with self.lock:
            title, body = values.get("title"), values.get("body") or ""
            self._check(title, body)
            issue = Issue(
                next(self._ids),
                len(repository.issues) + 1,
                who.login,
                str(title),
                body,
                self.now(),
                self.now(),
                pull,
            )
            wanted = self._assignable(values.get("assignees") or ()) if who.push else []
            labels = self._labels(repository, values.get("labels") or ()) if who.push else []
            repository.issues[issue.number] = issue
            issue.labels = labels
            for login in wanted:
                self._assign(issue, who.login, login)
            self._tell(repository, issue, who.login, "opened")
            return issue

    def change(self, repository: Repository, issue: Issue, who: Account, values: dict[str, Any]) -> None:
        """Change fields, as PATCH does."""
        with self.lock:
            self._check(values.get("title", issue.title), values.get("body") or "")
            state, reason = values.get("state", issue.state), values.get("state_reason")
            if state not in ("open", "closed") or reason not in (*REASONS, None):
                raise Wrong("Issue", "state")
            if "assignees" in values and who.push:
                for login in set(issue.assignees) ^ set(self._assignable(values["assignees"])):
                    self.assign(repository, issue, who, [login], login not in issue.assignees)
            if "labels" in values and who.push:
                issue.labels = self._labels(repository, values["labels"])
            if "title" in values and values["title"] != issue.title:
                self._log(issue, who.login, "renamed", rename={"from": issue.title, "to": values["title"]})
                issue.title = str(values["title"])
            if "body" in values:
                issue.body = values["body"] or ""
            if state != issue.state:
                # A reason without a change of the state is ignored.
                issue.state = state
                issue.reason = (reason or "completed") if state == "closed" else "reopened"
                more = {"state_reason": issue.reason} if state == "closed" else {}
                self._log(issue, who.login, "closed" if state == "closed" else "reopened", **more)
            self._tell(repository, issue, who.login, "edited")

    def label(
        self, repository: Repository, issue: Issue, who: Account, names: Iterable[str], add: bool
    ) -> None:
        """Add labels, which are made where they are missing, or take them away."""
        with self.lock:
            if add:
                wanted = self._labels(repository, names)
                issue.labels += [name for name in wanted if name not in issue.labels]
            else:
                issue.labels = [name for name in issue.labels if name not in set(names)]
            self._tell(repository, issue, who.login, "labeled" if add else "unlabeled")

    def assign(
        self, repository: Repository, issue: Issue, who: Account, logins: Iterable[str], add: bool
    ) -> None:
        """Assign people, or take the issue from them; who cannot be assigned is left out silently."""
        with self.lock:
            if not who.push:
                return
            for login in logins:
                if add and login in self.people and login not in issue.assignees:
                    self._assign(issue, who.login, login)
                elif not add and login in issue.assignees:
                    issue.assignees.remove(login)
                    self._log(issue, who.login, "unassigned", assignee={"login": login})
            self._tell(repository, issue, who.login, "assigned" if add else "unassigned")

    def comment(self, repository: Repository, issue: Issue, who: str, body: str) -> Comment:
        """Say something."""
        with self.lock:
            self._check(issue.title, body)
            if not body:
                raise Wrong("IssueComment", "body", "missing_field")
            made = Comment(next(self._ids), who, body, self.now(), self.now())
            issue.comments[made.id] = made
            self._tell(repository, issue, who, "created", made)
            return made

    def edit_comment(
        self, repository: Repository, issue: Issue, comment: Comment, who: str, body: str
    ) -> None:
        """Change what was said."""
        with self.lock:
            self._check(issue.title, body)
            comment.body, comment.updated = body, self.now()
            self._tell(repository, issue, who, "edited", comment)

    def delete_comment(self, repository: Repository, issue: Issue, comment: Comment, who: str) -> None:
        """Take it away: the issue's own time does not move."""
        with self.lock:
            before = issue.updated
            del issue.comments[comment.id]
            self._tell(repository, issue, who, "deleted", comment)
            issue.updated = before

    def delete(self, repository: Repository, issue: Issue) -> None:
        """Delete an issue; its number leads to 410 from now on."""
        with self.lock:
            issue.deleted = True
            self.told("issues", "deleted", repository, issue, who=BOT)

    def transfer(self, repository: Repository, issue: Issue, to: Repository) -> Issue:
        """Move an issue to another repository; its old number leads there."""
        with self.lock:
            moved = Issue(**{**vars(issue), "number": len(to.issues) + 1, "events": list(issue.events)})
            to.issues[moved.number] = moved
            issue.moved_to = (to.id, moved.number)
            self.told("issues", "transferred", repository, issue, who=BOT)
            return moved

    def _assign(self, issue: Issue, who: str, login: str) -> None:
        issue.assignees.append(login)
        self._log(issue, who, "assigned", assignee={"login": login})

    def _assignable(self, logins: Iterable[str]) -> list[str]:
        if self.strict_assignees and not set(logins) <= set(self.people):
            raise Wrong("Issue", "assignees")
        return [login for login in logins if login in self.people]

    def _labels(self, repository: Repository, names: Iterable[str]) -> list[str]:
        wanted = []
        for name in names:
            if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_LABEL:
                raise Wrong("Label", "name", "too_long")
            # The same name in other letters is the same label.
            wanted.append(repository.labels.setdefault(name.lower(), name))
        return list(dict.fromkeys(wanted))

    def _check(self, title: Any, body: Any) -> None:
        if not isinstance(title, str) or not title.strip():
            raise Wrong("Issue", "title", "missing_field")
        if len(title) > LONGEST_TITLE:
            raise Wrong("Issue", "title", "too_long")
        if not isinstance(body, str) or len(body) > LONGEST_BODY:
            raise Wrong("Issue", "body", "too_long")

    def _log(self, issue: Issue, who: str, event: str, **more: Any) -> None:
        at = self.now()
        issue.events.append(
            {"id": next(self._ids), "event": event, "actor": {"login": who}, "at": at, **more}
        )

    def _tell(
        self, repository: Repository, issue: Issue, who: str, action: str, comment: Comment | None = None
    ) -> None:
        issue.updated = self.now()
        event = "issue_comment" if comment else "pull_request" if issue.pull else "issues"
        self.told(event, action, repository, issue, who=who, comment=comment)
