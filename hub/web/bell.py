"""The bell: what the signed-in person should see, and for leads the assignments nobody has seen."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from hub.core import calendar, rights
from hub.core.notices import bell
from hub.render.words import ALERTS
from hub.web.context import core, person
from hub.web.forms import row_number
from hub.web.sessions import actor

blueprint = Blueprint("bell", __name__, url_prefix="/bell")


@blueprint.get("/")
def index() -> str:
    """What was brought to one's attention, newest first."""
    rights.require(actor(), "see_requests")
    before = request.args.get("before", type=row_number)
    with core().database.reading() as session:
        alerts = bell.alerts_of(session, actor().id or 0, before)
    older = alerts[bell.PAGE - 1].id if len(alerts) > bell.PAGE else None
    return render_template(
        "bell/index.html", alerts=alerts[: bell.PAGE], older=older, before=before, said=ALERTS
    )


@blueprint.post("/seen")
def update() -> Response:
    """Mark everything as seen."""
    rights.require(actor(), "see_requests")
    with core().database.transaction() as session:
        bell.see(session, core().database.now(), actor().id or 0)
    return redirect(url_for("bell.index"), 303)


@blueprint.get("/unseen")
def unseen() -> str:
    """The assignments whose people have not looked at them."""
    rights.require(actor(), "see_unseen")
    now = core().database.now()
    with core().database.reading() as session:
        hours = calendar.current(session)
        found = [(alert, hours.hours_between(alert.created_at, now)) for alert in bell.not_seen(session)]
    return render_template("bell/unseen.html", found=found, patience=bell.PATIENCE_HOURS)


@blueprint.app_template_global("unseen_count")
def unseen_count() -> int:
    """How many alerts the signed-in person has not seen; at most 100."""
    return len(_unseen())


def look_at(request_id: int) -> None:
    """The signed-in person looks at this request: what they were told of it is seen."""
    if not _looking() or request_id not in _unseen():
        return
    with core().database.transaction() as session:
        bell.see(session, core().database.now(), actor().id or 0, request_id)
    g.pop("unseen", None)


def look_at_connection(connection_id: int) -> None:
    """The signed-in person looks at this connection: that it is off is seen."""
    if not _looking() or None not in _unseen():
        return
    with core().database.transaction() as session:
        bell.see(session, core().database.now(), actor().id or 0, connection_id=connection_id)
    g.pop("unseen", None)


def _looking() -> bool:
    # The page that comes back with a refused form is no look: what is refused writes nothing.
    return request.method == "GET"


def _unseen() -> list[int | None]:
    """Asked once a page."""
    if person() is None:
        return []
    found: list[int | None] | None = g.get("unseen")
    if found is None:
        with core().database.reading() as session:
            g.unseen = found = bell.unseen(session, actor().id or 0)
    return found
