"""The rows of a story that steps keep changing, until the story is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.core.values import CategoryValue


@dataclass(slots=True)
class TaskRow:
    """A task; made with the version that its making leaves."""

    id: int
    uid: str
    ref: str
    position: int
    title: str
    created: Any
    hours: float
    need: int
    due: str | None
    updated: Any = None
    state: str = "open"
    reason: str | None = None
    assignee: int | None = None
    done: Any = None
    version: int = 2

    def row(self, request: int, category: CategoryValue) -> tuple[Any, ...]:
        """In the order of the table's columns."""
        return (
            self.id,
            self.uid,
            self.ref,
            request,
            self.position,
            self.title,
            "",
            self.state,
            self.reason,
            category.team_id,
            self.assignee,
            category.skill,
            "[]",
            self.hours,
            None,
            self.due,
            self.created,
            self.updated or self.created,
            self.done,
            self.version,
        )


@dataclass(slots=True)
class AlertRow:
    """Somebody is told of a task they were given, until they begin."""

    id: int
    person: int
    task: int
    at: Any
    seen: Any = None

    def row(self, request: int) -> tuple[Any, ...]:
        """In the order of the table's columns."""
        return (
            self.id,
            self.person,
            "assignment",
            request,
            None,
            self.task,
            None,
            "",
            self.at,
            self.seen,
            None,
            None,
        )


@dataclass(slots=True)
class GoalRow:
    """A goal and what became of it."""

    id: int
    text: str
    result: str | None = None
    note: str = ""
    by: int | None = None
    at: Any = None

    def row(self, request: int, source: str) -> tuple[Any, ...]:
        """In the order of the table's columns."""
        return self.id, request, self.text, source, self.result, self.note, self.by, self.at


@dataclass(slots=True)
class FindingRow:
    """A finding of the request's own."""

    id: int
    key: str
    text: str
    metric: str
    value: float
    at: Any
    state: str = "open"
    note: str = ""

    def row(self, request: int) -> tuple[Any, ...]:
        """In the order of the table's columns."""
        return (
            self.id,
            self.key,
            self.text,
            self.metric,
            self.value,
            None,
            self.state,
            self.note,
            f"[{request}]",
            request,
            self.at,
            self.at,
        )


@dataclass(slots=True)
class InvitationRow:
    """The invitation to the survey; ``expires`` is in seconds. Nobody has its token."""

    id: int
    uid: str
    token_hash: str
    created: Any
    expires: int
    answered: Any = None
    score: float | None = None

    def row(self, request: int, contact: int, instrument: tuple[str, str], expires: Any) -> tuple[Any, ...]:
        """In the order of the table's columns."""
        return (
            self.id,
            self.uid,
            request,
            contact,
            *instrument,
            self.token_hash,
            self.created,
            expires,
            self.answered,
        )
