"""The webhooks that Redmine has from 7.0 on: somebody makes them by hand, and each is sent once."""

from __future__ import annotations

import hashlib
import hmac
import json

from hub.sdk import DeliveryValue, Hint, Refused


def is_genuine(delivery: DeliveryValue, secret: str) -> bool:
    """Is the raw body signed with our secret?"""
    given = delivery.headers.get("x-redmine-signature-256", "")
    wanted = "sha256=" + hmac.new(secret.encode(), delivery.body, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(wanted.encode(), given.encode())


def hints(delivery: DeliveryValue) -> list[Hint]:
    """The issue a delivery names; nothing for news, wiki pages and odd shapes."""
    try:
        body = json.loads(delivery.body)
    except (ValueError, RecursionError):
        raise Refused("the delivery is not JSON") from None
    data = body.get("data") if isinstance(body, dict) else None
    issue = data.get("issue") if isinstance(data, dict) else None
    number = issue.get("id") if isinstance(issue, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        return []
    return [Hint(str(number))]
