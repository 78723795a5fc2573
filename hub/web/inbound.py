"""POST /in/<slug>: a delivery is verified, kept and answered; reading it is a job."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, request

from hub.core.connections.inbound import store
from hub.core.values import DeliveryValue
from hub.web.context import core

blueprint = Blueprint("inbound", __name__)

# Where senders put the id that stays the same on every retry (Standard Webhooks; GitHub; Gitea).
KEY_HEADERS = ("webhook-id", "x-github-delivery", "x-gitea-delivery", "x-hub-delivery")


@blueprint.post("/in/<slug>")
def deliver(slug: str) -> Response | tuple[str, int]:
    """Answer 202 once the delivery is durable; 404, 413 or 401 where it is not taken."""
    hub = core()
    opened = hub.opener.by_slug(slug)
    if opened is None or opened.paused:
        return "", 404
    if (request.content_length or 0) > opened.max_bytes:
        return "", 413
    request.max_content_length = opened.max_bytes
    body = request.get_data(cache=False)
    headers = {name.lower(): value for name, value in request.headers}
    now = hub.database.now()
    key = next((headers[name] for name in KEY_HEADERS if headers.get(name)), None) or uuid.uuid4().hex
    delivery = DeliveryValue(key, headers, body, now)
    if not opened.object.verify(delivery):
        return "", 401
    with hub.database.transaction() as session:
        stored = store(session, opened.id, key, headers, body, now)
    return "", 200 if stored == "read" else 202
