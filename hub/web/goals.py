"""Goals: set at intake, scored at the end."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core.values import Refusal
from hub.core.work.models import Goal
from hub.core.work.parts import add_goal, score_goal
from hub.web.requests import answering
from hub.web.requests.forms import GoalForm, ScoreForm
from hub.web.requests.loading import find
from hub.web.sessions import actor

blueprint = Blueprint("goals", __name__)


@blueprint.post("/requests/<ref>/goals")
def create(ref: str) -> Response:
    """Set a goal."""
    form = GoalForm()
    if answering.attempt(
        form,
        lambda session, now: add_goal(session, now, actor(), find(session, ref, hold=True), form.text.data),
    ):
        return answering.done(ref, _("The goal is set."), "goal")
    return answering.again(ref, "goal", form)


@blueprint.post("/requests/<ref>/goals/<int:number>/score")
def score(ref: str, number: int) -> Response:
    """Say whether a goal was reached."""
    form = ScoreForm()

    def act(session: Session, now: dt.datetime) -> None:
        goal = session.get(Goal, number)
        if goal is None or goal.request_id != find(session, ref, hold=True).id:
            raise Refusal("not_found")
        score_goal(session, now, actor(), goal, form.result.data, form.note.data or "")

    if answering.attempt(form, act):
        return answering.done(ref, _("The goal is scored."))
    return answering.show_part(ref, "goals", **{f"score_{number}": form})
