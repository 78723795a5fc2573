"""Where a reader ends our mails: looking changes nothing, posting does (RFC 8058: also in one click)."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from hub.core.directory.models import Person
from hub.core.notices import consent
from hub.web import outside
from hub.web.context import core
from hub.web.guards import csrf, limiter, public

blueprint = outside.speaks(Blueprint("unsubscribe", __name__))
# The mail program that posts has no session: the link itself is the proof, and it opens nothing else.
csrf.exempt(blueprint)
ONE_CLICK = "List-Unsubscribe"


@blueprint.get("/u/<token>")
@public
def show(token: str) -> Response:
    """Whose mails these are, and the button that ends them or lets them begin again."""
    with core().database.reading() as session:
        reader = consent.reader_of(session, core().office, token)
    page = render_template(
        "unsubscribe/show.html",
        token=token,
        address=reader.email,
        wanted=consent.wants(reader),
        staff=isinstance(reader, Person),
    )
    return make_response(page)


@blueprint.post("/u/<token>")
@public
@limiter.limit(outside.POSTS)
def update(token: str) -> Response | tuple[str, int]:
    """End the mails, or let them begin again."""
    wanted = request.form.get("mails") == "1"
    with core().database.transaction() as session:
        reader = consent.reader_of(session, core().office, token)
        consent.choose(session, core().database.now(), reader, mails=wanted)
    if ONE_CLICK in request.form:
        return "", 200
    return redirect(url_for("unsubscribe.show", token=token), 303)
