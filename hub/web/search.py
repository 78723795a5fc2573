"""Search and commands: requests by their words, people, customers, and the pages themselves."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights, search
from hub.core.customers.models import Customer
from hub.core.directory.models import Person, Team
from hub.core.search.grams import folded
from hub.core.search.initials import begins
from hub.core.work.models import ServiceRequest
from hub.render.reader import N_
from hub.web import htmx
from hub.web.context import core, navigation, reader
from hub.web.sessions import actor

blueprint = Blueprint("search", __name__, url_prefix="/search")
MOST, MOST_NAMES = 20, 8
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


@blueprint.get("/names")
def names() -> str:
    """Whom a comment may call as @name: people and teams that fit what is typed behind the sign."""
    rights.require(actor(), "see_people")
    typed = request.args.get("q", "")[:LONGEST]
    with core().database.reading() as session:
        people, teams = _named(session, Person, typed), _named(session, Team, typed)
    # Whole, and something behind it: whoever writes on is not asked again.
    if any(typed.casefold().startswith(f"{row.name} ".casefold()) for row in (*people, *teams)):
        people = teams = []
    return render_template("search/_names.html", people=people, teams=teams)


def _ref(session: Session, query: str) -> str | None:
    return session.scalar(select(ServiceRequest.ref).where(ServiceRequest.ref == query.upper()))


def _found(session: Session, query: str) -> dict[str, Any]:
    ids = search.newest(session, query, COUNTED + 1)
    shown = select(ServiceRequest).where(ServiceRequest.id.in_(ids[:MOST])).order_by(ServiceRequest.id.desc())
    return {
        "requests": session.scalars(shown).all(),
        "count": len(ids),
        "counted": COUNTED,
        "people": _named(session, Person, query) if rights.may(actor(), "see_people") else [],
        "customers": _named(session, Customer, query) if rights.may(actor(), "see_customers") else [],
        "commands": _commands(query),
    }


def _named(session: Session, kind: Any, query: str) -> list[Any]:
    """Those whose name holds every word, whichever script it is typed in, or whose initials these are."""
    words = folded(query).split()
    rows = session.execute(select(kind.id, kind.name).where(kind.active).order_by(kind.name))
    return [
        row
        for row in rows
        if all(word in _folded_name(row.name) for word in words) or begins(row.name, query)
    ][:MOST_NAMES]


# Asked at every key somebody types: names are folded once.
@lru_cache(20_000)
def _folded_name(name: str) -> str:
    return folded(name)


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
