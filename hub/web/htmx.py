"""The one door to htmx: what the browser asked for, fragments, and the headers that steer it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, cast
from urllib.parse import unquote

from flask import Flask, Response, make_response, render_template, request
from htmx_flask import Htmx
from htmx_flask.requests import HtmxHeaders
from jinja2_fragments.flask import render_block

Tone = Literal["info", "ok", "warn", "bad"]


def init_app(app: Flask) -> None:
    """Let requests know htmx's headers."""
    Htmx(app)


def asked() -> HtmxHeaders:
    """What htmx says about this request; false where a whole page is wanted."""
    return cast(HtmxHeaders, request.htmx)  # type: ignore[attr-defined]  # added by htmx_flask


def wants_fragment() -> bool:
    """Whether a part of the page is enough: not for boosted links or a restored history."""
    about = asked()
    return bool(about) and not about.boosted and not about.history_restore_request


def prompt() -> str:
    """What the person typed into hx-prompt; browsers send it percent-encoded."""
    return unquote(asked().prompt or "")


def page(template: str, block: str, *, status: int = 200, **values: Any) -> Response:
    """The whole page, or only the named block of it where htmx asks."""
    if wants_fragment():
        return make_response(render_block(template, block, **values), status)
    return make_response(render_template(template, **values), status)


def fragment(template: str, block: str | None = None, **values: Any) -> str:
    """One block of a template, or a partial as a whole."""
    return render_block(template, block, **values) if block else render_template(template, **values)


def toast(
    text: str, tone: Tone = "ok", *, undo: str | None = None, carry: Mapping[str, object] | None = None
) -> str:
    """A short message to append to an answer.

    ``undo`` is an address that takes the change back, ``carry`` the fields that are posted there.
    """
    return render_template("_toast.html", text=text, tone=tone, undo=undo, carry=carry or {}, swap=True)


def respond(
    *parts: str,
    status: int = 200,
    events: dict[str, Any] | None = None,
    retarget: str | None = None,
    reswap: str | None = None,
    push_url: str | None = None,
    redirect: str | None = None,
    refresh: bool = False,
) -> Response:
    """An answer to htmx of several fragments; ``redirect`` loads another page as a whole.

    ``events`` are triggered in the browser; their values may hold any language.
    """
    response = make_response("".join(parts), status)
    steering = {
        # ASCII only: a header cannot carry Chinese as it is.
        "HX-Trigger": json.dumps(events) if events else None,
        "HX-Retarget": retarget,
        "HX-Reswap": reswap,
        "HX-Push-Url": push_url,
        "HX-Redirect": redirect,
        "HX-Refresh": "true" if refresh else None,
    }
    response.headers.update({name: value for name, value in steering.items() if value})
    return response
