"""Plays a story as rows: what the real verbs would have written, step by step, without asking them.

A test plays the same stories through the verbs and finds equal rows; change a verb and it says so.
Longer than most: it mirrors one verb a method.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from hub.core.assign.choose import NOBODY_LEFT
from hub.core.evaluate.quality import is_drawn
from hub.core.improve.findings import LOW_SCORE
from hub.demo import adviser
from hub.demo.desk import KEPT, Desk
from hub.demo.parts import FindingRow, GoalRow, InvitationRow, TaskRow
from hub.demo.rows import Rows, dumps
from hub.demo.story import Step, Story

DAY = 86400
SYSTEM: tuple[str, int | None] = ("system", None)
TURN, NOBODY = dumps(adviser.TURN.as_json()), dumps(NOBODY_LEFT.as_json())
RULES = f"{adviser.NAME} {adviser.VERSION}"
RESULTS = ("met", "partly", "not_met")
STAGE_MOVES = {
    (before, after): dumps({"before": before, "after": after})
    for before in ("identify", "assign", "execute", "evaluate", "improve")
    for after in ("assign", "execute", "evaluate", "improve")
}
TASK_MOVES = {
    (before, after): f',"before":"{before}","after":"{after}"}}'
    for before in ("open", "doing", "waiting")
    for after in ("doing", "waiting", "done")
}
SAID = {stream: dumps({"stream": stream, "task": None, "source": "hub"}) for stream in ("public", "internal")}


@cache
def one(name: str, text: str) -> str:
    """A JSON object of one text; the texts of the history are few."""
    return dumps({name: text})


@cache
def _list(items: tuple[str, ...]) -> str:
    return dumps(list(items))


class Replica:
    """One request while its story is played; ``end`` writes what changed on the way."""

    def __init__(self, desk: Desk, rows: Rows, story: Story, ref: str) -> None:
        """``ref`` is the number this request has taken."""
        self.desk, self.rows, self.story, self.ref = desk, rows, story, ref
        self.subject = desk.subjects[story.title]
        self.id = rows.number("requests")
        self.stage, self.state, self.reason = "identify", "open", None
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
        self.findings: list[FindingRow] = []
        self.invitation: InvitationRow | None = None
        self.record = rows.about(self.id)

    def play(self) -> None:
        """Play every step, then write the rows that steps kept changing."""
        for step in self.story.steps:
            ACTS[step.verb](self, step, self.rows.moment(step.at))
        self.end()

    def touch(self, at: Any) -> None:
        """A change of the request."""
        self.version += 1
        self.updated = at

    def take(self, step: Step, at: Any) -> None:
        """The draft becomes a request with its goals."""
        actor = ("connection", self.desk.connection)
        self.created = self.updated = self.since = at
        self.record(at, actor, "request_created", "requests", self.id, one("source", self.desk.source),
                    self.subject.title)
        for text in self.story.goals:
            goal = GoalRow(self.rows.number("goals"), text)
            self.goals.append(goal)
            self.record(at, actor, "goal_added", "goals", goal.id, "{}", self.subject.goal)
            self.touch(at)
        self.rows.tables["intakes"].append(
            (self.rows.number("intakes"), self.desk.connection, self.story.key, self.id)
        )

    def look(self, step: Step, at: Any) -> None:
        """Do what the stage owes."""
        if self.state not in ("closed", "dropped") and (self.state == "open" or self.stage in ("execute", "improve")):
            LOOKS[self.stage](self, step, at)

    def advance(self, at: Any, to: str, actor: tuple[str, int | None] = SYSTEM) -> None:
        """Go to another stage."""
        before, self.stage, self.since = self.stage, to, at
        self.record(at, actor, "request_moved", "requests", self.id, STAGE_MOVES[before, to])
        self.touch(at)

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
            self.record(at, SYSTEM, "request_understood", "requests", self.id,
                        f'{{"category":{self.category},"priority":{self.priority},"reasons":{subject.reasons}}}')
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
        if all(task.assignee is not None for task in self.tasks):
            self.advance(at, "execute")

    def split(self, step: Step, at: Any) -> None:
        """Make the tasks."""
        due = self.story.wanted_by.isoformat() if self.story.wanted_by else None
        hours = self.subject.category.hours or 0.0
        for place, text in enumerate(self.subject.topic.stated, start=1):
            ref = f"{self.ref}-{place}"
            task = TaskRow(self.rows.number("tasks"), self.rows.uid(step.at), ref, place, text, at, hours,
                           self.needs[place - 1], due)
            self.tasks.append(task)
            self.record(at, SYSTEM, "task_created", "tasks", task.id, f'{{"ref":"{ref}"}}', one("title", text))
            if due:
                task.version += 1
                self.record(at, SYSTEM, "task_edited", "tasks", task.id, f'{{"ref":"{ref}","fields":["due"]}}')
        self.updated = at

    def decide(self, task: TaskRow, at: Any) -> None:
        """Keep the decision and give the task away."""
        desk, subject = self.desk, self.subject
        chosen = subject.able[self.id % len(subject.able)][0] if subject.able else None
        ranking = ",".join(f"{head}{desk.loads[id_]}{tail}" for id_, head, tail in subject.able[:KEPT])
        self.rows.tables["decisions"].append((
            self.rows.number("decisions"), task.id, self.category, at, chosen, "rules", RULES,
            TURN if subject.able else NOBODY, f"[{ranking}]", subject.vetoes,
            f'{{"task":{task.version},"request":{self.version},"people":{desk.people},'
            f'"ruled_out":{subject.ruled_out}}}',
        ))
        if chosen is None:
            return
        task.assignee, task.updated, self.updated = chosen, at, at
        task.version += 1
        desk.loads[chosen] += task.hours
        self.record(at, SYSTEM, "task_assigned", "tasks", task.id,
                    f'{{"ref":"{task.ref}","before":null,"after":{chosen}}}')

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
                self.record(at, SYSTEM, "quality_sampled", "quality_samples", number,
                            dumps({"seed": settings.quality_seed, "percent": settings.quality_percent}))
        if self.invitation is None:
            self.invitation = InvitationRow(rows.number("survey_invitations"), rows.uid(step.at),
                                            f"{rows.bits(256):064x}", at, step.at + settings.survey_days * DAY)
            self.record(at, SYSTEM, "survey_invited", "survey_invitations", self.invitation.id,
                        one("instrument", self.desk.instrument.key))
        settled = self.invitation.answered is not None or self.invitation.expires <= step.at
        if settled and all(goal.result for goal in self.goals):
            self.advance(at, "improve")

    def improve(self, step: Step, at: Any) -> None:
        """A low score or a second round is a finding; without an open one the request closes."""
        score = self.invitation.score if self.invitation else None
        if score is not None and score <= LOW_SCORE:
            self.find(at, f"low-score:{self.ref}", "score", score,
                      {"zh": f"{self.ref} 满意度低：{score:g}", "en": f"{self.ref} was rated low: {score:g}"})
        elif self.reopened:
            times = self.reopened
            self.find(at, f"reopened:{self.ref}:{times}", "reopened", float(times),
                      {"zh": f"{self.ref} 被重新打开 {times} 次", "en": f"{self.ref} was reopened, times: {times}"})
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
        self.record(at, SYSTEM, "finding_made", "findings", finding.id, dumps({"metric": metric, "value": value}))

    def owner(self, step: Step) -> tuple[str, int | None]:
        """Who does the step's task."""
        return "person", self.tasks[step.task].assignee

    @property
    def lead(self) -> tuple[str, int | None]:
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

    def comment(self, step: Step, at: Any, actor: tuple[str, int | None], name: str, stream: str) -> None:
        """A contribution to one of the streams."""
        number = self.rows.number("comments")
        self.rows.tables["comments"].append((
            number, self.rows.uid(step.at), self.id, None, stream, *actor, name, step.text, "hub", at, None, None, 1,
        ))
        self.record(at, actor, "comment_added", "comments", number, SAID[stream])

    def start(self, step: Step, at: Any) -> None:
        """The owner begins."""
        self.set_state(step, at, "doing")

    def finish(self, step: Step, at: Any) -> None:
        """The owner is done."""
        self.set_state(step, at, "done")
        task = self.tasks[step.task]
        assert task.assignee is not None
        task.done = at
        self.desk.loads[task.assignee] -= task.hours

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
        self.record(at, ("person", task.assignee), "task_state", "tasks", task.id,
                    f'{{"ref":"{task.ref}"{TASK_MOVES[before, state]}',
                    one("reason", step.text) if step.text else None)

    def log(self, step: Step, at: Any) -> None:
        """The owner writes down minutes."""
        task, number = self.tasks[step.task], self.rows.number("time_entries")
        self.rows.tables["time_entries"].append(
            (number, task.id, task.assignee, self.rows.day(step.at), step.number, "")
        )
        self.record(at, self.owner(step), "time_logged", "time_entries", number,
                    f'{{"task":{task.id},"minutes":{step.number}}}')

    def score(self, step: Step, at: Any) -> None:
        """The owner says whether the goals were reached."""
        owner = self.owner(step)
        for goal in self.goals:
            goal.result, goal.note, goal.by, goal.at = RESULTS[step.number], step.text, owner[1], at
            self.record(at, owner, "goal_scored", "goals", goal.id, one("result", goal.result),
                        one("note", step.text) if step.text else None)
            self.touch(at)

    def answer(self, step: Step, at: Any) -> None:
        """The customer answers the survey."""
        invitation, given = self.invitation, {"satisfaction": step.number, "effort": max(step.number - 1, 1)}
        assert invitation is not None
        answers = {**given, "comment": step.text} if step.text else given
        invitation.answered, invitation.score = at, self.desk.instrument.score(answers)
        number = self.rows.number("survey_answers")
        self.rows.tables["survey_answers"].append(
            (number, invitation.id, self.id, at, invitation.score, dumps(answers))
        )
        self.record(at, ("contact", self.story.asker.id), "survey_answered", "survey_answers", number,
                    f'{{"score":{invitation.score}}}')

    def wait(self, step: Step, at: Any) -> None:
        """The lead puts the request on hold."""
        self.state, self.reason = "waiting", step.text
        self.record(at, self.lead, "request_waiting", "requests", self.id, "{}", one("reason", step.text))
        self.touch(at)

    def drop(self, step: Step, at: Any) -> None:
        """The lead ends the request without doing it."""
        self.state, self.reason, self.closed = "dropped", step.text, at
        self.record(at, self.lead, "request_dropped", "requests", self.id, one("stage", self.stage),
                    one("reason", step.text))
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
                self.record(at, self.lead, "finding_dismissed", "findings", finding.id, "{}", one("note", step.text))

    def end(self) -> None:
        """Write the rows that steps kept changing."""
        story, tables, category, asker = self.story, self.rows.tables, self.subject.category, self.story.asker
        understood = self.understood + (',"sampled":true}' if self.sampled else "}" if self.understood else "{}")
        tables["requests"].append((
            self.id, story.uid, self.ref, story.title, story.body, self.stage, self.state, self.reason, self.priority,
            self.category, asker.customer_id, asker.id, None, self.desk.connection, self.desk.source, asker.language,
            _list(story.labels), self.desk.profiles[asker.id], story.wanted_by and story.wanted_by.isoformat(),
            self.created, self.updated, self.since, self.closed, self.reopened, understood, self.version,
        ))
        tables["goals"] += [goal.row(self.id, self.desk.source) for goal in self.goals]
        tables["tasks"] += [task.row(self.id, category) for task in self.tasks]
        tables["task_needs"] += [(task.id, task.need) for task in self.tasks]
        tables["findings"] += [finding.row(self.id) for finding in self.findings]
        if self.invitation is not None:
            expires = self.rows.moment(self.invitation.expires)
            tables["survey_invitations"].append(
                self.invitation.row(self.id, asker.id, self.desk.instrument, expires)
            )


LOOKS = {
    "identify": Replica.identify, "assign": Replica.assign, "execute": Replica.execute,
    "evaluate": Replica.evaluate, "improve": Replica.improve,
}
ACTS = {
    "take": Replica.take, "look": Replica.look, "say": Replica.say, "note": Replica.note, "reply": Replica.reply,
    "start": Replica.start, "finish": Replica.finish, "hold": Replica.hold, "log": Replica.log,
    "score": Replica.score, "answer": Replica.answer, "wait": Replica.wait, "drop": Replica.drop,
    "reopen": Replica.reopen, "dismiss": Replica.dismiss,
}
