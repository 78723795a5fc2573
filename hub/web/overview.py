"""Health: five dials, and what is covered from request to result; every number opens its list."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session

from hub.core import calendar, rights
from hub.core.reports import checks, coverage, health
from hub.core.reports.checks import Check
from hub.core.values import STAGES, Refusal
from hub.render.reader import N_
from hub.web.context import core
from hub.web.forms import row_number
from hub.web.sessions import actor

blueprint = Blueprint("overview", __name__, url_prefix="/overview")
# What the number of each dial counts, and what its list holds.
DIALS = {
    "identify": (N_("Clear demand"), N_("Category, priority or goal missing")),
    "assign": (N_("Planned work"), N_("Tasks nobody has yet")),
    "execute": (N_("Steady work"), N_("Late, or quiet for three days")),
    "evaluate": (N_("Content customers"), N_("Rated 2 or lower in 90 days")),
    "improve": (N_("Lessons used"), N_("Findings without a plan")),
}
DOWN = {
    "need_task": N_("Needs that no task serves"),
    "request_task": N_("Requests at work without a task"),
    "task_item": N_("Tasks that should be in a tracker and are not"),
    "request_result": N_("Closed requests without any judgement"),
}
UP = {
    "result_task": N_("Closed requests in which no task was done"),
    "item_task": N_("Items in trackers whose task was dropped, or which are gone there"),
    "task_need": N_("Tasks that no need asks for"),
}
assert tuple(DIALS) == STAGES


@blueprint.get("/")
def index() -> str:
    """The five dials."""
    rights.require(actor(), "see_health")
    with core().database.reading() as session:
        counted = [checks.count(session, check) for check in _dials(session).values()]
        gaps = _gaps(session)
    return render_template("overview/index.html", dials=counted, names=DIALS, counted=gaps, down=DOWN, up=UP)


@blueprint.get("/coverage")
def covered() -> str:
    """Each request with its needs, tasks, far items and result, and the orphans in both directions."""
    rights.require(actor(), "see_health")
    before = request.args.get("before", type=row_number)
    with core().database.reading() as session:
        counted = _gaps(session)
        chains, older = coverage.chains(session, _now(), before)
    return render_template(
        "overview/coverage.html", counted=counted, down=DOWN, up=UP, chains=chains, older=older, before=before
    )


@blueprint.get("/<key>")
def show(key: str) -> str:
    """The things behind one number."""
    rights.require(actor(), "see_health")
    after = request.args.get("after", type=row_number) or 0
    with core().database.reading() as session:
        known = _dials(session) | coverage.gaps(_now())
        if key not in known:
            raise Refusal("not_found")
        counted = checks.count(session, known[key])
        rows, more = checks.listed(session, known[key], after)
    named = {**{stage: told for stage, (_name, told) in DIALS.items()}, **DOWN, **UP}
    return render_template(
        "overview/show.html", counted=counted, rows=rows, more=more, after=after, name=named[key],
        dial=key in DIALS,
    )  # fmt: skip


def _now() -> dt.datetime:
    return core().database.now()


def _dials(session: Session) -> dict[str, Check]:
    zone = ZoneInfo(calendar.current(session).zone)
    return health.dials(_now(), _now().astimezone(zone).date())


def _gaps(session: Session) -> dict[str, checks.Counted]:
    return {key: checks.count(session, check) for key, check in coverage.gaps(_now()).items()}
