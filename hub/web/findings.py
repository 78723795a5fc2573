"""Findings: turned into a plan in one step, or ended with a reason."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from werkzeug.wrappers import Response
from wtforms import BooleanField, FloatField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from hub.core import rights
from hub.core.improve import findings as verbs
from hub.core.improve import plans
from hub.core.improve.models import Finding
from hub.core.values import Refusal
from hub.core.work.models import ServiceRequest
from hub.web.context import core, reader
from hub.web.forms import DayField, Form
from hub.web.requests.answering import attempt
from hub.web.requests.forms import IdField, people
from hub.web.sessions import actor

blueprint = Blueprint("findings", __name__, url_prefix="/improve/findings")
WEEKS = 6


class PlanForm(Form):
    """What will be changed, and how anybody will see whether it worked."""

    title = StringField(_l("What will be changed"), [InputRequired()])
    measures = TextAreaField(_l("Measures"), description=_l("Markdown works here."))
    direction = SelectField(
        _l("The number should become"),
        choices=[SelectChoice("lower", _l("lower")), SelectChoice("higher", _l("higher"))],
    )
    least_effect = FloatField(
        _l("Smallest change worth having, percent"), [InputRequired()], default=10.0,
        description=_l("Of the mean before the start; it is frozen when the plan starts."),
    )  # fmt: skip
    due = DayField(_l("Judged on"), [InputRequired()])
    owner = IdField(_l("Owner"))
    start = BooleanField(_l("Start it at once"), default=True)


class DismissalForm(Form):
    """Why a finding needs no plan."""

    note = StringField(_l("Reason"), [InputRequired()])


@blueprint.get("/<int:number>")
def show(number: int) -> str:
    """A finding, the requests it was made from, and what can be done about it."""
    rights.require(actor(), "see_improvement")
    return _page(number)


@blueprint.post("/<int:number>/plans")
def plan(number: int) -> Response | tuple[str, int]:
    """Make a plan of a finding, and start it where that is wanted."""
    form, made = PlanForm(), list[int]()
    with core().database.reading() as session:
        form.owner.offer(people(session))

    def make(session: Session, now: dt.datetime) -> None:
        row = plans.make(
            session,
            now,
            actor(),
            _find(session, number, hold=True),
            title=form.title.data,
            measures=form.measures.data or "",
            due=form.due.data,
            least_effect=form.least_effect.data,
            direction=form.direction.data,
            owner_id=form.owner.data,
        )
        if form.start.data:
            plans.start(session, now, actor(), row)
        made.append(row.id)

    if not attempt(form, make):
        return _page(number, plan=form), 422
    flash(_("The plan is made."), "ok")
    return redirect(url_for("plans.show", number=made[0]), 303)


@blueprint.post("/<int:number>/dismissal")
def dismiss(number: int) -> Response | tuple[str, int]:
    """End a finding without a plan."""
    form = DismissalForm()
    if not attempt(
        form,
        lambda session, now: verbs.dismiss(
            session, now, actor(), _find(session, number, hold=True), form.note.data
        ),
    ):
        return _page(number, dismissal=form), 422
    flash(_("The finding is dismissed."), "ok")
    return redirect(url_for("improve.index"), 303)


def _page(number: int, **replaced: Form) -> str:
    with core().database.reading() as session:
        finding = _find(session, number)
        made_from = session.scalars(
            select(ServiceRequest)
            .where(ServiceRequest.id.in_(finding.request_ids))
            .order_by(ServiceRequest.id.desc())
        ).all()
        forms = {"dismissal": DismissalForm(formdata=None), "plan": _plan_form(finding)} | replaced
        forms["plan"].owner.offer(people(session))
    return render_template("findings/show.html", finding=finding, made_from=made_from, forms=forms)


def _plan_form(finding: Finding) -> PlanForm:
    today = core().database.now().date()
    return PlanForm(
        formdata=None,
        title=reader().text(finding.text)[:300],
        direction="higher" if finding.metric.startswith("score") else "lower",
        due=today + dt.timedelta(weeks=WEEKS),
        owner=actor().id,
    )


def _find(session: Session, number: int, *, hold: bool = False) -> Finding:
    row = session.get(Finding, number, options=[selectinload(Finding.plans)], with_for_update=hold or None)
    if row is None:
        raise Refusal("not_found")
    return row
