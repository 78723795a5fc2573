"""Verbs on customers and their contacts: make, change, take out of use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.customers.models import Contact, Customer
from hub.core.directory.people import normal_email
from hub.core.directory.profiles import LANGUAGES, clean_name
from hub.core.rights import require
from hub.core.values import Actor, Refusal

MAX_NAME = 160
MAX_KEY, MAX_VALUE, MAX_FIELDS = 40, 2000, 30
# The fields of process.md that every customer is asked for; others may be added freely.
PROFILE = ("industry", "culture", "business_model")


def save_customer(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    customer: Customer | None,
    version: int | None = None,
    *,
    name: str,
    profile: Mapping[str, str],
    active: bool = True,
) -> Customer:
    """Make a customer or change it; requests keep the profile they came with."""
    require(actor, "edit_customers", customer)
    if customer is not None and version is not None and version != customer.version:
        raise Refusal("version_conflict", ref=customer.name, yours=version, current=customer.version)
    name = clean_name(name, MAX_NAME)
    other = select(func.count()).where(Customer.name == name, Customer.id != (customer.id if customer else 0))
    if session.scalar(other):
        raise Refusal("name_taken", field="name", name=name)
    kept = {key.strip(): value.strip() for key, value in profile.items() if key.strip() and value.strip()}
    _check(kept)
    made = customer is None
    if customer is None:
        customer = Customer(name=name, version=0)
        session.add(customer)
    customer.name, customer.profile, customer.active = name, kept, active
    customer.version += 1
    session.flush()
    history.record(
        session, now, actor, "customer_made" if made else "customer_changed", customer, fields=sorted(kept)
    )
    return customer


def _check(profile: Mapping[str, str]) -> None:
    if len(profile) > MAX_FIELDS:
        raise Refusal("too_many", field="more", most=MAX_FIELDS)
    for key, value in profile.items():
        if len(key) > MAX_KEY:
            raise Refusal("too_long", field="more", most=MAX_KEY, length=len(key))
        if len(value) > MAX_VALUE:
            field = key if key in PROFILE else "more"
            raise Refusal("too_long", field=field, most=MAX_VALUE, length=len(value))


def save_contact(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    customer: Customer,
    contact: Contact | None,
    *,
    name: str,
    email: str,
    language: str = "",
) -> Contact:
    """Make a contact of this customer, or change one."""
    require(actor, "edit_customers", customer)
    name, address = clean_name(name), normal_email(email) if email.strip() else None
    if language and language not in LANGUAGES:
        raise Refusal("unknown_choice", field="language", value=language)
    other = select(func.count()).where(Contact.email == address, Contact.id != (contact.id if contact else 0))
    if address and session.scalar(other):
        raise Refusal("email_taken", field="email", email=address)
    made = contact is None
    if contact is None:
        contact = Contact(customer_id=customer.id, name=name)
        session.add(contact)
    if address != contact.email:
        contact.bounced_at = contact.bounce_reason = None
    contact.name, contact.email, contact.language = name, address, language or None
    session.flush()
    history.record(
        session, now, actor, "contact_made" if made else "contact_changed", contact,
        customer=customer.id, personal={"name": name},
    )  # fmt: skip
    return contact


def trust_address(session: Session, now: dt.datetime, actor: Actor, contact: Contact) -> None:
    """Write to an address again from which mail came back."""
    require(actor, "edit_customers", contact.customer)
    if contact.bounced_at is not None:
        contact.bounced_at = contact.bounce_reason = None
        history.record(session, now, actor, "contact_changed", contact, customer=contact.customer_id)
