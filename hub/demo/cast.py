"""The demonstration's people, customers and catalogue in the database: made once, found again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.customers.contacts import contact_for, customer_named
from hub.core.customers.models import Contact, Customer
from hub.core.directory.models import Person, Team
from hub.core.directory.people import actor_of, add_absence, add_person
from hub.core.values import SYSTEM, Actor
from hub.core.work.models import Category
from hub.demo.people import CLIENTS, MEMBERS, SERVICES, TEAMS, Member

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Asker:
    """A contact with the customer behind it, as stories need them."""

    id: int
    name: str
    email: str
    language: str | None
    customer_id: int
    customer: str
    profile: Mapping[str, Any]

    @property
    def actor(self) -> Actor:
        """Who speaks when this contact does."""
        return Actor("contact", self.id, "contact", self.name)


@dataclass(frozen=True)
class Cast:
    """Everybody and everything a story may name."""

    lead: Actor
    actors: Mapping[int, Actor]
    askers: tuple[Asker, ...]
    categories: Mapping[str, int]


def make_cast(session: Session, now: dt.datetime) -> Cast:
    """Make teams, people, customers and catalogue where they are missing."""
    teams = {name: _team(session, name) for name in TEAMS}
    for member in MEMBERS:
        if session.scalars(select(Person).where(Person.email == member.email)).first() is None:
            _person(session, now, member, teams)
    for client in CLIENTS:
        customer = customer_named(session, client.name)
        assert customer is not None
        if not customer.profile:
            customer.profile = dict(client.profile)
        for name, email, language in client.contacts:
            contact_for(session, name, email, customer, language)
    for service in SERVICES:
        if session.scalars(select(Category).where(Category.key == service.key)).first() is None:
            session.add(
                Category(
                    key=service.key,
                    title={"zh": service.zh, "en": service.en},
                    skill=service.skill,
                    team_id=teams[service.team].id,
                    keywords=list(service.keywords),
                    hours=service.hours,
                )
            )
            session.flush()
    session.flush()
    return _found(session)


def _team(session: Session, name: str) -> Team:
    team = session.scalars(select(Team).where(Team.name == name)).first()
    if team is None:
        team = Team(name=name)
        session.add(team)
        session.flush()
    return team


def _person(session: Session, now: dt.datetime, member: Member, teams: Mapping[str, Team]) -> None:
    person = add_person(
        session,
        now,
        SYSTEM,
        name=member.name,
        email=member.email,
        role=member.role,
        language=member.language,
        capacity_hours=member.hours,
        skills=member.skills,
        teams=(teams[member.team],) if member.team else (),
    )
    if member.away:
        first, last = member.away
        add_absence(session, now, SYSTEM, person, now + first * DAY, now + last * DAY, member.away_for)


def _found(session: Session) -> Cast:
    people = session.scalars(select(Person).order_by(Person.id)).all()
    lead = next(person for person in people if person.email == MEMBERS[1].email)
    emails = {email for client in CLIENTS for _, email, _ in client.contacts}
    rows = session.execute(
        select(Contact, Customer)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(Contact.email.in_(emails))
        .order_by(Contact.id)
    )
    return Cast(
        lead=actor_of(lead),
        actors={person.id: actor_of(person) for person in people},
        askers=tuple(
            Asker(
                contact.id,
                contact.name,
                contact.email or "",
                contact.language,
                customer.id,
                customer.name,
                dict(customer.profile),
            )
            for contact, customer in rows
        ),
        categories={row.key: row.id for row in session.scalars(select(Category))},
    )
