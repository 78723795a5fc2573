"""The imitation's memory: issues, comments, change log, workflow. People act here without HTTP.

Its quirks: a status is reached by the transitions of now, some ask for a field; the log is the site's;
the search index lags; an issue keeps its number when it moves to another project.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.core.database import Clock
from hub.lab.jira.papers import Attachment, NotThere, Shelf, Worklog
from hub.lab.jira.prose import document, is_document, wiki

STATUSES = ("To Do", "In Progress", "Blocked", "Done", "Cancelled")
# From each status the transitions of now: (number, target, field it asks for).
WORKFLOW: Mapping[str, tuple[tuple[str, str, str | None], ...]] = {
    "To Do": (("11", "In Progress", None), ("41", "Cancelled", "resolution")),
    "In Progress": (("12", "To Do", None), ("21", "Blocked", None), ("31", "Done", "resolution")),
    "Blocked": (("11", "In Progress", None), ("41", "Cancelled", "resolution")),
    "Done": (("11", "In Progress", None),),
    "Cancelled": (("12", "To Do", None),),
}
PEOPLE = {"5b-mei": "梅 Mei", "5b-jonas": "Jonas", "5b-lin": "林 Lin", "5b-anna": "Anna"}
PRIORITIES = ("Highest", "High", "Medium", "Low", "Lowest")
BOT = "5b-hub-bot"
LONGEST_SUMMARY = 255


class Wrong(Exception):
    """Values that Jira does not take: field and reason."""

    def __init__(self, **errors: str) -> None:
        """The reasons by Jira's field names."""
        super().__init__(errors)
        self.errors = errors


@dataclass
class Comment:
    """A comment in Jira's own markup."""

    id: str
    author: str
    body: Any
    created: dt.datetime
    properties: list[dict[str, Any]] = field(default_factory=list)
    visibility: dict[str, Any] | None = None


@dataclass
class Issue:
    """An issue in Jira's own markup."""

    id: str
    key: str
    created: dt.datetime
    updated: dt.datetime
    summary: str = ""
    description: Any = None
    status: str = STATUSES[0]
    assignee: str | None = None
    labels: list[str] = field(default_factory=list)
    priority: str = "Medium"
    duedate: str | None = None
    # Seconds.
    timeoriginalestimate: int | None = None
    # The number of the issue it is a part of.
    parent: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    remote_links: dict[str, Any] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    worklogs: dict[str, Worklog] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    # What the index saw: (when, the time of the change, labels).
    indexed: list[tuple[dt.datetime, dt.datetime, tuple[str, ...]]] = field(default_factory=list)
    hidden: bool = False


class Site(Shelf):
    """Everything one Jira knows."""

    def __init__(self, clock: Clock, cloud: bool) -> None:
        """``cloud`` or Data Center."""
        self.clock = clock
        # What the index lags by: a clock that goes wrong does not make it later.
        self.steady = clock
        self.cloud = cloud
        self.people = dict(PEOPLE)
        # Told after each change: the event's name, the issue, the comment if it is about one, who.
        self.changed: Callable[[str, Issue, Comment | None, str], None] = lambda *_about: None
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.issues: dict[str, Issue] = {}
        self.lag = dt.timedelta(0)
        self.properties_listed = True
        self._numbers = 10_000

    def _number(self) -> str:
        self._numbers += 1
        return str(self._numbers)

    def find(self, ref: str) -> Issue:
        """The issue with this number, key or former key."""
        found = self.issues.get(ref) or next(
            (one for one in self.issues.values() if ref in (one.key, one.properties.get("former"))), None
        )
        if found is None or found.hidden:
            raise NotThere
        return found

    def native(self, text: str) -> Any:
        """Plain paragraphs as this edition holds them."""
        return document(text) if self.cloud else wiki(text)

    # ---- issues ----

    def create(self, who: str, values: Mapping[str, Any], project: str = "OPS") -> Issue:
        """Make an issue."""
        kept = self._clean({"summary": "", **values})
        now, number = self.clock.now(), self._number()
        made = Issue(number, f"{project}-{len(self.issues) + 1}", now, now)
        for name, value in kept.items():
            setattr(made, name, value)
        self.issues[number] = made
        self._touched(made, "jira:issue_created", None, who)
        return made

    def change(self, issue: Issue, who: str, values: Mapping[str, Any]) -> None:
        """Change fields, all or none; the same value again leaves no trace."""
        moved = {name: value for name, value in self._clean(values).items() if value != getattr(issue, name)}
        items = [self._item(name, getattr(issue, name), value) for name, value in moved.items()]
        for name, value in moved.items():
            setattr(issue, name, value)
        if items:
            self._log(issue, who, items)

    def go(self, issue: Issue, who: str, number: str, given: Mapping[str, Any]) -> None:
        """Take a transition, if it is possible now and has what it asks for."""
        for own, target, asked in WORKFLOW[issue.status]:
            if own == number:
                if asked and asked not in given:
                    raise Wrong(**{asked: f"{asked.title()} is required."})
                item = self._item("status", issue.status, target)
                issue.status = target
                self._log(issue, who, [item])
                return
        raise Wrong(transition="It is not on the list of transitions that are possible now")

    def delete(self, issue: Issue) -> None:
        """Take it away for good."""
        del self.issues[issue.id]
        self.changed("jira:issue_deleted", issue, None, "5b-anna")

    def move(self, issue: Issue, who: str, project: str) -> None:
        """Move it to another project: another key, the same number; the old key still leads there."""
        issue.properties["former"] = issue.key
        number = issue.key.partition("-")[2]
        item = {"field": "Key", "fieldId": "key", "fromString": issue.key, "toString": f"{project}-{number}"}
        issue.key = f"{project}-{number}"
        self._log(issue, who, [item])

    def _item(self, name: str, old: Any, new: Any) -> dict[str, Any]:
        from hub.lab.jira.prose import plain

        item = {"field": name, "fieldtype": "jira", "fieldId": name, "from": None, "to": None}
        if name == "assignee":
            item |= {"from": self.key_of(old), "to": self.key_of(new)}
            shown = [self.people.get(one, one) if one else None for one in (old, new)]
        elif name == "duedate":
            item |= {"from": old, "to": new}
            shown = [f"{one} 00:00:00.0" if one else None for one in (old, new)]
        elif name == "timeoriginalestimate":
            shown = [None if one is None else str(one) for one in (old, new)]
            item |= {"from": shown[0], "to": shown[1]}
        elif name == "labels":
            shown = [" ".join(old), " ".join(new)]
        elif name == "description":
            shown = [wiki(plain(one)) for one in (old, new)]
        else:
            shown = [old, new]
        return {**item, "fromString": shown[0], "toString": shown[1]}

    def key_of(self, account: str | None) -> str | None:
        """What the change log calls a user: Data Center has keys beside names."""
        return account if self.cloud or account is None else f"JIRAUSER-{account}"

    def _log(self, issue: Issue, who: str, items: list[dict[str, Any]]) -> None:
        issue.log.append({"id": self._number(), "author": who, "created": self.clock.now(), "items": items})
        self._touched(issue, "jira:issue_updated", None, who)

    def _touched(self, issue: Issue, event: str, comment: Comment | None, who: str) -> None:
        issue.updated = max(self.clock.now(), issue.created)
        issue.indexed.append((self.steady.now(), issue.updated, tuple(issue.labels)))
        self.changed(event, issue, comment, who)

    def _clean(self, values: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: copy.deepcopy(value) for name, value in values.items()}
        if "summary" in kept:
            summary = kept["summary"]
            if not isinstance(summary, str) or not summary.strip():
                raise Wrong(summary="You must specify a summary of the issue.")
            if len(summary) > LONGEST_SUMMARY:
                raise Wrong(summary="Summary must be less than 255 characters.")
            if "\n" in summary:
                raise Wrong(summary="The summary is invalid because it contains newline characters.")
            kept["summary"] = summary.strip()
        if "description" in kept:
            kept["description"] = self.text("description", kept["description"])
        if kept.get("assignee") not in (None, *self.people, BOT):
            raise Wrong(assignee=f"User '{kept['assignee']}' does not exist.")
        if kept.get("priority", PRIORITIES[0]) not in PRIORITIES:
            raise Wrong(priority="The priority selected is invalid.")
        if "labels" in kept:
            kept["labels"] = self._labels(kept["labels"])
        return kept

    @staticmethod
    def _labels(labels: Iterable[str]) -> list[str]:
        found = sorted(set(labels))
        for label in found:
            if not label or label.split() != [label]:
                raise Wrong(labels=f"The label '{label}' contains spaces which is invalid.")
        return found

    def text(self, name: str, value: Any) -> Any:
        """A long text, if this edition takes it."""
        if value is None or (isinstance(value, str) and not self.cloud):
            return value.replace("\r\n", "\n").strip() if value else None
        if not self.cloud or not is_document(value):
            raise Wrong(**{name: "Operation value must be an Atlassian Document (see the API documentation)"})
        return value if value["content"] else None

    # ---- comments ----

    def say(self, issue: Issue, who: str, body: Any, properties: Iterable[dict[str, Any]] = ()) -> Comment:
        """Comment."""
        made = Comment(self._number(), who, self._said(body), self.clock.now(), list(properties))
        issue.comments[made.id] = made
        self._touched(issue, "comment_created", made, who)
        return made

    def edit_comment(self, issue: Issue, comment: Comment, who: str, body: Any) -> None:
        """Change what was said."""
        comment.body = self._said(body)
        self._touched(issue, "comment_updated", comment, who)

    def delete_comment(self, issue: Issue, comment: Comment, who: str) -> None:
        """Take it away."""
        del issue.comments[comment.id]
        self._touched(issue, "comment_deleted", comment, who)

    def _said(self, body: Any) -> Any:
        kept = self.text("comment", body)
        if not kept:
            raise Wrong(comment="Comment body can not be empty!")
        return kept

    # ---- search ----

    def listed(self, fresh: Iterable[int]) -> list[tuple[Issue, dt.datetime, tuple[str, ...]]]:
        """What the index shows: the state of a while ago, but of these numbers the state of now."""
        wanted, horizon = {str(one) for one in fresh}, self.steady.now() - self.lag
        found = []
        for issue in self.issues.values():
            seen = [one for one in issue.indexed if one[0] <= horizon or issue.id in wanted]
            if seen and not issue.hidden:
                found.append((issue, *seen[-1][1:]))
        return found
