"""Tasks: make, edit, move, hand over, decide again."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.assign import decisions
from hub.core.directory.models import Person
from hub.core.values import TaskDraft
from hub.core.work.models import Task
from hub.core.work.tasks import assign_task, create_task, edit_task, set_state
from hub.core.workflow import decide
from hub.render.words import PRIORITIES
from hub.web.context import core, reader
from hub.web.forms import row_number
from hub.web.requests import answering
from hub.web.requests import forms as f
from hub.web.requests.loading import find as find_request
from hub.web.sessions import actor
from hub.web.tasks import detail

blueprint = Blueprint("tasks", __name__)


@blueprint.get("/tasks/<ref>")
def show(ref: str) -> Response:
    """A task with its decision, links and time."""
    rights.require(actor(), "see_requests")
    return detail.show(ref)


@blueprint.post("/requests/<ref>/tasks")
def create(ref: str) -> Response:
    """Add a task to a request."""
    form = f.TaskForm()
    _offer_teams(form)

    def make(session: Session, now: dt.datetime) -> None:
        draft = TaskDraft(
            form.title.data, form.body.data or "", _skill(form), form.team.data, form.hours.data
        )
        task = create_task(session, now, actor(), find_request(session, ref, hold=True), draft)
        chosen = {"priority": form.priority.data, "due": form.due.data, "labels": _labels(form)}
        edit_task(session, now, actor(), task, **chosen)

    if answering.attempt(form, make):
        return answering.done(ref, _("The task is made."), "task")
    return answering.again(ref, "task", form)


@blueprint.post("/tasks/<ref>")
def update(ref: str) -> Response:
    """Save a task's text and fields, unless somebody else did meanwhile."""
    form = f.TaskForm()
    _offer_teams(form)
    version = row_number(form.version.data)

    def save(session: Session, now: dt.datetime) -> None:
        edit_task(
            session, now, actor(), detail.find(session, ref, hold=True), version,
            title=form.title.data, body=form.body.data or "", hours=form.hours.data, due=form.due.data,
            priority=form.priority.data, skill=_skill(form), team_id=form.team.data, labels=_labels(form),
        )  # fmt: skip

    if answering.attempt(form, save):
        return detail.done(ref, _("Saved."))
    with core().database.reading() as session:
        task = detail.find(session, ref)
    if version is None or version == task.version:
        return detail.show(ref, status=422, edit=form)
    form.version.data = task.version
    return detail.show(ref, status=409, edit=form, theirs=_theirs(form, task))


@blueprint.post("/tasks/<ref>/state")
def state(ref: str) -> Response:
    """Move a task to another state; the toast takes it back while nobody has changed the task since."""
    form, was = f.TaskStateForm(), {"state": "", "reason": ""}

    def act(session: Session, now: dt.datetime) -> None:
        task, reason = detail.find(session, ref, hold=True), form.reason.data or ""
        was.update(state=task.state, reason=task.waiting_reason or "")
        set_state(session, now, actor(), task, form.state.data, reason=reason, version=_seen())

    if "quick" in request.form:  # a button of the list: there is no form to show again
        answering.do(act)
    elif not answering.attempt(form, act):
        return detail.show(ref, status=422, task_state=form)
    said = _("%(ref)s has a new state.", ref=ref)
    return detail.done(ref, said, undo=url_for("tasks.state", ref=ref), **was)


@blueprint.post("/tasks/<ref>/assignee")
def assignee(ref: str) -> Response:
    """Give a task to somebody, by hand; the toast gives it back while nobody has changed it since."""
    form, was = f.AssigneeForm(), {"person": ""}
    with core().database.reading() as session:
        form.person.offer(f.people(session))

    def give(session: Session, now: dt.datetime) -> None:
        task = detail.find(session, ref, hold=True)
        person = session.get(Person, form.person.data) if form.person.data else None
        note, was["person"] = form.note.data or "", str(task.assignee_id or "")
        given = assign_task(session, now, actor(), task, person, note=note, version=_seen())
        if given and person is not None:
            decisions.keep_by_hand(session, now, actor(), task, note)

    if "quick" in request.form and form.validate():
        answering.do(give)
    elif not answering.attempt(form, give):
        return detail.show(ref, status=422, assignee=form)
    said = _("%(ref)s is handed over.", ref=ref)
    return detail.done(ref, said, undo=url_for("tasks.assignee", ref=ref), **was)


@blueprint.post("/tasks/<ref>/decision")
def decision(ref: str) -> Response:
    """Have the rules decide again who takes the task."""

    def release(session: Session, now: dt.datetime) -> Task:
        task = detail.find(session, ref, hold=True)
        rights.require(actor(), "assign_task", task)
        assign_task(session, now, actor(), task, None)
        numbers.append(task.id)
        return task

    numbers: list[int] = []
    answering.do(release)
    choice = decide(core(), numbers[0])
    chosen = choice.chosen.name if choice.chosen else reader().text(choice.reason)
    return detail.done(ref, _("Decided: %(chosen)s", chosen=chosen))


def _seen() -> int | None:
    """The version that an undo saw; a form stands on its page and is judged by what it asks."""
    return row_number(request.form.get("version"))


def _offer_teams(form: f.TaskForm) -> None:
    with core().database.reading() as session:
        form.team.offer(f.teams(session))


def _labels(form: f.TaskForm) -> list[str]:
    return [label for label in re.split(r"[,，、;；\n]", form.labels.data or "") if label.strip()]


def _skill(form: f.TaskForm) -> str | None:
    return (form.skill.data or "").strip()[:40] or None


def _theirs(form: f.TaskForm, task: Task) -> list[tuple[Any, str]]:
    now = (
        (form.title, task.title),
        (form.body, task.body),
        (form.labels, ", ".join(task.labels)),
        (form.skill, task.skill or ""),
        (form.hours, "" if task.hours is None else f"{task.hours:g}"),
        (form.due, reader().date(task.due)),
    )
    theirs = [
        (field.label.text, text or "–") for field, text in now if field._value().strip() != text.strip()
    ]
    if task.priority != form.priority.data:
        theirs.append((form.priority.label.text, _(PRIORITIES[task.priority]) if task.priority else "–"))
    return theirs
