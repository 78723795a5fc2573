"""Webhooks: are they genuine, which issue do they name, are they registered.

https://docs.gitea.com/usage/webhooks; Forgejo sends the same under its own names as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.sdk import DeliveryValue, Hint, Refused, posted, signs
from hub_gitea.client import Denied, NotThere
from hub_gitea.place import Place

EVENTS = ("issues", "issue_assign", "issue_label", "issue_comment")
# What stands before the hexadecimal digits: nothing in its own headers.
OWN = {"x-gitea-signature", "x-forgejo-signature"}
SIGNATURES = {**dict.fromkeys((*OWN, "x-gogs-signature"), ""), "x-hub-signature-256": "sha256="}
MAY_NOT = "the token may not manage webhooks of this repository"


def is_genuine(delivery: DeliveryValue, secret: str) -> bool:
    """Is the raw body signed with our secret?"""
    given = {name: delivery.headers[name] for name in SIGNATURES if name in delivery.headers}
    right = [
        signs(delivery.body, secret, text.removeprefix(before)) and text.startswith(before)
        for name, text in given.items()
        for before in [SIGNATURES[name]]
    ]
    # Of the copies for other receivers none may be wrong.
    return bool(given.keys() & OWN) and all(right)


def hints(delivery: DeliveryValue, place: Place) -> list[Hint]:
    """The issue a delivery names; nothing for other events, pull requests and odd shapes."""
    event = delivery.headers.get("x-gitea-event") or delivery.headers.get("x-forgejo-event") or ""
    body = _body(delivery)
    issue, repository = body.get("issue"), body.get("repository")
    if not event.startswith("issue") or not isinstance(issue, dict):
        return []
    if body.get("is_pull") or issue.get("pull_request"):
        return []
    told = repository if isinstance(repository, dict) else {}
    if place.number is not None and told.get("id") != place.number:
        return []  # of another repository
    number = issue.get("number")
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        return []
    return [Hint(str(number))]


def _body(delivery: DeliveryValue) -> Mapping[str, Any]:
    body = posted(delivery)
    return body if isinstance(body, dict) else {}


def ensure(place: Place, url: str, secret: str) -> None:
    """Make the hook that sends to ``url``, or set it right; refused where the token may not."""
    if not secret:
        raise Refused("a webhook needs the connection's hook secret")
    config = {"url": url, "content_type": "json", "secret": secret}
    wanted = {"active": True, "events": list(EVENTS), "config": config}
    try:
        known = _find(place, url)
        if known is None:
            place.call("POST", "/hooks", json={"type": "gitea", **wanted})
        else:
            place.call("PATCH", f"/hooks/{known}", json=wanted)
    except NotThere:
        raise Refused(MAY_NOT) from None
    except Denied as no:
        raise Refused(f"{MAY_NOT} ({no.message})") from None


def _find(place: Place, url: str) -> int | None:
    for row in place.rows("/hooks"):
        config = row.get("config")
        if isinstance(config, dict) and config.get("url") == url and isinstance(row.get("id"), int):
            return int(row["id"])
    return None
