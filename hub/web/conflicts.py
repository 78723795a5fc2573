"""Conflicts between here and a tracker: all that wait, one with both its sides, decided by a person."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.connections.models import Connection
from hub.core.directory.models import Person
from hub.core.execute import sync
from hub.core.execute.models import Conflict
from hub.core.execute.sync import conflicts
from hub.core.execute.sync.lines import draft_merge
from hub.core.values import Refusal
from hub.render import words
from hub.render.difference import difference
from hub.web import htmx
from hub.web.context import core, sentence
from hub.web.forms import row_number
from hub.web.requests import answering
from hub.web.requests import forms as f
from hub.web.requests.loading import names_of
from hub.web.sessions import actor
from hub.web.tasks import detail

blueprint = Blueprint("conflicts", __name__)
# What a second person is told instead of being refused: somebody was faster.
SETTLED = ("conflict_closed", "conflict_is_open", "conflict_on_its_way", "conflict_moved_on")


@blueprint.get("/conflicts")
def index() -> str:
    """All conflicts that wait for a person, the oldest first; of one connection where asked."""
    rights.require(actor(), "see_requests")
    chosen = row_number(request.args.get("connection"))
    with core().database.reading() as session:
        rows = conflicts.open_list(session, chosen)
        counts = conflicts.open_counts(session)
        named = select(Connection.id, Connection.name).where(Connection.id.in_(counts))
        connections = session.execute(named.order_by(Connection.name)).all()
        people = _people(session)
    return render_template(
        "conflicts/index.html", rows=rows, counts=counts, connections=connections, chosen=chosen,
        people=people, words=words, difference=difference,
    )  # fmt: skip


@blueprint.get("/conflicts/<int:number>")
def show(number: int) -> str:
    """One conflict: both values, what they were before, who changed them; or how it was settled."""
    rights.require(actor(), "see_requests")
    return _page(number)


def _page(number: int, typed: str | None = None, wrong: str = "") -> str:
    with core().database.reading() as session:
        row = _find(session, number)
        base, here = conflicts.base_of(session, row), conflicts.changed_here(session, row)
        asked: set[tuple[str, int]] = {("person", row.closed_by)} if row.closed_by else set()
        if here is not None and here.actor_id is not None:
            asked.add((here.actor_kind, here.actor_id))
        names, people = names_of(session, asked), _people(session)
        merged = ""
        if row.field == "body":
            merged = draft_merge(base or "", row.here or "", row.there or "")
        values: dict[str, Any] = {"row": row, "link": row.link, "task": row.link.task}
        connection = row.link.connection
    return render_template(
        "conflicts/show.html", **values, connection=connection, base=base, changed=here, names=names,
        people=people, merged=merged, words=words, difference=difference, typed=typed, wrong=wrong,
    )  # fmt: skip


@blueprint.post("/conflicts/<int:number>")
def update(number: int) -> Response:
    """Keep ours, take theirs, or write an own text."""
    refs: list[str] = []

    def act(session: Session, now: dt.datetime) -> None:
        conflict = _find(session, number)
        refs.append(conflict.link.task.ref)
        choice = request.form.get("choice", "")
        sync.resolve_conflict(session, now, actor(), conflict, choice, _own(conflict.field))  # type: ignore[arg-type]

    said = _("The conflict is settled; the next round carries it over.")
    if "view" in request.form or htmx.wants_fragment():  # asked on the task's own page
        answering.do(act)
        return detail.done(refs[0], said)
    return _settle(number, act, said)


@blueprint.post("/conflicts/<int:number>/reopen")
def reopen(number: int) -> Response:
    """Take back how a conflict was settled."""
    said = _("The conflict is open again; nothing is written there before you choose.")
    return _settle(
        number, lambda session, now: conflicts.reopen(session, now, actor(), _find(session, number)), said
    )


def _settle(number: int, act: answering.Verb, said: str) -> Response:
    """Do it and show the conflict; who comes second sees what happened."""
    try:
        answering.do(act)
    except Refusal as refusal:
        if refusal.message in ("not_allowed", "not_found"):
            raise
        if refusal.message not in SETTLED:
            return make_response(_page(number, request.form.get("text", ""), sentence(refusal)), 422)
        flash(sentence(refusal), "bad")
    else:
        flash(said, "ok")
    return redirect(url_for("conflicts.show", number=number), 303)


def _find(session: Session, number: int) -> Conflict:
    conflict = session.get(Conflict, number)
    if conflict is None:
        raise Refusal("not_found")
    return conflict


def _people(session: Session) -> list[Any]:
    """Everybody as choices of a form, for values and for choosing."""
    form = f.AssigneeForm(formdata=None)
    form.person.offer(list(session.execute(select(Person.id, Person.name).order_by(Person.name))))
    return list(form.person.choices)


def _own(field: str) -> object:
    text = request.form.get("text", "")
    if field == "labels":
        return frozenset(label.strip() for label in re.split(r"[,，、;；\n]", text) if label.strip())
    if field in ("assignee", "priority", "estimate"):
        return row_number(text)
    return text.strip() or None if field == "due" else text
