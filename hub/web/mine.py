"""My work: my open tasks by due date, what waits and why, and the requests I answer for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import calendar, rights
from hub.core.work.live import LIVE
from hub.core.work.models import ServiceRequest, Task
from hub.web.board.filters import end_of
from hub.web.context import core
from hub.web.sessions import actor

blueprint = Blueprint("mine", __name__)
MOST = 200


@dataclass(frozen=True, slots=True)
class Work:
    """A task or a request that is mine."""

    row: Any
    due: dt.datetime | None


@blueprint.get("/mine")
def index() -> Response | str:
    """What the signed-in person has to do."""
    rights.require(actor(), "see_requests")
    me = actor().id
    with core().database.reading() as session:
        zone = ZoneInfo(calendar.current(session).zone)
        mine = Task.assignee_id == me
        doing = _tasks(session, zone, mine, Task.state.in_(("open", "doing")))
        waiting = _tasks(session, zone, mine, Task.state == "waiting")
        owned = _owned(session, zone, me)
    return render_template("mine/index.html", doing=doing, waiting=waiting, owned=owned)


def _tasks(session: Session, zone: ZoneInfo, *wanted: ColumnElement[bool]) -> list[Work]:
    query = (
        select(
            Task.ref,
            Task.title,
            Task.state,
            Task.waiting_reason,
            Task.due,
            Task.hours,
            ServiceRequest.ref.label("request_ref"),
            ServiceRequest.title.label("request_title"),
            ServiceRequest.priority,
            ServiceRequest.stage,
        )
        .join(ServiceRequest, ServiceRequest.id == Task.request_id)
        .where(*wanted)
        .order_by(func.coalesce(Task.due, dt.date.max), func.coalesce(ServiceRequest.priority, 9), Task.id)
        .limit(MOST)
    )
    return [Work(row, end_of(row.due, zone)) for row in session.execute(query)]


def _owned(session: Session, zone: ZoneInfo, me: int | None) -> list[Work]:
    wanted_by = func.coalesce(ServiceRequest.wanted_by, dt.date.max)
    query = (
        select(
            ServiceRequest.ref,
            ServiceRequest.title,
            ServiceRequest.priority,
            ServiceRequest.stage,
            ServiceRequest.state,
            ServiceRequest.waiting_reason,
            ServiceRequest.wanted_by,
        )
        .where(LIVE, ServiceRequest.owner_id == me)
        .order_by(wanted_by, ServiceRequest.id)
        .limit(MOST)
    )
    return [Work(row, end_of(row.wanted_by, zone)) for row in session.execute(query)]
