"""POST /in/<slug>: a delivery is verified, kept and answered; reading it is a job."""

from __future__ import annotations

import uuid

from flask import Blueprint, request
from werkzeug.exceptions import RequestEntityTooLarge

from hub.core.connections.letterbox import Letter, keep
from hub.core.connections.opening import Opened
from hub.core.values import DeliveryValue
from hub.web.context import core
from hub.web.guards import csrf, public

blueprint = Blueprint("inbound", __name__)
# Senders have no page of ours to take a token from; each signs in its own way.
csrf.exempt(blueprint)

# Where senders put the id that stays the same on every retry (Standard Webhooks; GitHub; Gitea).
KEY_HEADERS = ("webhook-id", "x-github-delivery", "x-gitea-delivery", "x-hub-delivery")
# Credentials prove a delivery when it comes; kept with it they could only leak.
SECRET_HEADERS = frozenset(("authorization", "cookie"))


@blueprint.post("/in/<slug>")
@public
def deliver(slug: str) -> tuple[str, int]:
    """Answer 202 once the delivery is durable; 404, 413 or 401 where it is not taken."""
    hub = core()
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
    return getattr(opened.offered, "inbound", "hook") == "hook"
