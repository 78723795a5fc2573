"""Whom a name or its initials mean: for the palette, and behind the @ of a comment."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import rights
from hub.core.directory.models import Person, Team
from hub.core.search.grams import folded
from hub.core.search.initials import begins
from hub.web.context import core
from hub.web.sessions import actor

blueprint = Blueprint("names", __name__)
MOST_NAMES, LONGEST = 8, 200


@blueprint.get("/search/names")
def offer() -> str:
    """Whom a comment may call as @name: people and teams that fit what is typed behind the sign."""
    rights.require(actor(), "see_people")
    typed = request.args.get("q", "")[:LONGEST]
    with core().database.reading() as session:
        people, teams = named(session, Person, typed), named(session, Team, typed)
    # Whole, and something behind it: whoever writes on is not asked again.
    if any(typed.casefold().startswith(f"{row.name} ".casefold()) for row in (*people, *teams)):
        people = teams = []
    return render_template("search/_names.html", people=people, teams=teams)


def named(session: Session, kind: Any, query: str) -> list[Any]:
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
