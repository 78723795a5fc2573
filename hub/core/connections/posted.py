"""What trackers post: bodies, signatures and times in the forms that most of them share."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs

from hub.core.values import DeliveryValue, Refused


def posted(delivery: DeliveryValue) -> Any:
    """The body of a delivery as JSON, also out of a form's ``payload``; refused where it is none."""
    raw = delivery.body
    if "urlencoded" in delivery.headers.get("content-type", ""):
        # A hook that was made by hand may send its JSON as a form.
        raw = parse_qs(raw.decode("utf-8", "replace")).get("payload", [""])[0].encode()
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Refused("the delivery is not JSON") from None


def signs(body: bytes, secret: str, given: str) -> bool:
    """Whether ``given`` is the HMAC-SHA256 of the raw body in hexadecimal digits; never with an empty secret.

    RFC 2104. Compared in constant time: how long a no takes tells nothing of the right digits.
    """
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), given.encode()) and bool(secret)


def moment(text: Any) -> dt.datetime | None:
    """A time in a form of ISO 8601, given in UTC, which it means where it names no offset; else None."""
    try:
        found = dt.datetime.fromisoformat(text)
        return found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
    except (ValueError, TypeError, OverflowError):
        return None
