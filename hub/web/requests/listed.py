"""The list of requests: what its address asks for, saved views, and the form that changes many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from hub.core.directory.views import offered
from hub.core.work import listing
from hub.web import htmx
from hub.web.context import core, reader
from hub.web.forms import row_number
from hub.web.requests import bulk_form
from hub.web.requests.choices import choices_of, filter_of, kept_of
from hub.web.requests.forms import people
from hub.web.sessions import actor, may


def show(
    args: Mapping[str, str],
    *,
    form: bulk_form.BulkForm | None = None,
    picked: Sequence[str] = (),
    status: int = 200,
) -> Response:
    """The list of this address; a refused ``form`` keeps what was typed and which rows were ``picked``."""
    wanted, sort, kept = filter_of(args), args.get("sort") or "newest", kept_of(args)
    after, before = args.get("after"), args.get("before")
    changes = may("edit_request")
    with core().database.reading() as session:
        rows = listing.page(session, wanted, sort, after=after, before=before)
        counts = listing.counts(session, wanted)
        active = people(session)
        choices = choices_of(session, active)
        views = offered(session, actor(), "requests")
        edited = bulk_form.outcome(session, row_number(args.get("edit")))
        if changes:
            form = form or bulk_form.untouched(session, active)

    def address(**changed: Any) -> str:
        return url_for("requests.index", **{**kept, **changed})

    here = {name: value for name, value in (("after", after), ("before", before)) if value}
    return htmx.page(
        "requests/index.html", "list", status=status, listed=rows, counts=counts, wanted=wanted,
        choices=choices, address=address, kept=kept, saved=views, query=urlencode(kept), edited=edited,
        bulk=form if changes else None, picked=picked, back=urlencode({**kept, **here}),
        row=painter(changes, picked, dict(choices["category"])),
    )  # fmt: skip


def painter(
    picking: bool, picked: Collection[str], categories: Mapping[str, str]
) -> Callable[[listing.Line], Markup]:
    """What makes a line HTML for this reader; ``picking``: whether it has a box, ``picked`` whose is set."""
    me = reader()
    around = (picking, me.language, me.zone, request.script_root)

    def row(shown: listing.Line) -> Markup:
        late = shown.state in listing.LIVE and me.is_overdue(shown.wanted_by)
        category = categories.get(str(shown.category_id))
        return _row(shown, category, me.age(shown.updated_at), late, shown.ref in picked, *around)

    return row


@lru_cache(maxsize=2048)
def _row(
    shown: listing.Line, category: str | None, _age: str, late: bool, picked: bool, picking: bool,
    _language: str, _zone: dt.tzinfo, _root: str,
) -> Markup:  # fmt: skip
    # Whatever a line's HTML depends on is an argument: what has not changed is not rendered again.
    row = current_app.jinja_env.get_template("requests/_row.html")
    return Markup(row.render(line=shown, category=category, late=late, picked=picked, picking=picking))
