"""The tracker's own webhooks: registered at our address, and asked for what did not arrive."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from hub.core.connections.models import Connection
from hub.core.connections.opening import Opener
from hub.core.database import Database
from hub.core.values import Hooks, Refused

# Where in the connection's state it stands: address, result, and how far failed deliveries were asked for.
HOOK = "hook"
# A hook that somebody took away is noticed so late at most; one that was refused may be allowed later.
RENEWED = dt.timedelta(days=1)
ASKED_AGAIN = dt.timedelta(minutes=10)


def tend_hook(database: Database, opener: Opener, connection_id: int, public_url: str) -> None:
    """See that the tracker sends to this connection's public address; at most every few minutes.

    A refusal is kept for the connection's page: the sweep finds changes without hooks, too. Raises
    ``Retry`` where the tracker cannot answer.
    """
    tracker: Any = opener.tracker(connection_id)
    if "hooks" not in tracker.capabilities or not isinstance(tracker, Hooks):
        return
    with database.reading() as session:
        row = session.get_one(Connection, connection_id)
        url, version, known = f"{public_url}/in/{row.slug}", row.version, row.state.get(HOOK, {})
    now = database.now()
    if known.get("url") != url or known.get("version") != version or _older(known, "at", now - RENEWED):
        told = _told(lambda: tracker.ensure_hook(url))
        cursor = known.get("cursor") if known.get("url") == url else None
        known = {"url": url, "version": version, "at": now.isoformat(), "cursor": cursor, **told}
    elif not known["ok"] or not _older(known, "asked", now - ASKED_AGAIN):
        return
    if known["ok"]:
        cursor = known.get("cursor")

        def ask() -> None:
            nonlocal cursor
            cursor = tracker.redeliver(url, cursor)

        known = {**known, **_told(ask), "asked": now.isoformat(), "cursor": cursor}
    with database.transaction() as session:
        row = session.get_one(Connection, connection_id, with_for_update=True)
        row.state = {**row.state, HOOK: known}


def can_be_told(public_url: str | None) -> bool:
    """Whether somebody elsewhere can reach this address; the one of a hub nobody gave an address cannot."""
    host = urlsplit(public_url or "").hostname
    if not host or host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def _told(call: Callable[[], None]) -> Mapping[str, Any]:
    try:
        call()
    except Refused as no:
        return {"ok": False, "text": no.reason[:500]}
    return {"ok": True, "text": ""}


def _older(known: Mapping[str, Any], name: str, than: dt.datetime) -> bool:
    return name not in known or dt.datetime.fromisoformat(known[name]) <= than
