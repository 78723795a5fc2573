"""Settings: what the configuration says, the working calendar, jobs that died, the audit."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from hub.core import history, rights
from hub.core.calendar import current
from hub.core.calendar.working import WEEKDAYS
from hub.core.notices.models import Notice
from hub.core.values import Refusal
from hub.render.reader import N_
from hub.web.context import core
from hub.web.forms import row_number
from hub.web.sessions import actor

blueprint = Blueprint("settings", __name__, url_prefix="/settings")
# In the order in which they are shown; the values come from the configuration file.
FACTS = {
    "organisation": N_("Organisation"),
    "public_url": N_("Public address"),
    "language": N_("Language"),
    "time_zone": N_("Time zone"),
    "country": N_("Country"),
    "request_prefix": N_("Numbers begin with"),
    "survey_days": N_("Days to answer a survey"),
}
DAYS = dict(
    zip(
        WEEKDAYS,
        (
            N_("Monday"),
            N_("Tuesday"),
            N_("Wednesday"),
            N_("Thursday"),
            N_("Friday"),
            N_("Saturday"),
            N_("Sunday"),
        ),
        strict=True,
    )
)
HOLIDAYS = 8


@blueprint.get("/")
def index() -> str:
    """What the hub goes by, and what did not go well."""
    rights.require(actor(), "see_settings")
    facts = current_app.config["FACTS"]
    with core().database.reading() as session:
        calendar = current(session)
        counted = dict(session.execute(select(Notice.state, func.count()).group_by(Notice.state)).all())
    today = calendar.date_of(core().database.now())
    week = [
        (DAYS[day], ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in spans))
        for day, spans in zip(WEEKDAYS, calendar.week, strict=True)
    ]
    ahead = [(day, name, bool(spans)) for day, spans, name in calendar.exceptions if day >= today]
    return render_template(
        "settings/index.html",
        facts_shown=[(label, facts[key]) for key, label in FACTS.items() if facts.get(key)],
        calendar=calendar,
        week=week,
        ahead=ahead[:HOLIDAYS],
        outbox=counted,
        dead=core().jobs.dead_letters(),
        waiting=core().jobs.waiting_count(),
        engine=core().jobs.engine,
        database=core().database.url.get_backend_name(),
    )


@blueprint.post("/jobs/<int:number>/rerun")
def rerun(number: int) -> Response:
    """Promise a dead job anew."""
    rights.require(actor(), "rerun_job")
    if not core().jobs.rerun(number):
        raise Refusal("not_found")
    flash(_("The job will run again."), "ok")
    if connection := request.form.get("connection", type=row_number):
        return redirect(url_for("connections.show", number=connection), 303)
    return redirect(url_for("settings.index", _anchor="jobs"), 303)


@blueprint.get("/audit")
def audit() -> str:
    """Recompute every seal of the history, and say what was found."""
    rights.require(actor(), "see_audit")
    return render_template("settings/audit.html", audit=history.verify(core().database))


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
