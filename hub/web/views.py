"""Saved views: keep the present address under a name, share it, rename it, forget it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import InputRequired

from hub.core import rights
from hub.core.directory import views as verbs
from hub.core.directory.models import SavedView
from hub.core.values import Refusal
from hub.web.board.filters import BoardFilter
from hub.web.context import core
from hub.web.forms import Form
from hub.web.requests.answering import attempt, do
from hub.web.requests.choices import kept_of
from hub.web.sessions import actor, may

blueprint = Blueprint("views", __name__, url_prefix="/views")
PAGES = {"board": "board.index", "requests": "requests.index"}


class ViewForm(Form):
    """A name for an address, and who finds it."""

    name = StringField(_l("Name"), [InputRequired()])
    shared = BooleanField(_l("Share it with the team"))
    page = HiddenField()
    query = HiddenField()


@blueprint.app_template_global("view_url")
def address(view: SavedView) -> str:
    """Where a saved view leads."""
    query = f"?{view.query}" if view.query else ""
    return url_for(PAGES[view.page]) + query


@blueprint.get("/")
def index() -> str:
    """One's own views and those of the team."""
    rights.require(actor(), "save_view")
    return _page()


@blueprint.post("/")
def create() -> Response | tuple[str, int]:
    """Keep the address a page was seen at."""
    form = ViewForm()
    query = canonical(form.page.data or "", form.query.data or "")
    made: list[str] = []

    def save(session: Session, now: dt.datetime) -> None:
        view = verbs.save_view(
            session, now, actor(), page=form.page.data or "", name=form.name.data, query=query,
            shared=form.shared.data,
        )  # fmt: skip
        made.append(address(view))

    if not attempt(form, save):
        return _page(form), 422
    flash(_("The view is saved."), "ok")
    return redirect(made[0], 303)


@blueprint.post("/<int:number>")
def update(number: int) -> Response | tuple[str, int]:
    """Rename a view, share it or take it back."""
    form = ViewForm()

    def change(session: Session, now: dt.datetime) -> None:
        view = _find(session, number)
        verbs.change_view(session, now, actor(), view, name=form.name.data, shared=form.shared.data)

    if not attempt(form, change):
        return _page(form, number), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("views.index"), 303)


@blueprint.post("/<int:number>/removal")
def delete(number: int) -> Response:
    """Forget a view."""
    do(lambda session, now: verbs.drop_view(session, now, actor(), _find(session, number)))
    flash(_("The view is removed."), "ok")
    return redirect(url_for("views.index"), 303)


def canonical(page: str, query: str) -> str:
    """A query as the page itself would write it: what it does not know is left out."""
    given: Mapping[str, str] = dict(parse_qsl(query[:4000]))
    known: dict[str, Any] = BoardFilter.of(given).args() if page == "board" else kept_of(given)
    return urlencode(known)


def _find(session: Session, number: int) -> SavedView:
    view = session.get(SavedView, number)
    if view is None:
        raise Refusal("not_found")
    return view


def _page(refused: ViewForm | None = None, number: int | None = None) -> str:
    with core().database.reading() as session:
        offered = verbs.offered(session, actor())
    mine = [view for view in offered if view.person_id == actor().id]
    forms = {
        view.id: refused
        if refused and view.id == number
        else ViewForm(formdata=None, name=view.name, shared=view.shared)
        for view in mine
    }
    return render_template(
        "views/index.html", mine=mine, forms=forms, refused=refused if number is None else None,
        shared=[view for view in offered if view.person_id != actor().id], tidies=may("tidy_views"),
    )  # fmt: skip
