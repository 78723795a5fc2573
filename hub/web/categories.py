"""The catalogue: kinds of service work, by which requests find their people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload
from werkzeug.wrappers import Response
from wtforms import BooleanField, FloatField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from hub.core import rights
from hub.core.connections.models import Connection
from hub.core.values import Refusal
from hub.core.work import catalogue
from hub.core.work.live import LIVE
from hub.core.work.models import Category, ServiceRequest
from hub.web import editing, guide, lines
from hub.web.context import core
from hub.web.forms import Form
from hub.web.requests.answering import attempt
from hub.web.requests.forms import IdField
from hub.web.requests.forms import teams as active_teams
from hub.web.sessions import actor

blueprint = Blueprint("categories", __name__, url_prefix="/settings/categories")


class CategoryForm(Form):
    """A kind of service work."""

    key = StringField(
        _l("Key"), [InputRequired()], description=_l("By it forms and webhooks name the category.")
    )
    zh = StringField(_l("Title (Chinese)"))
    en = StringField(_l("Title (English)"))
    skill = StringField(_l("Skill"), description=_l("Who has it may get the tasks."))
    team = IdField(_l("Team"), description=_l("Whose people get the tasks first."))
    keywords = TextAreaField(
        _l("Keywords"), description=_l("A request that names one is taken for this category.")
    )
    hours = FloatField(_l("Hours"), [Optional()], description=_l("What such work usually takes."))
    tracker = IdField(_l("Tracker"), description=_l("Where its tasks are also kept."))
    active = BooleanField(_l("In use"), default=True)
    version = HiddenField()

    def offer(self, session: Session) -> CategoryForm:
        """Fill the choices."""
        self.team.offer(active_teams(session))
        trackers = session.execute(
            select(Connection.id, Connection.name)
            .where(Connection.family == "tracker")
            .order_by(Connection.name)
        )
        self.tracker.offer([(number, name) for number, name in trackers])
        return self


@blueprint.get("/")
def index() -> str:
    """All categories, with their live requests."""
    rights.require(actor(), "see_settings")
    live = select(ServiceRequest.category_id, func.count()).where(LIVE).group_by(ServiceRequest.category_id)
    with core().database.reading() as session:
        rows = session.scalars(
            select(Category)
            .options(selectinload(Category.team))
            .order_by(Category.active.desc(), Category.id)
        ).all()
        counts = dict(session.execute(live).all())
        trackers = dict(session.execute(select(Connection.id, Connection.name)).all())
    return render_template("categories/index.html", categories=rows, counts=counts, trackers=trackers)


@blueprint.get("/new")
def new() -> str:
    """The form for a new category."""
    rights.require(actor(), "edit_catalogue")
    return _form(CategoryForm(**guide.suggested("category")), None)


@blueprint.post("/")
def create() -> Response | tuple[str, int]:
    """Make a category."""
    return _save(CategoryForm(), None)


@blueprint.get("/<int:number>/edit")
def edit(number: int) -> str:
    """A category as a form."""
    rights.require(actor(), "edit_catalogue")
    row = _find(number)
    stored = _stored(row)
    return _form(CategoryForm(key=row.key, version=editing.mark(stored), **stored), row)


@blueprint.post("/<int:number>")
def update(number: int) -> Response | tuple[str, int]:
    """Save a category."""
    form, row = CategoryForm(), _find(number)
    form.key.data = row.key
    return _save(form, row)


def _save(form: CategoryForm, row: Category | None) -> Response | tuple[str, int]:
    rights.require(actor(), "edit_catalogue")
    with core().database.reading() as session:
        form.offer(session)

    def save(session: Session, now: dt.datetime) -> None:
        held = session.get_one(Category, row.id, with_for_update=True) if row else None
        if held is not None:
            editing.guard(form, held.key, editing.mark(_stored(held)))
        catalogue.save_category(
            session,
            now,
            actor(),
            held,
            key=form.key.data or "",
            zh=form.zh.data or "",
            en=form.en.data or "",
            skill=form.skill.data or "",
            team_id=form.team.data,
            keywords=lines.words(form.keywords.data),
            hours=form.hours.data,
            tracker_id=form.tracker.data,
            active="active" in request.form or row is None,
        )

    if not attempt(form, save):
        stored = _stored(_find(row.id)) if row else {}
        theirs = editing.theirs(form, editing.mark(stored), stored) if row else []
        return _form(form, row, theirs), 409 if theirs else 422
    flash(_("Saved."), "ok")
    return redirect(guide.following(url_for("categories.index")), 303)


def _form(form: CategoryForm, row: Category | None, theirs: editing.Theirs | None = None) -> str:
    with core().database.reading() as session:
        form.offer(session)
    return render_template("categories/edit.html", form=form, category=row, theirs=theirs)


def _stored(row: Category) -> dict[str, Any]:
    return {
        "zh": row.title.get("zh", ""), "en": row.title.get("en", ""), "skill": row.skill or "",
        "team": row.team_id, "keywords": ", ".join(row.keywords), "hours": row.hours,
        "tracker": row.tracker_id, "active": row.active,
    }  # fmt: skip


def _find(number: int) -> Category:
    with core().database.reading() as session:
        row = session.get(Category, number)
    if row is None:
        raise Refusal("not_found")
    return row
