"""The list of requests: what its address asks for, saved views, and the form that changes many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from werkzeug.wrappers import Response

from hub.core.directory.views import offered
from hub.core.work import listing
from hub.web import htmx
from hub.web.context import core
from hub.web.forms import row_number
from hub.web.requests import bulk_form
from hub.web.requests.choices import choices_of, filter_of, kept_of
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
        choices = choices_of(session)
        views = offered(session, actor(), "requests")
        edited = bulk_form.outcome(session, row_number(args.get("edit")))
        if changes:
            form = form or bulk_form.untouched(session)

    def address(**changed: Any) -> str:
        return url_for("requests.index", **{**kept, **changed})

    here = {name: value for name, value in (("after", after), ("before", before)) if value}
    return htmx.page(
        "requests/index.html", "list", status=status, listed=rows, counts=counts, wanted=wanted,
        choices=choices, address=address, kept=kept, saved=views, query=urlencode(kept), edited=edited,
        bulk=form if changes else None, picked=set(picked), back=urlencode({**kept, **here}),
    )  # fmt: skip
