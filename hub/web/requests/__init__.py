"""Requests: the list, a new one, its page and its text."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.customers.contacts import contact_for, customer_named
from hub.core.files import Stored
from hub.core.work.attachments import attach_file
from hub.core.work.models import Category, ServiceRequest
from hub.core.work.parts import add_goal
from hub.core.work.requests import create_request, edit_request
from hub.render import words
from hub.web import htmx
from hub.web.context import core, reader
from hub.web.forms import row_number
from hub.web.requests import answering, filters, listed
from hub.web.requests.forms import RequestForm
from hub.web.requests.loading import find, load
from hub.web.requests.marks import since
from hub.web.sessions import actor

blueprint = Blueprint("requests", __name__, url_prefix="/requests")
blueprint.add_app_template_filter(filters.word)
blueprint.add_app_template_filter(filters.side)


@blueprint.get("/")
def index() -> Response:
    """The list, filtered and sorted by its address."""
    rights.require(actor(), "see_requests")
    return listed.show(request.args)


@blueprint.get("/new")
def new() -> str:
    """The form for a new request."""
    rights.require(actor(), "create_request")
    return _form("requests/new.html", RequestForm())


@blueprint.post("/")
def create() -> Response | tuple[str, int]:
    """Open a request; its files are stored before anything is written."""
    rights.require(actor(), "create_request")
    form = RequestForm()
    with core().database.reading() as session:
        form.offer(session)
    made: list[str] = []
    uploads = [file for file in form.files.data or () if file]
    stored = [(core().files.put(file.stream), file.filename) for file in uploads] if form.validate() else []
    if answering.attempt(form, lambda session, now: made.append(_create(session, now, form, stored))):
        flash(_("%(ref)s is open.", ref=made[0]), "ok")
        return redirect(url_for("requests.show", ref=made[0]), 303)
    return _form("requests/new.html", form), 422


def _create(session: Session, now: Any, form: RequestForm, stored: list[tuple[Stored, str]]) -> str:
    customer = customer_named(session, form.customer.data or "")
    contact = contact_for(session, form.contact_name.data or "", form.contact_email.data or "", customer)
    row = create_request(
        session,
        now,
        actor(),
        title=form.title.data,
        body=form.body.data or "",
        customer=customer,
        contact=contact,
        category=session.get(Category, form.category.data) if form.category.data else None,
        priority=form.priority.data,
        wanted_by=form.wanted_by.data,
        labels=form.label_list(),
        language=reader().language,
        prefix=core().settings.prefix,
    )
    if form.owner.data:
        edit_request(session, now, actor(), row, owner_id=form.owner.data)
    for goal in (form.goals.data or "").splitlines():
        if goal.strip():
            add_goal(session, now, actor(), row, goal)
    for file, name in stored:
        attach_file(session, now, actor(), row, file, name, public=True)
    return row.ref


@blueprint.get("/<ref>")
def show(ref: str) -> Response:
    """A request's page, or the pane beside the board."""
    rights.require(actor(), "see_requests")
    before = request.args.get("before", type=row_number)
    return answering.show(ref, before=before)


@blueprint.get("/<ref>/pulse")
def pulse(ref: str) -> Response:
    """The parts of the page or pane where something has changed since; 204 where nothing has."""
    rights.require(actor(), "see_requests")
    with core().database.reading() as session:
        mark = since(session, ref)
    if mark == request.args.get("since"):
        return htmx.respond(status=204)
    values = answering.surroundings(load(ref), answering.view(), {})
    return htmx.respond(render_template("requests/_pulse.html", **values), *answering.parts(values))


@blueprint.get("/<ref>/edit")
def edit(ref: str) -> Response:
    """The text and fields of a request as a form."""
    with core().database.reading() as session:
        row = _editable(session, ref)
        rights.require(actor(), "edit_request", row)
    form = RequestForm(
        title=row.title,
        body=row.body,
        customer=row.customer.name if row.customer else "",
        contact_name=row.contact.name if row.contact else "",
        contact_email=(row.contact.email or "") if row.contact else "",
        category=row.category_id,
        priority=row.priority,
        owner=row.owner_id,
        wanted_by=row.wanted_by,
        labels=", ".join(row.labels),
        version=row.version,
    )
    return htmx.page("requests/edit.html", "form", **_editing(form, row))


@blueprint.post("/<ref>")
def update(ref: str) -> Response:
    """Save text and fields, unless somebody else did meanwhile."""
    form = RequestForm()
    with core().database.reading() as session:
        form.offer(session)
        row = _editable(session, ref)
    version = row_number(form.version.data)
    if answering.attempt(form, lambda session, now: _update(session, now, ref, form)):
        if htmx.wants_fragment():
            return htmx.respond(redirect=url_for("requests.show", ref=row.ref))
        return answering.done(row.ref, _("Saved."))
    raced = version is not None and version != row.version
    if raced:
        form.version.data = row.version
    values = _editing(form, row, theirs=_theirs(form, row) if raced else [])
    return htmx.page("requests/edit.html", "form", status=409 if raced else 422, **values)


def _update(session: Session, now: Any, ref: str, form: RequestForm) -> None:
    row = find(session, ref, hold=True)
    customer = customer_named(session, form.customer.data or "")
    contact = contact_for(session, form.contact_name.data or "", form.contact_email.data or "", customer)
    edit_request(
        session,
        now,
        actor(),
        row,
        row_number(form.version.data),
        title=form.title.data,
        body=form.body.data or "",
        customer_id=customer.id if customer else contact.customer_id if contact else None,
        contact_id=contact.id if contact else None,
        category_id=form.category.data,
        priority=form.priority.data,
        owner_id=form.owner.data,
        wanted_by=form.wanted_by.data,
        labels=form.label_list(),
    )


def _editable(session: Session, ref: str) -> ServiceRequest:
    related = (ServiceRequest.customer, ServiceRequest.contact, ServiceRequest.category, ServiceRequest.owner)
    return find(session, ref, *(joinedload(name) for name in related))


def _editing(form: RequestForm, row: ServiceRequest, theirs: Any = ()) -> dict[str, Any]:
    with core().database.reading() as session:
        names = form.offer(session)
    return {"form": form, "sr": row, "customers": names, "theirs": theirs, "view": answering.view()}


def _theirs(form: RequestForm, row: ServiceRequest) -> list[tuple[str, str]]:
    """What stands there now, field by field, where it is not what was typed."""
    now = (
        (form.title, row.title),
        (form.body, row.body),
        (form.customer, row.customer.name if row.customer else ""),
        (form.labels, ", ".join(row.labels)),
    )
    said: list[tuple[Any, Any]] = [
        (field, text) for field, text in now if (field.data or "").strip() != text.strip()
    ]
    chosen = (
        (form.category, row.category_id, row.category and reader().text(row.category.title)),
        (form.priority, row.priority, row.priority and _(words.PRIORITIES[row.priority])),
        (form.owner, row.owner_id, row.owner and row.owner.name),
        (form.wanted_by, row.wanted_by, reader().date(row.wanted_by)),
    )
    said += [(field, text) for field, value, text in chosen if field.data != value]
    return [(str(field.label.text), text or "–") for field, text in said]


def _form(template: str, form: RequestForm) -> str:
    with core().database.reading() as session:
        names = form.offer(session)
    return render_template(template, form=form, customers=names)
