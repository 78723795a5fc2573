"""The webhooks that Redmine has from 7.0 on: somebody makes them by hand, and each is sent once."""

from __future__ import annotations

from hub.sdk import DeliveryValue, Hint, posted, signs


def is_genuine(delivery: DeliveryValue, secret: str) -> bool:
    """Is the raw body signed with our secret?"""
    method, _, given = delivery.headers.get("x-redmine-signature-256", "").partition("=")
    return signs(delivery.body, secret, given) and method == "sha256"


def hints(delivery: DeliveryValue) -> list[Hint]:
    """The issue a delivery names; nothing for news, wiki pages and odd shapes."""
    body = posted(delivery)
    data = body.get("data") if isinstance(body, dict) else None
    issue = data.get("issue") if isinstance(data, dict) else None
    number = issue.get("id") if isinstance(issue, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        return []
    return [Hint(str(number))]
