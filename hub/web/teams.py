"""Teams: made, renamed, taken out of use; shown on the page of people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, StringField
from wtforms.validators import InputRequired

from hub.core import rights
from hub.core.directory import profiles
from hub.core.directory.models import Team
from hub.core.values import Refusal
from hub.web import editing
from hub.web.context import core
from hub.web.forms import Form
from hub.web.requests.answering import attempt
from hub.web.sessions import actor

blueprint = Blueprint("teams", __name__, url_prefix="/teams")


class TeamForm(Form):
    """A team."""

    name = StringField(_l("Name of the team"), [InputRequired()])
    active = BooleanField(_l("In use"), default=True)
    version = HiddenField()


@blueprint.get("/new")
def new() -> str:
    """The form for a new team."""
    rights.require(actor(), "edit_people")
    return render_template("teams/edit.html", form=TeamForm(), team=None)


@blueprint.get("/<int:number>/edit")
def edit(number: int) -> str:
    """A team as a form."""
    rights.require(actor(), "edit_people")
    team = _find(number)
    form = TeamForm(**_stored(team), version=editing.mark(_stored(team)))
    return render_template("teams/edit.html", form=form, team=team)


@blueprint.post("/")
def create() -> Response | tuple[str, int]:
    """Make a team."""
    return _save(None)


@blueprint.post("/<int:number>")
def update(number: int) -> Response | tuple[str, int]:
    """Save a team."""
    return _save(number)


def _save(number: int | None) -> Response | tuple[str, int]:
    rights.require(actor(), "edit_people")
    form, team = TeamForm(), _find(number) if number is not None else None
    # An unticked box is not sent at all, and the form for a new team has none.
    active = "active" in request.form if team else True

    def save(session: Session, now: dt.datetime) -> None:
        held = session.get(Team, number, with_for_update=True) if number else None
        if held is not None:
            editing.guard(form, held.name, editing.mark(_stored(held)))
        profiles.save_team(session, now, actor(), held, name=form.name.data, active=active)

    if not attempt(form, save):
        theirs = editing.theirs(form, editing.mark(_stored(team)), _stored(team)) if team else []
        return render_template("teams/edit.html", form=form, team=team, theirs=theirs), 409 if theirs else 422
    flash(_("Saved."), "ok")
    return redirect(url_for("people.index", _anchor="teams"), 303)


def _stored(team: Team) -> dict[str, Any]:
    return {"name": team.name, "active": team.active}


def _find(number: int) -> Team:
    with core().database.reading() as session:
        team = session.get(Team, number)
    if team is None:
        raise Refusal("not_found")
    return team
