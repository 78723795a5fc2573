"""Looking at a request again and doing what its stage owes. Safe to run twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core import values as v
from hub.core.assign import choose, decisions, people
from hub.core.evaluate import quality, survey
from hub.core.execute import sync
from hub.core.identify import understand
from hub.core.improve import findings
from hub.core.notices import bell, rooms, telling
from hub.core.values import SYSTEM, Actor, Refusal, Stage
from hub.core.work.changes import touch
from hub.core.work.findable import keep_findable
from hub.core.work.models import ServiceRequest, Task
from hub.core.work.seen import category_value, request_value, task_value
from hub.core.work.tasks import create_task, edit_task, open_tasks
from hub.core.workflow.core import Core
from hub.core.workflow.moving import move, reopen


def look(core: Core, request_id: int) -> None:
    """Look at a request again: do what is owed in its stage, and tell the rooms. Safe to run twice."""
    _do_owed(core, request_id)
    rooms.announce(core.database, core.office, request_id)


def _do_owed(core: Core, request_id: int) -> None:
    with core.database.reading() as session:
        request = session.get(ServiceRequest, request_id)
        if request is None:
            return
        stage, state = request.stage, request.state
        reopened = bool(open_tasks(request.tasks))
    keep_findable(core.database, request_id)
    if state == "dropped":
        return
    if stage in ("evaluate", "improve"):
        _share(core, request_id)
        if reopened and state == "open":
            move(core, SYSTEM, request_id, "execute", leaving=stage)
            return
    if state == "closed":
        reopen(core, request_id)
    steps = {
        "identify": _identify,
        "assign": _assign,
        "execute": _execute,
        "evaluate": _evaluate,
        "improve": _improve,
    }
    if state == "open" or (state == "waiting" and stage == "execute"):
        steps[stage](core, request_id)
    if stage in ("assign", "execute"):
        _tell(core, request_id)


def _tell(core: Core, request_id: int) -> None:
    """Tell people what they have been given."""
    with core.database.reading() as session:
        request = session.get_one(ServiceRequest, request_id)
        now = core.database.now()
        mailed = [task.id for task in telling.owed(session, now, request.tasks)]
        rung = bell.owed(session, now, request.tasks)
    if not mailed and not rung:
        return
    with core.database.transaction() as session:
        for task_id in mailed:
            telling.assigned(session, now, core.office, session.get_one(Task, task_id))
        for task_id, by in rung:
            bell.give(session, now, session.get_one(Task, task_id), by)


def _advance(core: Core, request_id: int, stage: Stage, to: Stage) -> None:
    """Go on by itself where that is switched on; what is open keeps the request where it is."""
    if not core.settings.auto_advance:
        return
    try:
        # Somebody may have moved it while plugins were asked: then this step is over.
        move(core, SYSTEM, request_id, to, leaving=stage)
    except Refusal as refusal:
        if refusal.message != "stage_points_open":
            raise


def _identify(core: Core, request_id: int) -> None:
    with core.database.reading() as session:
        request = session.get_one(ServiceRequest, request_id)
        new, seen, version = not request.understood, request_value(request), request.version
        catalogue = understand.categories_of(session)
    if new:
        answer = understand.ask(core.registry, seen, version, catalogue, core.database.now().date())
        with core.database.transaction() as session:
            request = session.get_one(ServiceRequest, request_id, with_for_update=True)
            if not request.understood:
                understand.write(session, core.database.now(), request, answer)
    _advance(core, request_id, "identify", "assign")


def _assign(core: Core, request_id: int) -> None:
    _split(core, request_id)
    with core.database.reading() as session:
        request = session.get_one(ServiceRequest, request_id)
        waiting = [task.id for task in open_tasks(request.tasks) if task.assignee_id is None]
    for task_id in waiting:
        decide(core, task_id)
    _advance(core, request_id, "assign", "execute")


def _split(core: Core, request_id: int) -> None:
    with core.database.reading() as session:
        request = session.get_one(ServiceRequest, request_id)
        if request.tasks:
            return
        category = category_value(request.category) if request.category else None
        context = v.SplitContext(request_value(request), category)
        past = people.past_hours(session, request.category_id)
    drafts: tuple[v.TaskDraft, ...] | None = core.registry.ask_one("assign_split", context)
    made = [
        _estimated(core, context, draft, past) for draft in drafts or (v.TaskDraft(context.request.title),)
    ]
    with core.database.transaction() as session:
        request = session.get_one(ServiceRequest, request_id, with_for_update=True)
        if request.tasks or request.stage != "assign":
            return
        for draft in made:
            task = create_task(session, core.database.now(), SYSTEM, request, draft)
            if request.wanted_by is not None:
                edit_task(session, core.database.now(), SYSTEM, task, due=request.wanted_by)


def _estimated(
    core: Core, context: v.SplitContext, draft: v.TaskDraft, past: tuple[float, ...]
) -> v.TaskDraft:
    if draft.hours is not None:
        return draft
    task = v.TaskValue(0, "", draft.title, draft.body, "open", draft.skill, draft.team_id, 0.0)
    asked = v.EstimateContext(context.request, task, past, context.category)
    estimate: v.Estimate | None = core.registry.ask_one("assign_estimate", asked)
    hours = estimate.hours if estimate else (context.category.hours if context.category else None)
    return replace(draft, hours=hours)


def decide(core: Core, task_id: int) -> choose.Choice:
    """Ask the rules who takes a task, and keep the decision."""
    with core.database.reading() as session:
        task = session.get_one(Task, task_id)
        request = task.request
        versions = (task.version, request.version)
        context = v.AssignContext(
            request=request_value(request),
            task=task_value(task),
            category=category_value(request.category) if request.category else None,
            people=people.candidates(session, core.database.now()),
            recent=people.recent_picks(session),
            now=core.database.now(),
        )
    choice = choose.choose(core.registry, context)
    with core.database.transaction() as session:
        task = session.get_one(Task, task_id, with_for_update=True)
        # Where somebody changed task or request meanwhile, their change has promised another look.
        if task.assignee_id is not None or (task.version, task.request.version) != versions:
            return choice
        if choice.chosen is None or people.has_load_of(session, choice.chosen):
            decisions.keep(session, core.database.now(), task, choice, context)
            return choice
    # The hours went to another task. Each such turn keeps a decision of somebody, so this ends.
    return decide(core, task_id)


def _execute(core: Core, request_id: int) -> None:
    with core.database.transaction() as session:
        # Held, or two looks at once would each make a link, and the far side a twin.
        request = session.get_one(ServiceRequest, request_id, with_for_update=True)
        for task in request.tasks:
            if (
                request.category
                and request.category.tracker_id
                and task.assignee_id
                and task.state != "dropped"
            ):
                sync.ensure_link(session, core.database.now(), task, request.category.tracker_id)
        sync.promise_rounds(session, [task.id for task in request.tasks])
        finished = bool(request.tasks) and not open_tasks(request.tasks)
        waiting = request.state != "open"
    if finished and not waiting:
        _advance(core, request_id, "execute", "evaluate")


def _share(core: Core, request_id: int) -> None:
    """What is changed or said after the work is done goes to the trackers, too."""
    with core.database.transaction() as session:
        sync.promise_rounds(session, session.scalars(select(Task.id).where(Task.request_id == request_id)))


def _evaluate(core: Core, request_id: int) -> None:
    instrument = core.registry.instruments().get(core.settings.survey)
    now = core.database.now()
    with core.database.transaction() as session:
        request = session.get_one(ServiceRequest, request_id, with_for_update=True)
        if request.stage != "evaluate":
            return
        if "sampled" not in request.understood:
            quality.draw(session, now, request, core.settings.quality_seed, core.settings.quality_percent)
            request.understood = {**request.understood, "sampled": True}
        if instrument and survey.invitation_of(session, request_id) is None:
            lifetime = dt.timedelta(days=core.settings.survey_days)
            if token := survey.ask(session, now, SYSTEM, request, instrument, lifetime):
                telling.invite(session, now, core.office, request, now + lifetime, token)
        settled = instrument is None or survey.is_settled(session, now, request)
    if settled:
        _advance(core, request_id, "evaluate", "improve")


def _improve(core: Core, request_id: int) -> None:
    now = core.database.now()
    with core.database.transaction() as session:
        request = session.get_one(ServiceRequest, request_id, with_for_update=True)
        if request.stage != "improve" or request.state != "open":
            return
        answer = survey.answer_of(session, request_id)
        findings.keep_own(session, now, request, answer.score if answer else None)
        if findings.open_of_request(session, request_id):
            return
        close(session, now, SYSTEM, request)


def close(session: Session, now: dt.datetime, actor: Actor, request: ServiceRequest) -> None:
    """Close a request that has been through all stages."""
    request.state, request.closed_at = "closed", now
    history.record(session, now, actor, "request_closed", request, request_id=request.id)
    touch(session, now, request)
