"""Plans: started once, followed on a chart, judged at their date."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.improve import measures, plans
from hub.core.improve.models import Plan
from hub.core.values import Refusal
from hub.core.workflow.chores import SERIES_WINDOW
from hub.render.words import VERDICTS
from hub.web.charts import control_chart
from hub.web.context import core
from hub.web.requests.answering import do
from hub.web.sessions import actor

blueprint = Blueprint("plans", __name__, url_prefix="/improve/plans")


@blueprint.get("/<int:number>")
def show(number: int) -> str:
    """A plan with the series of its metric and its verdict."""
    rights.require(actor(), "see_improvement")
    now = core().database.now()
    with core().database.reading() as session:
        plan = _find(session, number)
        closed = measures.closed_between(session, now - SERIES_WINDOW, now)
        opened = plans.request_of(session, plan)
    series = plans.series(closed, plan.metric)
    return render_template(
        "plans/show.html", plan=plan, opened=opened, chart=control_chart(series, plan.started_at),
        points=len(series), verdicts=VERDICTS,
    )  # fmt: skip


@blueprint.post("/<int:number>/start")
def start(number: int) -> Response:
    """Start a plan; it may open a request of its own."""

    def act(session: Session, now: dt.datetime) -> None:
        plans.start(
            session, now, actor(), _find(session, number, hold=True),
            open_request=bool(request.form.get("open_request")), prefix=core().settings.prefix,
        )  # fmt: skip

    do(act)
    flash(_("The plan has started; its metric is frozen."), "ok")
    return redirect(url_for("plans.show", number=number), 303)


def _find(session: Session, number: int, *, hold: bool = False) -> Plan:
    related = [] if hold else [joinedload(Plan.finding), joinedload(Plan.owner)]
    row = session.get(Plan, number, options=related, with_for_update=hold or None)
    if row is None:
        raise Refusal("not_found")
    return row
