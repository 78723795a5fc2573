"""What pages for people outside share: ``?lang=`` chooses the language, and the browser keeps the choice."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, g, request
from flask_babel import refresh
from werkzeug.wrappers import Response

from hub.render import LANGUAGES
from hub.web.context import reader

# People outside share addresses (an office, a mobile network), so the limits leave room.
POSTS = "20 per minute; 200 per hour"
_YEAR = 365 * 24 * 3600


def speaks(blueprint: Blueprint) -> Blueprint:
    """Let ``?lang=`` choose the language of this blueprint's pages."""
    blueprint.before_request(_listen)
    blueprint.after_request(_keep)
    return blueprint


def _wanted() -> str | None:
    wanted = request.args.get("lang")
    return wanted if wanted in LANGUAGES else None


def _listen() -> None:
    if wanted := _wanted():
        g.reader = replace(reader(), language=wanted)
        refresh()


def _keep(response: Response) -> Response:
    # What stands behind a secret address is for no cache and no other site.
    response.headers["Referrer-Policy"] = "no-referrer"
    if (wanted := _wanted()) and wanted != request.cookies.get("language"):
        response.set_cookie("language", wanted, max_age=_YEAR, samesite="Lax", secure=request.is_secure)
    return response
