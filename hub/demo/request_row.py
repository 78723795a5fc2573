"""A request of the bulk history while its story is told, and the row it becomes."""

from __future__ import annotations

from functools import cache
from typing import Any

from hub.demo.desk import Desk
from hub.demo.parts import AlertRow, FindingRow, GoalRow, InvitationRow, TaskRow
from hub.demo.rows import Rows, Who, dumps
from hub.demo.story import Step, Story

SYSTEM: Who = ("system", None)
STAGE_MOVES = {
    (before, after): dumps({"before": before, "after": after})
    for before in ("identify", "assign", "execute", "evaluate", "improve")
    for after in ("assign", "execute", "evaluate", "improve")
}


@cache
def one(name: str, text: str) -> str:
    """A JSON object of one text; the texts of the history are few."""
    return dumps({name: text})


@cache
def _list(items: tuple[str, ...]) -> str:
    return dumps(list(items))


class RequestRow:
    """The request as it stands; what its verbs share."""

    def __init__(self, desk: Desk, loads: dict[int, float], rows: Rows, story: Story, ref: str) -> None:
        """``loads`` are the hours people have at hand; ``ref`` is the number this request has taken."""
        self.loads = loads
        self.desk, self.rows, self.story, self.ref = desk, rows, story, ref
        self.subject = desk.subjects[story.title]
        self.id = rows.number("requests")
        self.stage, self.state = "identify", "open"
        self.reason: str | None = None
        self.version, self.reopened = 1, 0
        self.priority: int | None = None
        self.category: int | None = None
        self.understood = ""
        self.sampled = False
        self.created: Any = None
        self.updated: Any = None
        self.since: Any = None
        self.closed: Any = None
        self.needs: list[int] = []
        self.goals: list[GoalRow] = []
        self.tasks: list[TaskRow] = []
        self.alerts: list[AlertRow] = []
        self.findings: list[FindingRow] = []
        self.invitation: InvitationRow | None = None
        self.record = rows.about(self.id)

    def touch(self, at: Any) -> None:
        """A change of the request."""
        self.version += 1
        self.updated = at

    def advance(self, at: Any, to: str, actor: Who = SYSTEM) -> None:
        """Go to another stage."""
        before, self.stage, self.since = self.stage, to, at
        self.record(at, actor, "request_moved", "requests", self.id, STAGE_MOVES[before, to])
        self.touch(at)

    def take(self, step: Step, at: Any) -> None:
        """The draft becomes a request with its goals."""
        actor = ("connection", self.desk.connection)
        self.created = self.updated = self.since = at
        self.record(
            at,
            actor,
            "request_created",
            "requests",
            self.id,
            one("source", self.desk.source),
            self.subject.title,
        )
        for text in self.story.goals:
            goal = GoalRow(self.rows.number("goals"), text)
            self.goals.append(goal)
            self.record(at, actor, "goal_added", "goals", goal.id, "{}", self.subject.goal)
            self.touch(at)
        self.rows.tables["intakes"].append(
            (self.rows.number("intakes"), self.desk.connection, self.story.key, self.id)
        )

    def end(self) -> None:
        """Write the rows that steps kept changing."""
        story, tables, category, asker = self.story, self.rows.tables, self.subject.category, self.story.asker
        understood = self.understood + (
            ',"sampled":true}' if self.sampled else "}" if self.understood else "{}"
        )
        tables["requests"].append(
            (
                self.id,
                story.uid,
                self.ref,
                story.title,
                story.body,
                self.stage,
                self.state,
                self.reason,
                self.priority,
                self.category,
                asker.customer_id,
                asker.id,
                None,
                self.desk.connection,
                self.desk.source,
                asker.language,
                _list(story.labels),
                self.desk.profiles[asker.id],
                story.wanted_by and story.wanted_by.isoformat(),
                self.created,
                self.updated,
                self.since,
                self.closed,
                None,
                self.reopened,
                understood,
                self.version,
            )
        )
        tables["goals"] += [goal.row(self.id, self.desk.source) for goal in self.goals]
        tables["tasks"] += [task.row(self.id, category) for task in self.tasks]
        tables["task_needs"] += [(task.id, task.need) for task in self.tasks]
        tables["alerts"] += [alert.row(self.id) for alert in self.alerts]
        tables["findings"] += [finding.row(self.id) for finding in self.findings]
        if self.invitation is not None:
            expires = self.rows.moment(self.invitation.expires)
            tables["survey_invitations"].append(
                self.invitation.row(
                    self.id, asker.id, (self.desk.instrument, self.desk.instrument_version), expires
                )
            )
