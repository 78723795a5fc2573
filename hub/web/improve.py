"""Improvement: findings, plans, verdicts; looking for findings and judging at once."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.improve.models import Finding, Plan
from hub.core.improve.plans import due_plans
from hub.core.jobs import promise
from hub.core.values import Refusal
from hub.core.work.models import Category
from hub.render.metrics import metric_name, metric_value
from hub.render.words import VERDICTS
from hub.web import htmx
from hub.web.context import core, reader
from hub.web.sessions import actor

blueprint = Blueprint("improve", __name__, url_prefix="/improve")
SHOWN = 50
# The regular jobs, promised out of their turn; the same key folds both.
JOBS = {"findings": "find_improvements", "verdicts": "judge_plans"}


@blueprint.app_template_filter("metric")
def _metric(metric: str) -> str:
    if "titles" not in g:
        with core().database.reading() as session:
            g.titles = dict(session.execute(select(Category.key, Category.title)).all())
    return metric_name(metric, reader(), g.titles)


@blueprint.app_template_filter("measured")
def _measured(value: float | None, finding: Finding) -> str | None:
    # What a whole category does is compared; a single request is counted.
    return metric_value(value, finding.metric, reader(), share=finding.baseline is not None)


@blueprint.get("/")
def index() -> str:
    """Open findings, plans under way, verdicts."""
    rights.require(actor(), "see_improvement")
    plans = select(Plan).options(joinedload(Plan.owner), joinedload(Plan.finding))
    now = core().database.now()
    ended = request.args.get("findings") == "dismissed"
    with core().database.reading() as session:
        findings = session.scalars(
            select(Finding)
            .where(Finding.state == ("dismissed" if ended else "open"))
            .order_by(Finding.seen_at.desc(), Finding.id.desc())
            .limit(SHOWN)
        ).all()
        running = session.scalars(
            plans.where(Plan.state.in_(("draft", "running"))).order_by(Plan.due, Plan.id)
        ).all()
        judged = session.scalars(
            plans.where(Plan.state == "judged").order_by(Plan.verdict_at.desc()).limit(SHOWN)
        ).all()
        due = due_plans(session, now.date())
    return render_template(
        "improve/index.html", findings=findings, running=running, judged=judged, due=due, ended=ended,
        verdicts=VERDICTS, pending=_pending(),
    )  # fmt: skip


@blueprint.post("/runs")
def create() -> Response:
    """Have a worker look for findings, or judge the plans whose date has come."""
    rights.require(actor(), "manage_plans")
    name = JOBS.get(request.form.get("run", ""))
    now = core().database.now()
    with core().database.transaction() as session:
        if name is None or (name == JOBS["verdicts"] and not due_plans(session, now.date())):
            raise Refusal("nothing_due")
        promise(session, name, f"cron:{name}")
    return redirect(url_for("improve.index"), 303)


@blueprint.get("/runs")
def show() -> Response:
    """How the run goes; when it is done the page is read again."""
    rights.require(actor(), "see_improvement")
    pending = _pending()
    if not pending:
        return htmx.respond(status=286, refresh=True)
    return htmx.respond(render_template("improve/_run.html", pending=pending))


def _pending() -> str | None:
    """Which run waits or works now."""
    jobs = core().jobs
    return next((run for run, name in JOBS.items() if jobs.is_pending(name, f"cron:{name}")), None)
