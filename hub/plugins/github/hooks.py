"""GitHub's webhooks: are they genuine, which issue do they name, are they registered, which were lost.

https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries and
https://docs.github.com/rest/repos/webhooks
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from hub.plugins.github.answers import Elsewhere, NotThere
from hub.plugins.github.place import Address, Place
from hub.sdk import DeliveryValue, Hint, Refused, moment, posted, signs

EVENTS = ("issues", "issue_comment")
# GitHub keeps deliveries so long (GitHub Enterprise Server: 7 days).
KEPT = dt.timedelta(days=3)
MAY_NOT = "the token may not manage webhooks of this repository"


def is_genuine(delivery: DeliveryValue, secret: str) -> bool:
    """Is the raw body signed with our secret?"""
    method, _, given = delivery.headers.get("x-hub-signature-256", "").partition("=")
    return signs(delivery.body, secret, given) and method == "sha256"


def hints(delivery: DeliveryValue, place: Place) -> list[Hint]:
    """The issue a delivery names; nothing for other events, pull requests and odd shapes."""
    if delivery.headers.get("x-github-event") not in EVENTS:
        return []
    body = _body(delivery)
    issue, repository = body.get("issue"), body.get("repository")
    if not isinstance(issue, dict) or "pull_request" in issue:
        return []
    number = issue.get("number")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        return []
    told = repository if isinstance(repository, dict) else {}
    named, known = told.get("full_name"), place.number is not None
    if not isinstance(named, str) or (known and told.get("id") == place.number):
        return [Hint(Address(number).ref)]
    try:
        return [Hint(place.address(f"{named}#{number}").ref)]
    except Refused:
        return []


def _body(delivery: DeliveryValue) -> Mapping[str, Any]:
    body = posted(delivery)
    return body if isinstance(body, dict) else {}


def ensure(place: Place, url: str, secret: str) -> None:
    """Make the hook that sends to ``url``, or set it right; refused where the token may not."""
    if not secret:
        raise Refused("a webhook needs the connection's hook secret")
    config = {"url": url, "content_type": "json", "secret": secret, "insecure_ssl": "0"}
    wanted = {"active": True, "events": list(EVENTS), "config": config}
    known = _find(place, url)
    try:
        if known is None:
            place.call("POST", "/hooks", json={"name": "web", **wanted})
        else:
            place.call("PATCH", f"/hooks/{known}", json=wanted)
    except NotThere:
        raise Refused(MAY_NOT) from None


def redeliver(place: Place, url: str, cursor: str | None) -> str | None:
    """Ask for what failed since the cursor (at most three days) once more; gives the next cursor.

    Redeliveries that fail again are not asked for again: the sweep finds what they said.
    """
    known = _find(place, url)
    if known is None:
        return cursor
    newest, delivered, lost = cursor, set(), {}
    for row in _deliveries(place, known, cursor):
        at, guid, code = str(row.get("delivered_at", "")), row.get("guid"), row.get("status_code")
        newest = max(newest or "", at)
        if (isinstance(code, int) and 200 <= code < 300) or row.get("redelivery"):
            delivered.add(guid)
        elif isinstance(code, int):
            lost[guid] = row.get("id")
    for guid, delivery_id in lost.items():
        if guid not in delivered:
            place.call("POST", f"/hooks/{known}/deliveries/{delivery_id}/attempts")
    return newest


def _deliveries(place: Place, hook: int, cursor: str | None) -> list[Mapping[str, Any]]:
    """The deliveries that are not older than the cursor, the latest first."""
    rows: list[Mapping[str, Any]] = []
    since = moment(cursor)
    for row in place.rows(f"/hooks/{hook}/deliveries"):
        at = moment(row.get("delivered_at"))
        if at is None:
            continue
        latest = moment(rows[0].get("delivered_at")) if rows else at
        if (since and at < since) or (latest and latest - at > KEPT):
            break
        rows.append(row)
    return rows


def _find(place: Place, url: str) -> int | None:
    try:
        for row in place.rows("/hooks"):
            config = row.get("config")
            if isinstance(config, dict) and config.get("url") == url and isinstance(row.get("id"), int):
                return int(row["id"])
    except (NotThere, Elsewhere):
        raise Refused(MAY_NOT) from None
    return None
