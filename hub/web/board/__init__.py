"""The board: five stages, their live requests as cards, and the pulse that keeps them fresh."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.directory import views
from hub.core.execute.sync import conflicts
from hub.web import htmx
from hub.web.board import cards, filters
from hub.web.board.filters import BoardFilter
from hub.web.context import core, reader
from hub.web.sessions import actor, may

blueprint = Blueprint("board", __name__)


@blueprint.get("/")
def index() -> str:
    """The columns."""
    rights.require(actor(), "see_requests")
    wanted, now = BoardFilter.of(request.args), core().database.now()
    with core().database.reading() as session:
        since = cards.last_event(session, now)
        board = cards.load(session, wanted, actor().id, now)
        choices = filters.choices(session)
        kept = views.offered(session, actor(), "board")
        clashes = _clashes(session)
    return render_template(
        "board/index.html",
        board=board,
        pulse=_pulse(wanted, [since, *board.marks, str(clashes)]),
        clashes=clashes,
        wanted=wanted,
        views=_views(wanted),
        choices=choices,
        names=_names(),
        groups=_groups(),
        sorts=_sorts(),
        kept=kept,
        card=painter(wanted),
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
        board = cards.load(session, wanted, actor().id, now)
        clashes = _clashes(session)
    marks = [*board.marks, str(clashes)]
    hour = since.rpartition(".")[2] != before[0].rpartition(".")[2]
    # A new hour makes what is due nearer, though nothing else has changed.
    if not hour and before[1:] == marks:
        return htmx.respond(status=204)
    line = render_template("board/_pulse.html", pulse=_pulse(wanted, [since, *marks]))
    told = render_template("board/_sum.html", board=board, clashes=clashes, wanted=wanted, oob=True)
    if wanted.group != "stage":
        return htmx.respond(line, _whole(board, wanted), told)
    marked = zip(board.columns, [*before[1:], *[""] * len(board.columns)], strict=False)
    fresh = [column for column, old in marked if hour or column.mark != old]
    return htmx.respond(line, render_columns(fresh, wanted), told)


def columns_of(stages: Iterable[str], wanted: BoardFilter) -> str:
    """What shows these stages as they are now, to be put in its place."""
    staged = wanted.group == "stage" and wanted.only is None
    with core().database.reading() as session:
        now = core().database.now()
        board = cards.load(session, wanted, actor().id, now, stages if staged else None)
    return render_columns(board.columns, wanted) if staged else _whole(board, wanted)


def render_columns(columns: Iterable[cards.Column], wanted: BoardFilter) -> str:
    """Columns as fragments."""
    return render_template(
        "board/_columns.html", columns=columns, wanted=wanted, card=painter(wanted), oob=True
    )


def _whole(board: cards.Board, wanted: BoardFilter) -> str:
    # People and customers come and go: the columns of one look are not those of the next.
    return render_template(
        "board/_board.html", board=board, wanted=wanted, card=painter(wanted), whole=True, oob=False
    )


def shown() -> BoardFilter:
    """The filter of the board from which htmx asks."""
    return BoardFilter.of(dict(parse_qsl(urlsplit(htmx.asked().current_url or "").query)))


def painter(wanted: BoardFilter) -> Callable[[cards.Card], str]:
    """What makes a card HTML for this reader; what all cards share is asked once."""
    staged = wanted.group == "stage"
    around = (reader().language, reader().zone, may("move_request"), staged, request.script_root)
    span = reader().span

    def card(shown: cards.Card) -> str:
        return _card(shown, span(shown.due) if shown.due else "", *around)

    return card


@lru_cache(maxsize=4096)
def _card(
    shown: cards.Card, _left: str, _language: str, _zone: dt.tzinfo, movable: bool, staged: bool, _root: str
) -> str:
    # Whatever a card's HTML depends on is an argument: what has not changed is not rendered again.
    return render_template("board/_card.html", card=shown, movable=movable, staged=staged)


def _clashes(session: Session) -> int:
    """How many conflicts with trackers wait for a person."""
    return sum(conflicts.open_counts(session).values())


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


def _groups() -> dict[str, str]:
    return {"stage": _("Stage"), "person": _("Person"), "customer": _("Customer"), "team": _("Team")}


def _sorts() -> dict[str, str]:
    return {
        "urgent": _("most urgent first"),
        "wanted": _("wanted soonest first"),
        "newest": _("newest first"),
        "longest": _("longest in its stage first"),
    }


def _names() -> dict[str, Any]:
    return {"customer": _("Customer"), "category": _("Category"), "person": _("Person"), "team": _("Team")}
