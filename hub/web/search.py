"""Search and commands: requests by their words, people, customers, and the pages themselves."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights, search
from hub.core.customers.models import Customer
from hub.core.directory.models import Person
from hub.core.search.grams import folded
from hub.core.work.models import ServiceRequest
from hub.render.reader import N_
from hub.web import htmx
from hub.web.context import core, navigation, reader
from hub.web.names import named
from hub.web.sessions import actor

blueprint = Blueprint("search", __name__, url_prefix="/search")
MOST = 20
# Beyond this the number is not counted: nobody pages that far.
COUNTED = 1000
LONGEST = 200


@blueprint.get("/")
def index() -> Response:
    """What fits the words in ``q``; a request's reference leads straight to it."""
    rights.require(actor(), "see_requests")
    query = request.args.get("q", "").strip()[:LONGEST]
    with core().database.reading() as session:
        if query and not htmx.wants_fragment() and (ref := _ref(session, query)):
            return redirect(url_for("requests.show", ref=ref))
        found = _found(session, query) if query else None
    return htmx.page("search/index.html", "found", query=query, found=found)


def _ref(session: Session, query: str) -> str | None:
    return session.scalar(select(ServiceRequest.ref).where(ServiceRequest.ref == query.upper()))


def _found(session: Session, query: str) -> dict[str, Any]:
    ids = search.newest(session, query, COUNTED + 1)
    shown = select(ServiceRequest).where(ServiceRequest.id.in_(ids[:MOST])).order_by(ServiceRequest.id.desc())
    return {
        "requests": session.scalars(shown).all(),
        "count": len(ids),
        "counted": COUNTED,
        "people": named(session, Person, query) if rights.may(actor(), "see_people") else [],
        "customers": named(session, Customer, query) if rights.may(actor(), "see_customers") else [],
        "commands": _commands(query),
    }


def _commands(query: str) -> list[tuple[str, str]]:
    """Pages and verbs by a part of their name, in either language."""
    offered = [(endpoint, label) for endpoint, label, _icon in navigation()]
    if rights.may(actor(), "create_request"):
        offered.append(("requests.new", N_("New request")))
    asked = folded(query)
    return [
        (endpoint, reader().say(label))
        for endpoint, label in offered
        if any(asked in folded(name) for name in (reader().say(label), label))
    ]
