"""Senders as they are: each one sends in order, and again under the same key until it is answered."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import requests
from standardwebhooks import Webhook

from tests.scale.conftest import SECRET

TRIES = 200
_TOKEN = re.compile(r'name="(csrf_token|key)"[^>]*value="([^"]+)"')


@dataclass
class Tally:
    """What the senders saw."""

    accepted: list[str] = field(default_factory=list)
    again: int = 0
    refused: list[str] = field(default_factory=list)


def insist(tally: Tally, post: Callable[[], requests.Response], wanted: tuple[int, ...], name: str) -> None:
    """Send until it is answered; a connection that breaks and an answer of 5xx are tried again."""
    for _ in range(TRIES):
        try:
            answer = post()
        except requests.RequestException:
            answer = None
        if answer is not None and answer.status_code in wanted:
            tally.accepted.append(name)
            return
        if answer is not None and answer.status_code < 500:
            tally.refused.append(f"{name}: {answer.status_code} {answer.text[:200]}")
            return
        tally.again += 1
        time.sleep(0.1)
    tally.refused.append(f"{name}: no answer")


def send_hook(tally: Tally, http: requests.Session, url: str, name: str, values: dict[str, object]) -> None:
    """One signed delivery; it is signed anew for each try, as senders do."""
    key, body = f"msg_{uuid.uuid4().hex}", json.dumps(values)

    def post() -> requests.Response:
        now = dt.datetime.now(dt.UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(SECRET).sign(key, now, body),
        }
        return http.post(url, body.encode(), headers=headers, timeout=30)

    insist(tally, post, (200, 202), name)


def send_form(tally: Tally, url: str, name: str, address: str) -> None:
    """One visitor of a public form, who comes through the proxy from an address of their own."""
    visitor = requests.Session()
    visitor.headers["X-Forwarded-For"] = address
    hidden: dict[str, str] = {}

    def look() -> requests.Response:
        page = visitor.get(url, timeout=30)
        hidden.update(_TOKEN.findall(page.text))
        return page

    seen = Tally()
    insist(seen, look, (200,), name)
    tally.again += seen.again
    tally.refused += seen.refused
    filled = {**hidden, "title": name, "body": "It does not work.", "name": "Wei", "email": "wei@example.org"}
    insist(tally, lambda: visitor.post(url, filled, timeout=30, allow_redirects=False), (303,), name)
