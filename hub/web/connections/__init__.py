"""Connections: their list, their page, made and changed by a form drawn from their kind."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.connections import manage
from hub.core.connections.models import Connection, Delivery
from hub.core.execute.models import Link
from hub.core.notices.models import Notice
from hub.core.values import ChannelKind, Kind, Refusal
from hub.core.work.models import Category
from hub.core.workflow import chores
from hub.web import bell, editing, guide, htmx
from hub.web.connections import drawing, standing
from hub.web.context import core
from hub.web.requests import letters
from hub.web.requests.answering import attempt, do
from hub.web.sessions import actor

blueprint = Blueprint("connections", __name__, url_prefix="/connections")
LATEST = 10


@blueprint.get("/")
def index() -> str:
    """Every connection with its health, what it delivered and what it is linked with."""
    rights.require(actor(), "see_connections")
    with core().database.reading() as session:
        rows = list(session.scalars(select(Connection).order_by(Connection.family, Connection.name)))
        delivered = _counts(session, Delivery.connection_id, Delivery.status)
        linked = _counts(session, Link.connection_id, Link.state)
    values = {"rows": rows, "delivered": delivered, "linked": linked, "titles": _titles()}
    return render_template("connections/index.html", **values)


@blueprint.get("/new")
def new() -> str:
    """Choose a kind, or fill in the form of one."""
    rights.require(actor(), "edit_connections")
    kind = request.args.get("kind")
    if not kind:
        kinds = core().registry.kinds()
        families = {name: manage.kind_of(core().registry, name)[0] for name in kinds}
        return render_template("connections/kinds.html", kinds=kinds, families=families)
    _family, offered = manage.kind_of(core().registry, kind)
    suggested = guide.suggested("intake")
    form = drawing.form_of(offered, suggested.get("settings"))
    form.name.data = form.name.data or suggested.get("name")
    return _form("connections/new.html", form, offered)


@blueprint.post("/")
def create() -> Response | tuple[str, int]:
    """Make a connection."""
    rights.require(actor(), "edit_connections")
    family, offered = manage.kind_of(core().registry, request.form.get("kind", ""))
    form = drawing.form_of(offered)
    made: list[int] = []

    def make(session: Session, now: dt.datetime) -> None:
        row = manage.create(
            session, now, actor(), core().registry, core().opener.keys, name=form.name.data,
            kind=offered.name, settings=drawing.settings_of(form, offered),
            secrets=drawing.secrets_of(form, offered),
        )  # fmt: skip
        made.append(row.id)

    if not attempt(form, make):
        return _form("connections/new.html", form, offered), 422
    flash(_("The connection is made."), "ok")
    # A tracker is not ready yet: there are steps to go.
    following = "walk.show" if family == "tracker" else "connections.show"
    usual = url_for(following, number=made[0])
    return redirect(usual if family == "tracker" else guide.following(usual), 303)


@blueprint.get("/<int:number>")
def show(number: int) -> str:
    """A connection with its address, its health, its latest deliveries or its links."""
    rights.require(actor(), "see_connections")
    bell.look_at_connection(number)
    with core().database.reading() as session:
        row = find(session, number)
        delivered = _counts(session, Delivery.connection_id, Delivery.status, number).get(number, {})
        latest = session.scalars(
            select(Delivery)
            .where(Delivery.connection_id == number)
            .order_by(Delivery.id.desc())
            .limit(LATEST)
        ).all()
        told = _counts(session, Notice.connection_id, Notice.state, number).get(number, {})
        kept = bool(letters.kept(session, 1, connection_id=number))
        used_by = session.scalars(select(Category).where(Category.tracker_id == number)).all()
        stand = standing.of(session, row)
    return render_template(
        "connections/show.html",
        row=row,
        offered=_offered(row),
        delivered=delivered,
        latest=latest,
        told=told,
        used_by=used_by,
        kept=kept,
        address=_address(row),
        **stand,
        **checking(row),
    )


@blueprint.get("/<int:number>/edit")
def edit(number: int) -> str:
    """The settings as a form; secrets can be replaced, never read."""
    rights.require(actor(), "edit_connections")
    with core().database.reading() as session:
        row = find(session, number)
    offered = _kind(row)
    form = drawing.form_of(offered, row.settings)
    form.name.data, form.version.data = row.name, row.version
    return _form("connections/edit.html", form, offered, row)


@blueprint.post("/<int:number>")
def update(number: int) -> Response | tuple[str, int]:
    """Save settings and secrets."""
    rights.require(actor(), "edit_connections")
    with core().database.reading() as session:
        row = find(session, number)
    offered = _kind(row)
    form = drawing.form_of(offered, row.settings)
    form.name.data = row.name

    def change(session: Session, now: dt.datetime) -> None:
        held = find(session, number, hold=True)
        editing.guard(form, held.name, held.version)
        manage.change(
            session, now, actor(), core().registry, core().opener.keys, held,
            settings=drawing.settings_of(form, offered), secrets=drawing.secrets_of(form, offered),
        )  # fmt: skip

    if not attempt(form, change):
        theirs = editing.theirs(form, row.version, drawing.stored(offered, row.settings))
        return _form("connections/edit.html", form, offered, row, theirs), 409 if theirs else 422
    flash(_("Saved."), "ok")
    return redirect(url_for("connections.show", number=number), 303)


@blueprint.post("/<int:number>/pause")
def pause(number: int) -> Response:
    """Pause a connection, or go on with it."""
    paused = request.form.get("paused") == "1"
    do(
        lambda session, now: manage.change(
            session, now, actor(), core().registry, core().opener.keys, find(session, number, hold=True),
            paused=paused,
        )
    )  # fmt: skip
    flash(_("The connection is paused.") if paused else _("The connection goes on."), "ok")
    return redirect(url_for("connections.show", number=number), 303)


@blueprint.post("/<int:number>/check")
def check(number: int) -> Response:
    """Have a worker test the connection: the network is not for the time of a request."""
    do(lambda session, _now: chores.promise_check(session, actor(), find(session, number, hold=True)))
    if htmx.wants_fragment():
        return htmx.respond(_progress(number))
    following = "walk.show" if request.form.get("walk") else "connections.show"
    return redirect(url_for(following, number=number), 303)


@blueprint.post("/<int:number>/tell")
def tell(number: int) -> Response:
    """Have a worker send a test message to a room."""
    do(lambda session, _now: chores.promise_try(session, actor(), find(session, number, hold=True)))
    if htmx.wants_fragment():
        return htmx.respond(_progress(number))
    return redirect(url_for("connections.show", number=number), 303)


@blueprint.get("/<int:number>/check")
def checked(number: int) -> Response:
    """How the test goes; 286 ends the asking."""
    rights.require(actor(), "see_connections")
    running = _is_tested(number)
    answer = htmx.respond(_progress(number), status=200 if running else 286)
    if not running and request.args.get("walk"):
        answer.headers["HX-Refresh"] = "true"  # the next step is open now
    return answer


def _progress(number: int) -> str:
    with core().database.reading() as session:
        row = find(session, number)
    return render_template("connections/_check.html", row=row, **checking(row))


def checking(row: Connection) -> dict[str, Any]:
    """What the template of a connection's test needs."""
    found = row.state.get(manage.CHECKED)
    at = dt.datetime.fromisoformat(found["at"]) if found else None
    return {"checking": _is_tested(row.id), "found": found, "found_at": at}


def _is_tested(number: int) -> bool:
    jobs = core().jobs
    asked = ((chores.CHECK, f"connection:{number}"), (chores.TRY_ROOM, f"channel:{number}"))
    return any(jobs.is_pending(name, key) for name, key in asked)


def find(session: Session, number: int, *, hold: bool = False) -> Connection:
    """The connection of this number, held until the commit where it will be changed."""
    row = session.get(Connection, number, with_for_update=hold or None)
    if row is None:
        raise Refusal("connection_unknown")
    return row


def _offered(row: Connection) -> Kind | None:
    return core().registry.kinds().get(row.kind)


def _kind(row: Connection) -> Kind:
    return manage.kind_of(core().registry, row.kind)[1]


def _titles() -> dict[str, Any]:
    return {name: kind.title for name, kind in core().registry.kinds().items()}


def _address(row: Connection) -> str | None:
    """The public address of what is sent to this connection."""
    offered = _offered(row)
    if offered is None or isinstance(offered, ChannelKind) or getattr(offered, "inbound", "hook") == "poll":
        return None
    door = "f" if getattr(offered, "inbound", "hook") == "form" else "in"
    base = (current_app.config["PUBLIC_URL"] or request.host_url).rstrip("/")
    return f"{base}/{door}/{row.slug}"


def _counts(session: Session, owner: Any, part: Any, only: int | None = None) -> dict[int, dict[str, int]]:
    query = select(owner, part, func.count()).group_by(owner, part)
    if only is not None:
        query = query.where(owner == only)
    counted: dict[int, dict[str, int]] = {}
    for number, name, count in session.execute(query):
        counted.setdefault(number, {})[name] = count
    return counted


def _form(
    template: str,
    form: drawing.ConnectionForm,
    offered: Kind,
    row: Connection | None = None,
    theirs: editing.Theirs | None = None,
) -> str:
    fields = drawing.fields_of(form, offered)
    return render_template(
        template, form=form, fields=fields, kind=offered, row=row, secret=drawing.SECRET,
        suggestion=drawing.suggestion(offered), theirs=theirs,
    )  # fmt: skip
