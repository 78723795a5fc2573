"""Plays a story as rows: what the real verbs would have written, step by step, without asking them.

A test plays the same stories through the verbs and finds equal rows; change a verb and it says so.
"""

from __future__ import annotations

from typing import Any

from hub.demo.looked_at import LookedAt
from hub.demo.request_row import one
from hub.demo.rows import Who, dumps
from hub.demo.story import Step, answers

RESULTS = ("met", "partly", "not_met")
TASK_MOVES = {
    (before, after): f',"before":"{before}","after":"{after}"}}'
    for before in ("open", "doing", "waiting")
    for after in ("doing", "waiting", "done")
}
SAID = {stream: dumps({"stream": stream, "task": None, "source": "hub"}) for stream in ("public", "internal")}


class Replica(LookedAt):
    """One request while its story is played: what people do with it."""

    def play(self) -> None:
        """Play every step, then write the rows that steps kept changing."""
        for step in self.story.steps:
            ACTS[step.verb](self, step, self.rows.moment(step.at))
        self.end()

    def owner(self, step: Step) -> Who:
        """Who does the step's task."""
        return "person", self.tasks[step.task].assignee

    @property
    def lead(self) -> Who:
        """Who leads the desk."""
        return "person", self.desk.cast.lead.id

    def say(self, step: Step, at: Any) -> None:
        """The owner speaks to the customer."""
        owner = self.tasks[step.task].assignee
        assert owner is not None
        self.comment(step, at, ("person", owner), self.desk.names[owner], "public")

    def note(self, step: Step, at: Any) -> None:
        """The lead notes something for the team."""
        self.comment(step, at, self.lead, self.desk.cast.lead.name, "internal")

    def reply(self, step: Step, at: Any) -> None:
        """The customer speaks."""
        self.comment(step, at, ("contact", self.story.asker.id), self.story.asker.name, "public")

    def comment(self, step: Step, at: Any, actor: Who, name: str, stream: str) -> None:
        """A contribution to one of the streams."""
        number = self.rows.number("comments")
        self.rows.tables["comments"].append(
            (
                number,
                self.rows.uid(step.at),
                self.id,
                None,
                stream,
                *actor,
                name,
                step.text,
                "hub",
                at,
                None,
                None,
                1,
            )
        )
        self.record(at, actor, "comment_added", "comments", number, SAID[stream])

    def start(self, step: Step, at: Any) -> None:
        """The owner opens the request, and begins."""
        for alert in self.alerts:
            if alert.person == self.tasks[step.task].assignee and alert.seen is None:
                alert.seen = at
        self.set_state(step, at, "doing")

    def finish(self, step: Step, at: Any) -> None:
        """The owner is done."""
        self.set_state(step, at, "done")
        task = self.tasks[step.task]
        assert task.assignee is not None
        task.done = at
        self.loads[task.assignee] -= task.hours

    def hold(self, step: Step, at: Any) -> None:
        """The owner waits for something."""
        self.set_state(step, at, "waiting")
        self.tasks[step.task].reason = step.text

    def set_state(self, step: Step, at: Any, state: str) -> None:
        """A task changes its state."""
        task = self.tasks[step.task]
        before, task.state = task.state, state
        task.version += 1
        task.updated = self.updated = at
        self.record(
            at,
            ("person", task.assignee),
            "task_state",
            "tasks",
            task.id,
            f'{{"ref":"{task.ref}"{TASK_MOVES[before, state]}',
            one("reason", step.text) if step.text else None,
        )

    def log(self, step: Step, at: Any) -> None:
        """The owner writes down minutes."""
        task, number = self.tasks[step.task], self.rows.number("time_entries")
        self.rows.tables["time_entries"].append(
            (number, task.id, task.assignee, self.rows.day(step.at), step.number, "")
        )
        self.record(
            at,
            self.owner(step),
            "time_logged",
            "time_entries",
            number,
            f'{{"task":{task.id},"minutes":{step.number}}}',
        )

    def score(self, step: Step, at: Any) -> None:
        """The owner says whether the goals were reached."""
        owner = self.owner(step)
        for goal in self.goals:
            goal.result, goal.note, goal.by, goal.at = RESULTS[step.number], step.text, owner[1], at
            self.record(
                at,
                owner,
                "goal_scored",
                "goals",
                goal.id,
                one("result", goal.result),
                one("note", step.text) if step.text else None,
            )
            self.touch(at)

    def answer(self, step: Step, at: Any) -> None:
        """The customer answers the survey."""
        invitation = self.invitation
        assert invitation is not None
        invitation.answered, invitation.score = at, self.desk.scores[step.number]
        number = self.rows.number("survey_answers")
        self.rows.tables["survey_answers"].append(
            (number, invitation.id, self.id, at, invitation.score, dumps(answers(step.number, step.text)))
        )
        self.record(
            at,
            ("contact", self.story.asker.id),
            "survey_answered",
            "survey_answers",
            number,
            f'{{"score":{invitation.score}}}',
        )

    def wait(self, step: Step, at: Any) -> None:
        """The lead puts the request on hold."""
        self.state, self.reason = "waiting", step.text
        self.record(at, self.lead, "request_waiting", "requests", self.id, "{}", one("reason", step.text))
        self.touch(at)

    def drop(self, step: Step, at: Any) -> None:
        """The lead ends the request without doing it."""
        self.state, self.reason, self.closed = "dropped", step.text, at
        self.record(
            at,
            self.lead,
            "request_dropped",
            "requests",
            self.id,
            one("stage", self.stage),
            one("reason", step.text),
        )
        self.touch(at)

    def reopen(self, step: Step, at: Any) -> None:
        """The lead takes a closed request back into work; its goals are judged anew."""
        self.state, self.closed = "open", None
        self.reopened += 1
        for goal in self.goals:
            goal.result = goal.by = goal.at = None
        self.advance(at, "execute", self.lead)

    def dismiss(self, step: Step, at: Any) -> None:
        """The lead ends the open findings with a reason."""
        for finding in self.findings:
            if finding.state == "open":
                finding.state, finding.note = "dismissed", step.text
                self.record(
                    at, self.lead, "finding_dismissed", "findings", finding.id, "{}", one("note", step.text)
                )


ACTS = {
    "take": Replica.take,
    "look": Replica.look,
    "say": Replica.say,
    "note": Replica.note,
    "reply": Replica.reply,
    "start": Replica.start,
    "finish": Replica.finish,
    "hold": Replica.hold,
    "log": Replica.log,
    "score": Replica.score,
    "answer": Replica.answer,
    "wait": Replica.wait,
    "drop": Replica.drop,
    "reopen": Replica.reopen,
    "dismiss": Replica.dismiss,
}
