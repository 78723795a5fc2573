"""First imports: begun, looked at as a table of differences, and carried out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.connections.models import Connection
from hub.core.customers.models import Customer
from hub.core.directory.models import Person
from hub.core.execute import importing
from hub.core.execute.importing.models import Import, ImportRow
from hub.core.values import Refusal
from hub.core.work.models import Category, Task
from hub.core.work.requests import by_ref
from hub.render import words
from hub.render.sync import because
from hub.web import htmx
from hub.web.connections import find, steps
from hub.web.connections.differences import lines
from hub.web.context import core, reader, sentence
from hub.web.forms import row_number
from hub.web.requests.answering import do
from hub.web.sessions import actor

blueprint = Blueprint("imports", __name__)
PAGE = 50
LATEST = 10


@blueprint.get("/connections/<int:number>/imports/new")
def new(number: int) -> str:
    """What should be looked at, and what should become of it."""
    rights.require(actor(), "import_items")
    return _form(number, {}, {"target": "requests", "only_open": "1"})


@blueprint.post("/connections/<int:number>/imports")
def create(number: int) -> Response | tuple[str, int]:
    """Begin to look; nothing is written but the table."""
    rights.require(actor(), "import_items")
    made: list[int] = []
    typed = request.form.to_dict()

    def begin(session: Session, now: dt.datetime) -> None:
        ref = typed.get("request", "").strip()
        parent = by_ref(session, ref) if ref else None
        if ref and parent is None:
            raise Refusal("not_found", field="request")
        held = importing.begin(
            session, now, actor(), find(session, number, hold=True), typed.get("target", ""), request=parent,
            category_id=_number(typed, "category"), customer_id=_number(typed, "customer"),
            only_open=bool(typed.get("only_open")),
        )  # fmt: skip
        made.append(held.id)

    try:
        do(begin)
    except Refusal as refusal:
        if refusal.message == "not_allowed":
            raise
        return _form(number, {refusal.field or "": sentence(refusal)}, typed), 422
    return redirect(url_for("imports.show", number=made[0]), 303)


@blueprint.get("/imports/<int:number>")
def show(number: int) -> str:
    """How far it is, and the table of what will happen or has happened."""
    rights.require(actor(), "import_items")
    part, after = request.args.get("show", ""), request.args.get("after", type=row_number) or 0
    with core().database.reading() as session:
        held = _import(session, number)
        wanted = select(ImportRow).where(ImportRow.import_id == number, ImportRow.id > after)
        if part == "conflicts":
            wanted = wanted.where(ImportRow.conflicts > 0)
        elif part:
            wanted = wanted.where((ImportRow.action == part) | (ImportRow.outcome == part))
        rows = list(session.scalars(wanted.order_by(ImportRow.id).limit(PAGE + 1)))
        people = _map(session, select(Person.id, Person.name))
        ids = {row.task_id for row in rows if row.task_id}
        tasks = _map(session, select(Task.id, Task.ref).where(Task.id.in_(ids)))
        return render_template(
            "imports/show.html", held=held, row=held.connection, rows=rows[:PAGE], tasks=tasks, part=part,
            more=rows[PAGE - 1].id if len(rows) > PAGE else None, walk=steps.of(session, held.connection),
            lines=lambda fields: lines(fields, people, reader()), words=words, parent=held.request,
            because=lambda reason: because(reason, reader()), changed=changed, **_counted(session, held),
        )  # fmt: skip


@blueprint.get("/imports/<int:number>/progress")
def progress(number: int) -> Response:
    """How it goes; 286 ends the asking, and the table comes."""
    rights.require(actor(), "import_items")
    with core().database.reading() as session:
        held = _import(session, number)
        text = render_template(
            "imports/_progress.html", held=held, words=words,
            because=lambda reason: because(reason, reader()), **_counted(session, held),
        )  # fmt: skip
    if held.state in importing.WORKING:
        return htmx.respond(text)
    answer = htmx.respond(text, status=286)
    answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.post("/imports/<int:number>/<any(run, cancel, again, resume):verb>")
def update(number: int, verb: str) -> Response:
    """Run it, cancel it, look again at what had changed, or go on after the tracker was mended."""
    verbs: dict[str, Callable[[Session, dt.datetime, Import], None]] = {
        "run": lambda session, now, held: importing.start(session, now, actor(), held),
        "cancel": lambda session, now, held: importing.cancel(session, now, actor(), held),
        "again": lambda session, _now, held: importing.look_again(session, actor(), held),
        "resume": lambda session, _now, held: importing.go_on(session, actor(), held),
    }
    do(lambda session, now: verbs[verb](session, now, _import(session, number, hold=True)))
    if verb == "cancel":
        flash(_("The import is cancelled. What was done stays."), "ok")
    if htmx.wants_fragment():
        answer = htmx.respond("")
        answer.headers["HX-Refresh"] = "true"
        return answer
    return redirect(url_for("imports.show", number=number), 303)


@blueprint.post("/imports/<int:number>/rows/<int:row>")
def choose(number: int, row: int) -> Response:
    """Something else than is proposed for one item."""

    def act(session: Session, _now: dt.datetime) -> None:
        found = session.get(ImportRow, row)
        if found is None or found.import_id != number:
            raise Refusal("not_found")
        held = _import(session, number)
        importing.choose(session, actor(), held, found, request.form.get("choice", ""))

    do(act)
    back = url_for("imports.show", number=number, show=request.form.get("show") or None,
                   after=request.form.get("after") or None)  # fmt: skip
    return redirect(f"{back}#row-{row}", 303)


def changed(row: ImportRow) -> dict[str, Any]:
    """The fields that are no longer as they were shown, as they are now."""
    shown = (row.linked if row.chosen == "link" else row.fields) or {}
    now: dict[str, Any] = (row.told or {}).get("fields", {})
    return {name: value for name, value in now.items() if shown.get(name) != value}


def _counted(session: Session, held: Import) -> dict[str, Any]:
    mine = ImportRow.import_id == held.id
    actions = select(ImportRow.action, func.count()).where(mine).group_by(ImportRow.action)
    outcomes = select(ImportRow.outcome, func.count()).where(mine).group_by(ImportRow.outcome)
    looked, done = _map(session, actions), _map(session, outcomes)
    total = sum(looked.values())
    left = (looked if held.state == "looking" else done).pop(None, 0)
    for counts in (looked, done):
        counts.pop(None, None)
    conflicts = session.scalar(select(func.count()).where(mine, ImportRow.conflicts > 0))
    return {
        "looked": looked, "done": done, "total": total, "conflicts": conflicts,
        "share": (total - left) / total if total and held.state != "listing" else None,
    }  # fmt: skip


def _map(session: Session, query: Any) -> dict[Any, Any]:
    return dict(session.execute(query).all())


def _import(session: Session, number: int, *, hold: bool = False) -> Import:
    held = session.get(Import, number, with_for_update=hold or None)
    if held is None:
        raise Refusal("not_found")
    return held


def _form(number: int, wrong: dict[str, str], typed: dict[str, str]) -> str:
    with core().database.reading() as session:
        row: Connection = find(session, number)
        earlier = (
            select(Import).where(Import.connection_id == number).order_by(Import.id.desc()).limit(LATEST)
        )
        return render_template(
            "imports/new.html", row=row, wrong=wrong, typed=typed, words=words,
            earlier=list(session.scalars(earlier.limit(LATEST))), walk=steps.of(session, row),
            categories=list(session.scalars(select(Category).where(Category.active).order_by(Category.id))),
            customers=list(session.scalars(select(Customer).order_by(Customer.name).limit(500))),
        )  # fmt: skip


def _number(typed: dict[str, str], name: str) -> int | None:
    value = typed.get(name, "")
    return int(value) if value.isdigit() else None
