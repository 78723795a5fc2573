"""The imitation's memory: one project, its issues and their journals. People act here without HTTP.

What it does was seen at a Redmine 5.0: times in whole seconds; texts get CRLF, notes stay as they are; a
change of a note leaves the issue's time alone; a note that is emptied is gone, its journal too where it says
nothing else; each change is a journal, and the order in which they are shown is not promised.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.core.database import Clock

PROJECT, OTHER = "app", "archive"
BOT = 1
PEOPLE = {BOT: "Hub Bot", 5: "Mei", 6: "Jonas", 7: "Lin", 8: "Anna"}
STATUSES = {1: "New", 2: "In Progress", 3: "Resolved", 4: "Feedback", 5: "Closed", 6: "Rejected"}
CLOSED = {5, 6}
PRIORITIES = {1: "Low", 2: "Normal", 3: "High", 4: "Urgent", 5: "Immediate"}
# What the role of our account may do; people there may do everything.
FLOW = {1: {2, 4, 6}, 2: {1, 3, 4, 5, 6}, 3: {2, 5}, 4: {2, 5}, 5: {2}, 6: {1}}
MARK_FIELD = 7
LONGEST_SUBJECT = 255


class Wrong(Exception):
    """What it answers with 422."""

    def __init__(self, *errors: str) -> None:
        """In English."""
        super().__init__("; ".join(errors))
        self.errors = list(errors)


@dataclass
class Journal:
    """What was said and changed in one go."""

    id: int
    user: int
    at: int
    notes: str = ""
    private: bool = False
    details: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Issue:
    """One issue; ``values`` by the names of the API."""

    id: int
    author: int
    created: int
    updated: int
    values: dict[str, Any]
    project: str = PROJECT
    journals: list[Journal] = field(default_factory=list)
    fields: dict[int, str] = field(default_factory=dict)


class Book:
    """Everything it knows. ``told`` is called with what happened, the issue and the journal."""

    def __init__(self, clock: Clock) -> None:
        """``clock`` gives the time."""
        self._clock = clock
        self.told: Callable[[str, Issue, Journal | None], None] = lambda what, issue, journal: None
        self.reset()

    def reset(self) -> None:
        """Forget every issue."""
        self._ids, self._journals = itertools.count(41), itertools.count(301)
        self.issues: dict[int, Issue] = {}
        # Whether the account may do what; without a right Redmine leaves values out and says nothing.
        self.may_note, self.may_see = True, True
        self.is_filter = True
        # Before 5.0 nobody could change notes or learn the allowed statuses by the API.
        self.old = False

    def now(self) -> int:
        """Its clock: whole seconds."""
        return int(self._clock.now().timestamp())

    def create(self, who: int, values: Mapping[str, Any]) -> Issue:
        """Make an issue; its status is the first one, whatever was asked for."""
        empty = {"subject": "", "description": None, "assigned_to_id": None, "due_date": None}
        begin = {**empty, "status_id": 1, "priority_id": 2, "estimated_hours": None, "parent_id": None}
        now = self.now()
        issue = Issue(next(self._ids), who, now, now, begin)
        issue.values |= self._taken(issue, {k: v for k, v in values.items() if k != "status_id"}, who)
        if not str(issue.values["subject"]).strip():
            raise Wrong("Subject cannot be blank")
        for one in values.get("custom_fields") or ():
            if one.get("id") == MARK_FIELD:
                issue.fields[MARK_FIELD] = str(one.get("value"))
        self.issues[issue.id] = issue
        self.told("issue.created", issue, None)
        return issue

    def change(self, issue: Issue, who: int, values: Mapping[str, Any]) -> Journal | None:
        """Change fields and say something, as PUT does."""
        taken = self._taken(issue, values, who)
        notes = str(values.get("notes") or "") if self.may_note or who != BOT else ""
        details = [
            {"property": "attr", "name": name, "old_value": _text(before), "new_value": _text(after)}
            for name, after in taken.items()
            if (before := issue.values[name]) != after
        ]
        if not details and not notes.strip():
            return None
        issue.values |= taken
        issue.updated = self.now()
        made = Journal(next(self._journals), who, issue.updated, notes, bool(values.get("private_notes")))
        made.details = details
        issue.journals.append(made)
        self.told("issue.updated", issue, made)
        return made

    def rewrite(self, journal: Journal, notes: str) -> None:
        """Change what was said; nothing tells of it."""
        journal.notes = notes
        for issue in self.issues.values():
            if journal in issue.journals and not notes.strip() and not journal.details:
                issue.journals.remove(journal)

    def delete(self, issue: Issue) -> None:
        """It leaves no trace."""
        del self.issues[issue.id]
        self.told("issue.deleted", issue, None)

    def _taken(self, issue: Issue, values: Mapping[str, Any], who: int) -> dict[str, Any]:
        """What becomes of these values; raises ``Wrong`` where one of them makes all fail."""
        taken: dict[str, Any] = {}
        errors: list[str] = []
        for name, value in values.items():
            if name not in issue.values or value is None or name == "parent_id":
                continue  # null means nothing here, and unknown names are ignored
            try:
                taken |= self._one(issue, name, value, who)
            except Wrong as wrong:
                errors += wrong.errors
        if errors:
            raise Wrong(*errors)
        return taken

    def _one(self, issue: Issue, name: str, value: Any, who: int) -> dict[str, Any]:
        if name == "subject":
            if not str(value).strip():
                raise Wrong("Subject cannot be blank")
            if len(str(value)) > LONGEST_SUBJECT:
                raise Wrong(f"Subject is too long (maximum is {LONGEST_SUBJECT} characters)")
            return {name: str(value)}
        if name == "description":
            return {name: str(value).replace("\r\n", "\n").replace("\n", "\r\n")}
        if name == "status_id":
            now = issue.values["status_id"]
            allowed = STATUSES if who != BOT else FLOW[now]
            return {name: value} if value in allowed else {}
        if name == "priority_id" and value not in PRIORITIES:
            raise Wrong("Priority cannot be blank")
        if name == "assigned_to_id" and value != "" and value not in PEOPLE:
            raise Wrong("Assignee is invalid")
        return {name: None if value == "" else value}


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
