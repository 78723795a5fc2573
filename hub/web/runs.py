"""Runs: what rounds, imports and undos changed, what would go back, and taking one back."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.directory.models import Person
from hub.core.execute.models import Run, RunChange
from hub.core.execute.sync import undo as undoing
from hub.core.execute.sync.runs import KEPT_FOR
from hub.core.values import Refusal
from hub.render import words
from hub.render.sync import because
from hub.web.connections import find as find_connection
from hub.web.context import core, reader, sentence
from hub.web.forms import row_number
from hub.web.requests.answering import do
from hub.web.sessions import actor

blueprint = Blueprint("runs", __name__)
KINDS = ("round", "import", "undo")
PAGE = 50


@blueprint.get("/connections/<int:number>/runs")
def index(number: int) -> str:
    """A connection's runs, newest first, by kind."""
    rights.require(actor(), "see_connections")
    kind, before = request.args.get("kind"), request.args.get("before", type=row_number)
    query = select(Run, func.count(RunChange.id)).outerjoin(Run.changes).where(Run.connection_id == number)
    if kind in KINDS:
        query = query.where(Run.kind == kind)
    if before is not None:
        query = query.where(Run.id < before)
    counted = select(Run.kind, func.count()).where(Run.connection_id == number).group_by(Run.kind)
    with core().database.reading() as session:
        row = find_connection(session, number)
        query = query.group_by(Run.id).order_by(Run.id.desc()).limit(PAGE + 1)
        found = session.execute(query.options(joinedload(Run.link))).all()
        counts = dict(session.execute(counted).all())
        names = _people(session)
        refs = {run.id: run.link.task.ref for run, _count in found if run.link}
    return render_template(
        "runs/index.html", row=row, rows=found[:PAGE], counts=counts, kind=kind, kinds=KINDS, names=names,
        refs=refs, older=found[PAGE - 1][0].id if len(found) > PAGE else None, days=KEPT_FOR.days,
        words=words,
    )  # fmt: skip


@blueprint.get("/runs/<int:number>")
def show(number: int) -> str:
    """One run: what it changed, and what would go back if it were taken back now."""
    rights.require(actor(), "see_connections")
    with core().database.reading() as session:
        run = find(session, number)
        ways = undoing.plan_undo(session, run)
        left = [(change, change.link.task.ref) for change in run.changes if change.state != "done"]
        undone_by = session.scalars(select(Run.id).where(Run.undoes_id == run.id).order_by(Run.id)).all()
        names, row = _people(session), run.connection
    return render_template(
        "runs/show.html", run=run, row=row, ways=ways, left=left, seal=undoing.seal(ways), names=names,
        undone_by=undone_by, words=words, ends_at=run.at + KEPT_FOR,
        because=lambda reason: because(reason, reader()),
    )  # fmt: skip


@blueprint.post("/runs/<int:number>/undo")
def undo(number: int) -> Response:
    """Take a run back, as its page showed it."""
    made: list[int] = []

    def act(session: Session, now: dt.datetime) -> None:
        run = find(session, number)
        made.append(undoing.undo_run(session, now, actor(), run, request.form.get("seal", "")).id)

    try:
        do(act)
    except Refusal as refusal:
        if refusal.message not in ("undo_nothing", "undo_has_changed"):
            raise
        flash(sentence(refusal), "bad")
        return redirect(url_for("runs.show", number=number), 303)
    flash(_("It is being taken back; this page shows how far it is."), "ok")
    return redirect(url_for("runs.show", number=made[0]), 303)


def find(session: Session, number: int) -> Run:
    """The run of this number; those older than two weeks are forgotten."""
    run = session.get(Run, number)
    if run is None:
        raise Refusal("not_found")
    return run


def _people(session: Session) -> dict[int, str]:
    return dict(session.execute(select(Person.id, Person.name)).all())
