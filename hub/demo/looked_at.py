"""What the hub does when it looks at a request, as rows: the replica of ``hub.core.workflow.looking``."""

from __future__ import annotations

from typing import Any

from hub.core.assign.choose import NOBODY_LEFT
from hub.core.evaluate.quality import is_drawn
from hub.core.improve.findings import LOW_SCORE
from hub.demo import adviser
from hub.demo.desk import KEPT
from hub.demo.parts import AlertRow, FindingRow, InvitationRow, TaskRow
from hub.demo.request_row import SYSTEM, RequestRow, one
from hub.demo.rows import dumps
from hub.demo.story import Step

DAY = 86400
TURN, NOBODY = dumps(adviser.TURN.as_json()), dumps(NOBODY_LEFT.as_json())
RULES = f"{adviser.NAME} {adviser.VERSION}"


class LookedAt(RequestRow):
    """A request the hub looks at."""

    def look(self, step: Step, at: Any) -> None:
        """Do what the stage owes."""
        if self.state not in ("closed", "dropped") and (
            self.state == "open" or self.stage in ("execute", "improve")
        ):
            LOOKS[self.stage](self, step, at)

    def identify(self, step: Step, at: Any) -> None:
        """Needs, category and priority are written down; on it goes where a goal is there."""
        subject, rows = self.subject, self.rows
        if not self.understood:
            self.category, self.priority = subject.category.id, subject.topic.priority
            for text in subject.topic.stated:
                self.needs.append(number := rows.number("needs"))
                rows.tables["needs"].append(
                    (number, self.id, "stated", text, subject.topic.body, "plugin", "open", at)
                )
            self.understood = f'{{"at_version":{self.version},{subject.reasons[1:-1]}'
            self.record(
                at,
                SYSTEM,
                "request_understood",
                "requests",
                self.id,
                f'{{"category":{self.category},"priority":{self.priority},"reasons":{subject.reasons}}}',
            )
            self.touch(at)
        if self.goals and self.needs:
            self.advance(at, "assign")

    def assign(self, step: Step, at: Any) -> None:
        """One task for each need; each is given to somebody who can do it, if there is one."""
        if not self.tasks:
            self.split(step, at)
        for task in self.tasks:
            if task.assignee is None:
                self.decide(task, at)
                self.tell(task, at)
        if all(task.assignee is not None for task in self.tasks):
            self.advance(at, "execute")

    def split(self, step: Step, at: Any) -> None:
        """Make the tasks."""
        due = self.story.wanted_by.isoformat() if self.story.wanted_by else None
        hours = self.subject.category.hours or 0.0
        for place, text in enumerate(self.subject.topic.stated, start=1):
            ref = f"{self.ref}-{place}"
            task = TaskRow(
                self.rows.number("tasks"),
                self.rows.uid(step.at),
                ref,
                place,
                text,
                at,
                hours,
                self.needs[place - 1],
                due,
            )
            self.tasks.append(task)
            self.record(
                at, SYSTEM, "task_created", "tasks", task.id, f'{{"ref":"{ref}"}}', one("title", text)
            )
            if due:
                task.version += 1
                self.record(
                    at, SYSTEM, "task_edited", "tasks", task.id, f'{{"ref":"{ref}","fields":["due"]}}'
                )
        self.updated = at

    def decide(self, task: TaskRow, at: Any) -> None:
        """Keep the decision and give the task away."""
        desk, subject = self.desk, self.subject
        chosen = subject.able[self.id % len(subject.able)][0] if subject.able else None
        ranking = ",".join(f"{head}{self.loads[id_]}{tail}" for id_, head, tail in subject.able[:KEPT])
        self.rows.tables["decisions"].append(
            (
                self.rows.number("decisions"),
                task.id,
                self.category,
                at,
                chosen,
                "rules",
                RULES,
                TURN if subject.able else NOBODY,
                f"[{ranking}]",
                subject.vetoes,
                f'{{"task":{task.version},"request":{self.version},"people":{desk.people},'
                f'"ruled_out":{subject.ruled_out}}}',
            )
        )
        if chosen is None:
            return
        task.assignee, task.updated, self.updated = chosen, at, at
        task.version += 1
        self.loads[chosen] += task.hours
        self.record(
            at,
            SYSTEM,
            "task_assigned",
            "tasks",
            task.id,
            f'{{"ref":"{task.ref}","before":null,"after":{chosen}}}',
        )

    def tell(self, task: TaskRow, at: Any) -> None:
        """Whoever was given a task is told."""
        if task.assignee is not None:
            self.alerts.append(AlertRow(self.rows.number("alerts"), task.assignee, task.id, at))

    def execute(self, step: Step, at: Any) -> None:
        """On it goes when every task is done."""
        if self.state == "open" and all(task.state == "done" for task in self.tasks):
            self.advance(at, "evaluate")

    def evaluate(self, step: Step, at: Any) -> None:
        """Draw the lot, ask the customer; on it goes when both answers are there."""
        settings, rows = self.desk.settings, self.rows
        if not self.sampled:
            self.sampled = True
            if is_drawn(self.story.uid, settings.quality_seed, settings.quality_percent):
                number = rows.number("quality_samples")
                rows.tables["quality_samples"].append((number, self.id, at, None, None, None, ""))
                self.record(
                    at,
                    SYSTEM,
                    "quality_sampled",
                    "quality_samples",
                    number,
                    dumps({"seed": settings.quality_seed, "percent": settings.quality_percent}),
                )
        if self.invitation is None:
            self.invitation = InvitationRow(
                rows.number("survey_invitations"),
                rows.uid(step.at),
                f"{rows.bits(256):064x}",
                at,
                step.at + settings.survey_days * DAY,
            )
            self.record(
                at,
                SYSTEM,
                "survey_invited",
                "survey_invitations",
                self.invitation.id,
                one("instrument", self.desk.instrument),
            )
        settled = self.invitation.answered is not None or self.invitation.expires <= step.at
        if settled and all(goal.result for goal in self.goals):
            self.advance(at, "improve")

    def improve(self, step: Step, at: Any) -> None:
        """A low score or a second round is a finding; without an open one the request closes."""
        score = self.invitation.score if self.invitation else None
        if score is not None and score <= LOW_SCORE:
            self.find(
                at,
                f"low-score:{self.ref}",
                "score",
                score,
                {"zh": f"{self.ref} 满意度低：{score:g}", "en": f"{self.ref} was rated low: {score:g}"},
            )
        elif self.reopened:
            times = self.reopened
            self.find(
                at,
                f"reopened:{self.ref}:{times}",
                "reopened",
                float(times),
                {"zh": f"{self.ref} 被重新打开 {times} 次", "en": f"{self.ref} was reopened, times: {times}"},
            )
        if any(finding.state == "open" for finding in self.findings):
            return
        self.state, self.closed = "closed", at
        self.record(at, SYSTEM, "request_closed", "requests", self.id, "{}")
        self.touch(at)

    def find(self, at: Any, key: str, metric: str, value: float, text: dict[str, str]) -> None:
        """Keep a finding, once."""
        if any(finding.key == key for finding in self.findings):
            return
        finding = FindingRow(self.rows.number("findings"), key, dumps(text), metric, value, at)
        self.findings.append(finding)
        self.record(
            at, SYSTEM, "finding_made", "findings", finding.id, dumps({"metric": metric, "value": value})
        )


LOOKS = {
    "identify": LookedAt.identify,
    "assign": LookedAt.assign,
    "execute": LookedAt.execute,
    "evaluate": LookedAt.evaluate,
    "improve": LookedAt.improve,
}
