"""Absences: days on which somebody does not work and gets no new tasks."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.directory import people as verbs
from hub.core.directory import profiles
from hub.core.directory.models import Absence
from hub.core.values import Refusal
from hub.web import people
from hub.web.context import reader
from hub.web.requests.answering import attempt, do
from hub.web.sessions import actor

blueprint = Blueprint("absences", __name__)


@blueprint.post("/people/<int:number>/absences")
def create(number: int) -> Response | tuple[str, int]:
    """Note days away: a manager for everybody, everybody for themselves."""
    form = people.AbsenceForm()
    _may_note(number)

    def act(session: Session, now: dt.datetime) -> None:
        starts, ends = _start_of(form.first.data), _start_of(form.last.data + dt.timedelta(days=1))
        if ends <= starts:
            raise Refusal("ends_before_start", field="last")
        verbs.add_absence(
            session,
            now,
            actor(),
            people.find(session, number),
            starts,
            ends,
            (form.reason.data or "").strip()[:200],
        )

    if not attempt(form, act):
        return people.page(number, absence=form), 422
    flash(_("The absence is noted."), "ok")
    return redirect(url_for("people.show", number=number), 303)


@blueprint.post("/people/absences/<int:number>/end")
def end(number: int) -> Response:
    """Take an absence back, or end it today."""
    whose: list[int] = []

    def act(session: Session, now: dt.datetime) -> None:
        absence = session.get(Absence, number)
        if absence is None:
            raise Refusal("not_found")
        whose.append(absence.person_id)
        profiles.end_absence(session, now, actor(), absence)

    do(act)
    flash(_("The absence has ended."), "ok")
    return redirect(url_for("people.show", number=whose[0]), 303)


def _may_note(number: int) -> None:
    if number != actor().id:
        rights.require(actor(), "edit_people")
    rights.require(actor(), "edit_own_profile")


def _start_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), reader().zone).astimezone(dt.UTC)
