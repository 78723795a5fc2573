"""POST /in/<slug>: a delivery is verified, kept and answered; reading it is a job."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from flask import Flask, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from hub.core.connections.letterbox import Letter, keep
from hub.core.connections.opening import Opened
from hub.core.values import DeliveryValue

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from hub.core.workflow import Core

DOOR = "/in/"
# Where senders put the id that stays the same on every retry (Standard Webhooks; GitHub; Gitea).
KEY_HEADERS = ("webhook-id", "x-github-delivery", "x-gitea-delivery", "x-hub-delivery")
# Credentials prove a delivery when it comes; kept with it they could only leak.
SECRET_HEADERS = frozenset(("authorization", "cookie"))


class Lane:
    """Leads deliveries past everything that only people need: session, language, forgery token, limits.

    Half of a delivery's time went there, and senders have none of it: each signs in its own way.
    """

    def __init__(self, core: Core, pages: WSGIApplication) -> None:
        """``pages`` answers everything else."""
        self._pages = pages
        self._door = Flask("hub.inbound", static_folder=None)
        self._door.extensions["hub"] = core
        self._door.add_url_rule(f"{DOOR}<slug>", view_func=deliver, methods=["POST"])

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if environ["PATH_INFO"].startswith(DOOR):
            return self._door.wsgi_app(environ, start_response)
        return self._pages(environ, start_response)


def deliver(slug: str) -> tuple[str, int]:
    """Answer 202 once the delivery is durable; 404, 413 or 401 where it is not taken."""
    hub: Core = current_app.extensions["hub"]
    opened = hub.opener.by_slug(slug)
    if opened is None or opened.paused or not _takes_hooks(opened):
        return "", 404
    # One byte more than fits: a body that came in chunks is cut at the limit without a word.
    request.max_content_length = opened.max_bytes + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return "", 413
    if len(body) > opened.max_bytes:
        return "", 413
    headers = {name.lower(): value for name, value in request.headers}
    now = hub.database.now()
    key = next((headers[name] for name in KEY_HEADERS if headers.get(name)), None) or uuid.uuid4().hex
    if not opened.object.verify(DeliveryValue(key, headers, body, now)):
        return "", 401
    kept = {name: value for name, value in headers.items() if name not in SECRET_HEADERS}
    stored = keep(hub.database, Letter(opened.id, key, kept, body, now))
    return "", 200 if stored == "read" else 202


def _takes_hooks(opened: Opened) -> bool:
    return opened.family not in ("channel", "room") and getattr(opened.offered, "inbound", "hook") == "hook"
