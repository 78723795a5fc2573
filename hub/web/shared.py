"""A file by a signed link: for people at a tracker that takes no files, who have no account here."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from hub.core.values import Refusal
from hub.web import files, outside
from hub.web.context import core
from hub.web.guards import public

blueprint = outside.speaks(Blueprint("shared", __name__))


@blueprint.get("/d/<token>")
@public
def show(token: str) -> Response:
    """The bytes of the file, as long as the link lasts and the file may be seen outside."""
    sharing = core().sharing
    if sharing is None:
        raise Refusal("link_unknown")
    with core().database.reading() as session:
        attachment, stored = sharing.opened(session, token, core().database.now())
    return files.sent(attachment, stored)
