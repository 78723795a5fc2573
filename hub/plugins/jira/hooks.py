"""Jira's webhooks: signed by the secret somebody typed in there, unordered, sometimes twice, sometimes not.

https://developer.atlassian.com/cloud/jira/platform/webhooks/
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from hub.plugins.jira.errors import record, words
from hub.sdk import DeliveryValue, Hint, Refused, posted, signs

# Jira tries five times, each up to 15 minutes after the other; a day leaves room for its own queue.
OLDEST = dt.timedelta(hours=24)
ISSUE = re.compile(r"/issue/([^/?#]+)")


def is_genuine(delivery: DeliveryValue, secret: str) -> bool:
    """Signed with our secret and not too old. Only SHA-256 is accepted, whatever the header names."""
    method, _, given = delivery.headers.get("x-hub-signature", "").partition("=")
    if not signs(delivery.body, secret, given.strip().lower()) or method.lower() != "sha256":
        return False
    # The signature holds no time, so that the body's own must do.
    try:
        sent = record(posted(delivery)).get("timestamp")
    except Refused:
        return True  # whoever reads it will say so
    if not isinstance(sent, int) or isinstance(sent, bool):
        return True
    return abs(delivery.received_at.timestamp() - sent / 1000) <= OLDEST.total_seconds()


def hints(delivery: DeliveryValue) -> Iterable[Hint]:
    """The issues a delivery mentions. Comment and worklog events may come without the issue."""
    body = record(posted(delivery))
    comment, worklog, link = (record(body.get(name)) for name in ("comment", "worklog", "issueLink"))
    named = [
        words(record(body.get("issue")).get("id")),
        words(worklog.get("issueId")),
        words(link.get("sourceIssueId")),
        words(link.get("destinationIssueId")),
        *(found[1] for one in (comment, worklog) if (found := ISSUE.search(words(one.get("self"))))),
    ]
    return [Hint(ref) for ref in dict.fromkeys(named) if ref]
