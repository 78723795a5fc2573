"""Signed hints to registered addresses: sent by a thread, once, to this machine only."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import logging
import queue
import threading
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from standardwebhooks import Webhook

from hub.core.database import Clock, new_uuid

log = logging.getLogger(__name__)
TIMEOUT = 10


def is_loopback(url: str) -> bool:
    """Does this address lead to this machine?"""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class HookSender:
    """Sends hints one after the other; a hint that cannot be delivered is lost (no redelivery here)."""

    def __init__(self, clock: Clock) -> None:
        """``clock`` gives the signature's time."""
        self._clock = clock
        self._waiting: queue.Queue[tuple[str, str, str] | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def send(self, url: str, secret: str, key: str) -> None:
        """Tell ``url`` that the item changed; returns at once."""
        if not is_loopback(url):
            raise ValueError(f"the sandbox sends to this machine only, not to {url}")
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sandbox-hooks", daemon=True)
                self._thread.start()
        self._waiting.put((url, secret, key))

    def close(self) -> None:
        """Send what waits and stop."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            thread.join()

    def _run(self) -> None:
        while (order := self._waiting.get()) is not None:
            url, secret, key = order
            request = self._request(url, secret, key)
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT):
                    pass
            except (urllib.error.URLError, OSError) as error:
                log.warning("hint about %s was not delivered: %s", key, error)

    def _request(self, url: str, secret: str, key: str) -> urllib.request.Request:
        body = json.dumps({"type": "item.changed", "item": key})
        message_id, at = f"msg_{new_uuid()}", self._clock.now().astimezone(dt.UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign(message_id, at, body),
        }
        return urllib.request.Request(url, body.encode(), headers, method="POST")
