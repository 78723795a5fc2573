"""Find or make the customer and contact a draft speaks of."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.customers.models import Contact, Customer


def customer_named(session: Session, name: str) -> Customer | None:
    """The customer of this name, made where it is new; None for an empty name."""
    name = name.strip()[:160]
    if not name:
        return None
    found = session.scalars(select(Customer).where(Customer.name == name)).first()
    if found is None:
        found = Customer(name=name)
        session.add(found)
        session.flush()
    return found


def contact_for(
    session: Session, name: str, email: str, customer: Customer | None, language: str | None = None
) -> Contact | None:
    """The contact with this address (or, without one, a new contact of this name).

    An address that is known keeps its customer: a draft cannot move a contact elsewhere.
    """
    email = email.strip().lower()[:254]
    name = name.strip()[:120] or email
    if not name:
        return None
    found = session.scalars(select(Contact).where(Contact.email == email)).first() if email else None
    if found is None:
        found = Contact(
            name=name, email=email or None, customer_id=customer.id if customer else None, language=language
        )
        session.add(found)
        session.flush()
    return found
