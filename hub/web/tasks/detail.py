"""A task with everything that can be done to it: as a page, and in place on its request's page."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core.assign import decisions
from hub.core.assign.models import Decision
from hub.core.execute.models import Link
from hub.core.values import Refusal
from hub.core.work.models import ServiceRequest, Task
from hub.web import bell, htmx
from hub.web.context import core, reader
from hub.web.forms import Form
from hub.web.requests import answering
from hub.web.requests import forms as f
from hub.web.requests.loading import load, names_of
from hub.web.tasks import planning

DETAIL = "task-detail"


def find(session: Session, ref: str, *, hold: bool = False) -> Task:
    """The task of this reference; refuses an unknown one. ``hold`` locks its row."""
    query = select(Task).where(Task.ref == ref.upper())
    found = session.scalars(query.with_for_update() if hold else query).first()
    if found is None:
        raise Refusal("not_found")
    return found


def find_link(session: Session, number: int) -> Link:
    """The link of this number; refuses an unknown one."""
    link = session.get(Link, number)
    if link is None:
        raise Refusal("not_found")
    return link


def show(ref: str, *, status: int = 200, **replaced: Any) -> Response:
    """The task's page, or its detail alone where htmx asks."""
    values = _surroundings(ref, replaced)
    bell.look_at(values["sr"].id)
    template = "tasks/_detail.html" if htmx.wants_fragment() else "tasks/show.html"
    return make_response(render_template(template, **values), status)


def done(ref: str, said: str, *, undo: str | None = None, **carry: object) -> Response:
    """After a change: the task's page, or its detail anew with the parts of the request it touched.

    ``undo`` is an address that takes the change back, by the version the task has now and what is to be
    carried there.
    """
    if not htmx.wants_fragment():
        flash(said, "ok")
        if answering.view() == "task":
            return redirect(url_for("tasks.show", ref=ref), 303)
        return redirect(url_for("requests.show", ref=ref.rpartition("-")[0]), 303)
    values = _surroundings(ref, {})
    detail = render_template("tasks/_detail.html", **values)
    parts = answering.parts(values)
    carry |= {"version": values["task"].version, "view": answering.view(), "quick": 1}
    # An undo stands in a toast, not in the detail: that is renewed where it is shown.
    undone = DETAIL in request.form
    if undone or htmx.asked().target == DETAIL:
        carry[DETAIL] = 1
    return htmx.respond(
        detail,
        *parts,
        htmx.toast(said, undo=undo, carry=carry),
        events={"requestChanged": values["sr"].ref},
        retarget=f"#{DETAIL}" if undone else None,
        reswap="outerHTML" if undone else None,
    )


def _surroundings(ref: str, replaced: dict[str, Any]) -> dict[str, Any]:
    with core().database.reading() as session:
        task = find(session, ref)
        request_ref = session.scalars(
            select(ServiceRequest.ref).where(ServiceRequest.id == task.request_id)
        ).one()
        decision = decisions.latest(session, task.id)
        decided = names_of(session, _people(decision)) if decision else {}
        assignee = f.AssigneeForm(formdata=None, person=task.assignee_id)
        assignee.person.offer(f.people(session, task.assignee_id))
        edited = f.TaskForm.of(task)
        edited.team.offer(f.teams(session))
        link = f.LinkForm(formdata=None)
        link.offer_trackers(session)
        planned = planning.shown(session, task)
    page = load(request_ref)
    forms: dict[str, Form] = {
        "assignee": assignee,
        "edit": edited,
        "link": link,
        "task_state": f.TaskStateForm(formdata=None, state=task.state, reason=task.waiting_reason),
        "time": f.TimeForm(formdata=None, day=reader().now.astimezone(reader().zone).date()),
    }
    theirs = replaced.pop("theirs", ())
    values = answering.surroundings(page, answering.view(), {**forms, **replaced})
    here = next(row for row in page.request.tasks if row.ref == task.ref)
    return {
        **values,
        "task": here,
        "decision": decision,
        "decided": decided,
        "theirs": theirs,
        "planned": planned,
    }


def _people(decision: Decision) -> set[tuple[str, int]]:
    ids = {row["person"] for row in decision.candidates} | {veto[0] for veto in decision.vetoes}
    return {("person", number) for number in {*ids, decision.chosen_id} - {None}}
