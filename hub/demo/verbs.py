"""Plays a story through the real verbs, step by step, at the story's own times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.conversation import comments
from hub.core.directory.people import actor_of
from hub.core.evaluate import survey
from hub.core.identify.intake import take_draft
from hub.core.identify.models import Intake
from hub.core.improve import findings
from hub.core.notices import bell
from hub.core.surveys.invitations import answer
from hub.core.values import Actor, Draft
from hub.core.work import parts, requests, tasks
from hub.core.work.models import ServiceRequest, Task
from hub.core.workflow import Core, look, move
from hub.demo.clock import ReplayClock
from hub.demo.story import Step, Story, answers

# These open transactions of their own.
ALONE = ("take", "look", "reopen")


@dataclass
class _Scene:
    """What a step may touch: its request, inside one transaction."""

    core: Core
    session: Session
    now: dt.datetime
    story: Story
    request: ServiceRequest
    lead: Actor

    def task(self, step: Step) -> Task:
        """The task the step is about, by its place in the request."""
        return self.request.tasks[step.task]

    def owner(self, step: Step) -> Actor:
        """Who does the step's task."""
        owner = self.task(step).assignee
        assert owner is not None
        return actor_of(owner)


def play_verbs(core: Core, clock: ReplayClock, lead: Actor, connection: tuple[int, str], story: Story) -> int:
    """Play one story; gives the request's id. ``connection`` is the id and kind it came in by."""
    request_id = 0
    for alone, steps in groupby(story.steps, lambda step: step.verb in ALONE):
        if not alone:
            _act(core, clock, lead, story, request_id, steps)
            continue
        for step in steps:
            clock.set(step.at)
            if step.verb == "take":
                request_id = _take(core, connection, story)
            elif step.verb == "look":
                look(core, request_id)
            else:
                move(core, lead, request_id, "execute")
    return request_id


def _act(
    core: Core, clock: ReplayClock, lead: Actor, story: Story, request_id: int, steps: Iterable[Step]
) -> None:
    """What people do between two looks, in one transaction: one commit to wait for."""
    with core.database.transaction() as session:
        request = session.get_one(ServiceRequest, request_id)
        for step in steps:
            clock.set(step.at)
            ACTS[step.verb](_Scene(core, session, core.database.now(), story, request, lead), step)


def is_taken(session: Session, connection_id: int, story: Story) -> bool:
    """Whether this story has been begun already."""
    known = select(Intake.id).where(Intake.connection_id == connection_id, Intake.key == story.key)
    return session.scalar(known) is not None


def _take(core: Core, connection: tuple[int, str], story: Story) -> int:
    asker = story.asker
    draft = Draft(
        key=story.key,
        title=story.title,
        body=story.body,
        contact_name=asker.name,
        contact_email=asker.email,
        customer=asker.customer,
        category=story.category,
        priority=story.priority,
        wanted_by=story.wanted_by,
        goals=story.goals,
        labels=story.labels,
        language=asker.language,
    )
    with core.database.transaction() as session:
        request = take_draft(
            session,
            core.database.now(),
            draft,
            connection_id=connection[0],
            source=connection[1],
            prefix=core.settings.prefix,
        )
        request.uid = story.uid
        return request.id


def _say(scene: _Scene, step: Step) -> None:
    _comment(scene, step, scene.owner(step), "public")


def _note(scene: _Scene, step: Step) -> None:
    _comment(scene, step, scene.lead, "internal")


def _reply(scene: _Scene, step: Step) -> None:
    _comment(scene, step, scene.story.asker.actor, "public")


def _comment(scene: _Scene, step: Step, actor: Actor, stream: str) -> None:
    comments.say(scene.session, scene.now, actor, request_id=scene.request.id, text=step.text, stream=stream)


def _start(scene: _Scene, step: Step) -> None:
    owner = scene.owner(step)
    assert owner.id is not None
    bell.see(scene.session, scene.now, owner.id, scene.request.id)  # as the page does when it is opened
    tasks.set_state(scene.session, scene.now, owner, scene.task(step), "doing")


def _finish(scene: _Scene, step: Step) -> None:
    tasks.set_state(scene.session, scene.now, scene.owner(step), scene.task(step), "done")


def _hold(scene: _Scene, step: Step) -> None:
    tasks.set_state(
        scene.session, scene.now, scene.owner(step), scene.task(step), "waiting", reason=step.text
    )


def _log(scene: _Scene, step: Step) -> None:
    parts.log_time(
        scene.session, scene.now, scene.owner(step), scene.task(step), step.number, scene.now.date()
    )


def _score(scene: _Scene, step: Step) -> None:
    result = ("met", "partly", "not_met")[step.number]
    for goal in scene.request.goals:
        parts.score_goal(scene.session, scene.now, scene.owner(step), goal, result, step.text)


def _answer(scene: _Scene, step: Step) -> None:
    invitation = survey.invitation_of(scene.session, scene.request.id)
    assert invitation is not None
    instrument = scene.core.registry.instruments()[invitation.instrument]
    given = answers(step.number, step.text)
    answer(scene.session, scene.now, scene.story.asker.actor, invitation, instrument, given)


def _wait(scene: _Scene, step: Step) -> None:
    requests.wait(scene.session, scene.now, scene.lead, scene.request, step.text)


def _drop(scene: _Scene, step: Step) -> None:
    requests.drop(scene.session, scene.now, scene.lead, scene.request, step.text)


def _dismiss(scene: _Scene, step: Step) -> None:
    for finding in findings.open_of_request(scene.session, scene.request.id):
        findings.dismiss(scene.session, scene.now, scene.lead, finding, step.text)


ACTS: dict[str, Callable[[_Scene, Step], None]] = {
    "say": _say,
    "note": _note,
    "reply": _reply,
    "start": _start,
    "finish": _finish,
    "hold": _hold,
    "log": _log,
    "score": _score,
    "answer": _answer,
    "wait": _wait,
    "drop": _drop,
    "dismiss": _dismiss,
}
