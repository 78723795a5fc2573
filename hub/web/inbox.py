"""The inbox: what has come in and is not yet understood, oldest first, with what is still open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, case, func, literal, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, StringField

from hub.core import rights
from hub.core.connections.models import Delivery
from hub.core.identify.points import own_points
from hub.core.notices.models import Notice
from hub.core.values import OpenPoint, Refusal
from hub.core.work.live import LIVE
from hub.core.work.models import Category, ServiceRequest
from hub.core.work.parts import add_goal
from hub.core.work.requests import edit_request
from hub.core.work.seen import request_value
from hub.render.words import PRIORITIES, SOURCES
from hub.web import editing, htmx
from hub.web.context import core, reader
from hub.web.forms import Form, row_number
from hub.web.requests.letters import count_kept
from hub.web.sessions import actor

blueprint = Blueprint("inbox", __name__)
PAGE, UNDONE = 30, "undone"
WAITING: tuple[ColumnElement[bool], ...] = (
    LIVE,
    ServiceRequest.stage == "identify",
    ServiceRequest.state == "open",
)
UNCLASSIFIED = ServiceRequest.category_id.is_(None)


class Triage(Form):
    """What a look at a new request can settle at once."""

    category = SelectField(_l("Category"), coerce=lambda value: int(value) if value else None)
    priority = SelectField(_l("Priority"), coerce=lambda value: int(value) if value else None)
    goal = StringField(_l("Goal"))
    version = HiddenField()
    missing = HiddenField()

    def offer(self, categories: list[tuple[int, str]]) -> None:
        """Fill the selects."""
        self.category.choices = [("", "–"), *((str(number), text) for number, text in categories)]
        self.priority.choices = [("", "–"), *((str(level), _(name)) for level, name in PRIORITIES.items())]


@dataclass(frozen=True, slots=True)
class Entry:
    """One request in the inbox."""

    request: ServiceRequest
    points: list[OpenPoint]
    # Only where something was refused: what was typed, and why; and what stands there, where it is newer.
    form: Triage | None = None
    theirs: editing.Theirs = field(default_factory=list)


@blueprint.get("/inbox")
def index() -> str:
    """What waits in stage 1, oldest first."""
    rights.require(actor(), "see_requests")
    missing, after = request.args.get("missing", ""), request.args.get("after", type=row_number) or 0
    with core().database.reading() as session:
        wanted = (*WAITING, UNCLASSIFIED) if missing == "category" else WAITING
        rows = _rows(session, *wanted, ServiceRequest.id > after)
        categories = _categories(session)
        values = {"sums": _sums(session), "dead": _dead(session), "stuck": _stuck(session)}
        values["kept"] = count_kept(session, core().database.now() - dt.timedelta(days=7))
    more = rows[PAGE - 1].id if len(rows) > PAGE else None
    return render_template(
        "inbox/index.html",
        entries=[_entry(row) for row in rows[:PAGE]],
        missing=missing,
        after=after,
        more=more,
        **_choices(categories),
        **values,
    )


@blueprint.post("/inbox/<ref>")
def update(ref: str) -> Response:
    """Set category and priority and add a goal, in place; the toast takes category and priority back."""
    form = Triage()
    with core().database.reading() as session:
        categories = _categories(session)
        before = _rows(session, ServiceRequest.ref == ref.upper())
    form.offer(categories)
    saved = form.validate() and _save(ref, form)
    with core().database.reading() as session:
        rows = _rows(session, ServiceRequest.ref == ref.upper())
    if not rows:
        raise Refusal("not_found")
    said = _("%(ref)s is saved.", ref=rows[0].ref)
    if saved and not htmx.wants_fragment():
        flash(said, "ok")
        return redirect(url_for("inbox.index", missing=form.missing.data or None), 303)
    entry = _entry(rows[0], None if saved else form)
    template = "inbox/_entry.html" if htmx.wants_fragment() else "inbox/entry.html"
    page = render_template(template, entry=entry, missing=form.missing.data or "", **_choices(categories))
    toast = htmx.toast(said, **_undo(form, before[0], rows[0])) if saved else ""
    status = 200 if saved else 409 if entry.theirs else 422
    if UNDONE not in request.form:
        return htmx.respond(page, toast, status=status)
    # An undo stands in a toast, not in the entry.
    return htmx.respond(page, toast, status=status, retarget=f"#inbox-{rows[0].ref}", reswap="outerHTML")


def _undo(form: Triage, before: ServiceRequest, now: ServiceRequest) -> dict[str, Any]:
    if (form.goal.data or "").strip():
        return {}  # it stands on the request's page, where it can be removed
    was = {"category": before.category_id or "", "priority": before.priority or "", "version": now.version}
    carry = {**was, "missing": form.missing.data or "", UNDONE: 1}
    return {"undo": url_for("inbox.update", ref=now.ref), "carry": carry}


def _choices(categories: list[tuple[int, str]]) -> dict[str, Any]:
    priorities = [(level, _(name)) for level, name in PRIORITIES.items()]
    return {"categories": categories, "priorities": priorities, "sources": SOURCES}


def _save(ref: str, form: Triage) -> bool:
    try:
        with core().database.transaction() as session:
            now = core().database.now()
            query = select(ServiceRequest).where(ServiceRequest.ref == ref.upper()).with_for_update()
            row = session.scalars(query).first()
            if row is None:
                raise Refusal("not_found")
            chosen = {"category_id": form.category.data, "priority": form.priority.data}
            edit_request(session, now, actor(), row, row_number(form.version.data), **chosen)
            if (form.goal.data or "").strip():
                add_goal(session, now, actor(), row, form.goal.data)
    except Refusal as refusal:
        if refusal.message in ("not_allowed", "not_found"):
            raise
        refusal.field = {"text": "goal"}.get(refusal.field or "", refusal.field)
        form.refuse(refusal)
        return False
    return True


def _rows(session: Session, *wanted: ColumnElement[bool]) -> list[ServiceRequest]:
    query = (
        select(ServiceRequest)
        .where(*wanted)
        .options(
            joinedload(ServiceRequest.category),
            joinedload(ServiceRequest.customer),
            joinedload(ServiceRequest.contact),
            selectinload(ServiceRequest.needs),
            selectinload(ServiceRequest.goals),
        )
        .order_by(ServiceRequest.id)
        .limit(PAGE + 1)
    )
    return list(session.scalars(query))


def _entry(row: ServiceRequest, form: Triage | None = None) -> Entry:
    known = row.contact_id is not None or row.customer_id is not None
    points = own_points(request_value(row), known_asker=known) if row.stage == "identify" else []
    stored = {"category": row.category_id, "priority": row.priority}
    return Entry(row, points, form, editing.theirs(form, row.version, stored) if form else [])


def _categories(session: Session) -> list[tuple[int, str]]:
    rows = session.execute(select(Category.id, Category.title).where(Category.active).order_by(Category.id))
    return [(number, reader().text(title)) for number, title in rows]


def _sums(session: Session) -> dict[str, tuple[int, dt.datetime | None]]:
    """How many wait and since when: all, and those without a category."""
    row = session.execute(
        select(
            func.count(),
            func.min(ServiceRequest.created_at),
            func.sum(case((UNCLASSIFIED, 1), else_=0)),
            func.min(case((UNCLASSIFIED, ServiceRequest.created_at))),
        ).where(*WAITING)
    ).one()
    return {"all": (row[0], row[1]), "category": (row[2] or 0, row[3])}


def _stuck(session: Session) -> int:
    # Written out, so that the index of those is seen to fit.
    stuck = [Notice.state == literal(name, literal_execute=True) for name in ("held", "failed", "unclear")]
    return session.scalar(select(func.count()).select_from(Notice).where(or_(*stuck))) or 0


def _dead(session: Session) -> int:
    # Written out, so that the index of dead deliveries is seen to fit.
    dead = Delivery.status == literal("dead", literal_execute=True)
    return session.scalar(select(func.count()).select_from(Delivery).where(dead)) or 0
