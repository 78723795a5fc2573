"""Customers: who is served, what is known of them, their contacts and their requests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, EmailField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from hub.core import rights
from hub.core.customers import profiles
from hub.core.customers.models import Contact, Customer
from hub.core.values import Refusal
from hub.core.work import findable, listing
from hub.core.work.live import LIVE
from hub.core.work.models import ServiceRequest
from hub.web import editing, lines
from hub.web.context import core
from hub.web.forms import Form, row_number
from hub.web.requests.answering import attempt, do
from hub.web.sessions import actor

blueprint = Blueprint("customers", __name__, url_prefix="/customers")
PAGE = 50
LATEST = 20


class CustomerForm(Form):
    """A customer and its profile."""

    name = StringField(_l("Name of the customer"), [InputRequired()])
    industry = StringField(_l("Industry"))
    culture = TextAreaField(_l("Culture"), description=_l("How they like to work and to be spoken to."))
    business_model = TextAreaField(_l("Business model"))
    more = TextAreaField(_l("More"), description=_l("One a line: name: value"))
    active = BooleanField(_l("Is served"), default=True)
    version = HiddenField()

    def profile(self) -> dict[str, str]:
        """The profile as it was typed."""
        asked = {key: self[key].data or "" for key in profiles.PROFILE}
        return {**lines.read(self.more.data, "more"), **asked}


class ContactForm(Form):
    """A person at a customer."""

    name = StringField(_l("Name"), [InputRequired()])
    email = EmailField(_l("E-mail"))
    language = SelectField(
        _l("Language"),
        default="",
        choices=[
            SelectChoice("", _l("as the browser asks")),
            SelectChoice("zh", "中文"),
            SelectChoice("en", "English"),
        ],
    )
    version = HiddenField()


@blueprint.get("/")
def index() -> str:
    """Customers by name, with their open requests."""
    rights.require(actor(), "see_customers")
    after, wanted = request.args.get("after", ""), request.args.get("q", "").strip()
    query = select(Customer).where(Customer.name > after).order_by(Customer.name).limit(PAGE + 1)
    if wanted:
        query = query.where(Customer.name.icontains(wanted, autoescape=True))
    with core().database.reading() as session:
        found = list(session.scalars(query))
        ids = [row.id for row in found]
        live = (
            select(ServiceRequest.customer_id, func.count())
            .where(ServiceRequest.customer_id.in_(ids), LIVE)
            .group_by(ServiceRequest.customer_id)
        )
        counts = dict(session.execute(live).all())
    return render_template(
        "customers/index.html", customers=found[:PAGE], counts=counts, wanted=wanted,
        after=found[PAGE - 1].name if len(found) > PAGE else None,
    )  # fmt: skip


@blueprint.get("/new")
def new() -> str:
    """The form for a new customer."""
    rights.require(actor(), "edit_customers")
    return render_template("customers/edit.html", form=CustomerForm(), customer=None, theirs=None)


@blueprint.post("/")
def create() -> Response | tuple[str, int]:
    """Make a customer."""
    rights.require(actor(), "edit_customers")
    form, made = CustomerForm(), list[int]()

    def make(session: Session, now: dt.datetime) -> None:
        row = profiles.save_customer(session, now, actor(), None, name=form.name.data, profile=form.profile())
        made.append(row.id)

    if not attempt(form, make):
        return render_template("customers/edit.html", form=form, customer=None, theirs=None), 422
    return redirect(url_for("customers.show", number=made[0]), 303)


@blueprint.get("/<int:number>")
def show(number: int) -> str:
    """A customer with contacts and the latest requests."""
    rights.require(actor(), "see_customers")
    return _show(number)


@blueprint.get("/<int:number>/edit")
def edit(number: int) -> str:
    """A customer as a form."""
    with core().database.reading() as session:
        row = _find(session, number)
    rights.require(actor(), "edit_customers", row)
    form = CustomerForm(name=row.name, active=row.active, version=row.version, **_stored(row))
    return render_template("customers/edit.html", form=form, customer=row, theirs=None)


@blueprint.post("/<int:number>")
def update(number: int) -> Response | tuple[str, int]:
    """Save a customer."""
    rights.require(actor(), "edit_customers")
    form = CustomerForm()
    with core().database.reading() as session:
        row = _find(session, number)

    def change(session: Session, now: dt.datetime) -> None:
        profiles.save_customer(
            session, now, actor(), _find(session, number, hold=True),
            row_number(form.version.data),
            name=form.name.data, profile=form.profile(), active="active" in request.form,
        )  # fmt: skip
        if form.name.data != row.name:
            findable.renamed(session, number)

    if not attempt(form, change):
        theirs = editing.theirs(form, row.version, {"name": row.name, **_stored(row)})
        page = render_template("customers/edit.html", form=form, customer=row, theirs=theirs)
        return page, 409 if theirs else 422
    flash(_("Saved."), "ok")
    return redirect(url_for("customers.show", number=number), 303)


@blueprint.post("/<int:number>/contacts")
def add_contact(number: int) -> Response | tuple[str, int]:
    """Add a contact."""
    rights.require(actor(), "edit_customers")
    form = ContactForm()
    if attempt(form, lambda session, now: _save_contact(session, now, form, number, None)):
        return redirect(url_for("customers.show", number=number, _anchor="contacts"), 303)
    return _show(number, form), 422


@blueprint.get("/contacts/<int:number>/edit")
def edit_contact(number: int) -> str:
    """A contact as a form."""
    rights.require(actor(), "edit_customers")
    row = _contact(number)
    stored = _of_contact(row)
    form = ContactForm(**stored, version=editing.mark(stored))
    return render_template("customers/contact.html", form=form, contact=row)


@blueprint.post("/contacts/<int:number>")
def update_contact(number: int) -> Response | tuple[str, int]:
    """Save a contact."""
    rights.require(actor(), "edit_customers")
    form, row = ContactForm(), _contact(number)
    if attempt(form, lambda session, now: _save_contact(session, now, form, row.customer_id or 0, number)):
        return redirect(url_for("customers.show", number=row.customer_id, _anchor="contacts"), 303)
    stored = _of_contact(_contact(number))
    theirs = editing.theirs(form, editing.mark(stored), stored)
    page = render_template("customers/contact.html", form=form, contact=row, theirs=theirs)
    return page, 409 if theirs else 422


@blueprint.post("/contacts/<int:number>/trust")
def trust_contact(number: int) -> Response:
    """Write again to an address from which mail came back."""
    customer = _contact(number).customer_id
    do(lambda session, now: profiles.trust_address(session, now, actor(), session.get_one(Contact, number)))
    flash(_("Mail is sent to this address again."), "ok")
    return redirect(url_for("customers.show", number=customer, _anchor="contacts"), 303)


def _save_contact(
    session: Session, now: dt.datetime, form: ContactForm, customer: int, number: int | None
) -> None:
    contact = session.get_one(Contact, number, with_for_update=True) if number else None
    if contact is not None:
        editing.guard(form, contact.name, editing.mark(_of_contact(contact)))
    profiles.save_contact(
        session, now, actor(), _find(session, customer), contact, name=form.name.data,
        email=form.email.data or "", language=form.language.data,
    )  # fmt: skip


def _show(number: int, form: ContactForm | None = None) -> str:
    wanted = listing.Filter(state="all", customer_id=number)
    with core().database.reading() as session:
        row = _find(session, number)
        contacts = session.scalars(
            select(Contact).where(Contact.customer_id == number).order_by(Contact.name)
        ).all()
        listed = listing.page(session, wanted, size=LATEST)
        states = session.execute(
            select(ServiceRequest.state, func.count())
            .where(ServiceRequest.customer_id == number)
            .group_by(ServiceRequest.state)
        )
        counts = dict(states.all())
    return render_template(
        "customers/show.html", customer=row, contacts=contacts, listed=listed, counts=counts,
        form=form or ContactForm(formdata=None), known=profiles.PROFILE,
    )  # fmt: skip


def _stored(row: Customer) -> dict[str, Any]:
    asked = {key: str(row.profile.get(key, "")) for key in profiles.PROFILE}
    return {**asked, "more": lines.written({k: v for k, v in row.profile.items() if k not in asked})}


def _of_contact(row: Contact) -> dict[str, Any]:
    return {"name": row.name, "email": row.email or "", "language": row.language or ""}


def _find(session: Session, number: int, *, hold: bool = False) -> Customer:
    row = session.get(Customer, number, with_for_update=hold or None)
    if row is None:
        raise Refusal("not_found")
    return row


def _contact(number: int) -> Contact:
    with core().database.reading() as session:
        row = session.get(Contact, number)
    if row is None or row.customer_id is None:
        raise Refusal("not_found")
    return row
