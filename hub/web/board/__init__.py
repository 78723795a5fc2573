"""The board: five stages, their live requests as cards, and the pulse that keeps them fresh."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.values import STAGES
from hub.web import htmx
from hub.web.board import cards, filters
from hub.web.board.filters import BoardFilter
from hub.web.context import core, reader
from hub.web.sessions import actor, may

blueprint = Blueprint("board", __name__)


@blueprint.get("/")
def index() -> str:
    """The five columns."""
    rights.require(actor(), "see_requests")
    wanted, now = BoardFilter.of(request.args), core().database.now()
    with core().database.reading() as session:
        since = cards.last_event(session, now)
        columns = cards.load(session, wanted, actor().id, now)
        choices = filters.choices(session)
    marks = [since, *(column.mark for column in columns)]
    return render_template(
        "board/index.html",
        columns=columns,
        pulse=_pulse(wanted, marks),
        wanted=wanted,
        views=_views(wanted),
        choices=choices,
        names=_names(),
        card=painter(),
        oob=False,
    )


@blueprint.get("/pulse")
def pulse() -> Response:
    """The columns that have changed since; 204 where none has."""
    rights.require(actor(), "see_requests")
    wanted, now = BoardFilter.of(request.args), core().database.now()
    before = request.args.get("since", "").split("-")
    with core().database.reading() as session:
        since = cards.last_event(session, now)
        if before[0] == since:
            return htmx.respond(status=204)
        columns = cards.load(session, wanted, actor().id, now)
    marks = [column.mark for column in columns]
    hour = since.rpartition(".")[2] != before[0].rpartition(".")[2]
    # A new hour makes what is due nearer, though nothing else has changed.
    fresh = [
        column
        for column, old in zip(columns, [*before[1:], *[""] * len(STAGES)], strict=False)
        if hour or column.mark != old
    ]
    if not fresh:
        return htmx.respond(status=204)
    line = render_template("board/_pulse.html", pulse=_pulse(wanted, [since, *marks]))
    return htmx.respond(
        line,
        render_columns(fresh, wanted),
        render_template("board/_sum.html", columns=columns, wanted=wanted, oob=True),
    )


def columns_of(stages: Iterable[str], wanted: BoardFilter) -> str:
    """These columns as they are now, each to be put in its place."""
    with core().database.reading() as session:
        columns = cards.load(session, wanted, actor().id, core().database.now(), stages)
    return render_columns(columns, wanted)


def render_columns(columns: Iterable[cards.Column], wanted: BoardFilter) -> str:
    """Columns as fragments."""
    return render_template("board/_columns.html", columns=columns, wanted=wanted, card=painter(), oob=True)


def shown() -> BoardFilter:
    """The filter of the board from which htmx asks."""
    return BoardFilter.of(dict(parse_qsl(urlsplit(htmx.asked().current_url or "").query)))


def painter() -> Callable[[cards.Card], str]:
    """What makes a card HTML for this reader; what all cards share is asked once."""
    around = (reader().language, reader().zone, may("move_request"), request.script_root)
    span = reader().span

    def card(shown: cards.Card) -> str:
        return _card(shown, span(shown.due) if shown.due else "", *around)

    return card


@lru_cache(maxsize=4096)
def _card(shown: cards.Card, _left: str, _language: str, _zone: dt.tzinfo, movable: bool, _root: str) -> str:
    # Whatever a card's HTML depends on is an argument: what has not changed is not rendered again.
    return render_template("board/_card.html", card=shown, movable=movable)


def _pulse(wanted: BoardFilter, marks: Iterable[str]) -> str:
    return url_for("board.pulse", since="-".join(marks), **wanted.args())


def _views(wanted: BoardFilter) -> list[tuple[str, str, bool]]:
    names: Mapping[str, str] = {
        "all": _("All"),
        "mine": _("Mine"),
        "near": _("Near due"),
        "nobody": _("Unassigned"),
    }
    if wanted.view == "overdue":
        names = {**names, "overdue": _("Overdue")}
    return [
        (url_for("board.index", **wanted.args(view=view)), name, view == wanted.view)
        for view, name in names.items()
    ]


def _names() -> dict[str, Any]:
    return {"customer": _("Customer"), "category": _("Category"), "person": _("Person"), "team": _("Team")}
