"""Slack's incoming webhook, imitated: a status and one word, 429 with Retry-After.

Source: the vendor's pages on incoming webhooks and rate limits. Besides what ``robot.py`` names it differs
in this: one message a second with short bursts is a window of 60 a minute here; of a body it takes ``text``
alone; which of its errors have which status is published only for some of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from hub.lab.chat.moods import HTML, Said
from hub.lab.chat.robot import ImitatedRobot
from hub.lab.specimens import NOW

TOKEN = "services/T0000LAB/B0000LAB/000000000000000000000lab"  # noqa: S105 - of the lab, opens nothing
STATUS = {
    "invalid_payload": 400, "user_not_found": 400, "action_prohibited": 403, "channel_not_found": 404,
    "no_service": 404, "no_team": 404, "channel_is_archived": 410, "rollup_error": 500,
}  # fmt: skip
RETRY_AFTER = 30


class ImitatedSlack(ImitatedRobot):
    """One incoming webhook."""

    path = f"/{TOKEN}"
    most = 60
    most_bytes = 160_000
    errors_with_200 = (b"no_service", b"invalid_payload", b"not ok", b"")

    def __init__(self, now: Callable[[], dt.datetime] = lambda: NOW) -> None:
        """A webhook that wants nothing but its address."""
        super().__init__(now)
        self.secrets = {"webhook_address": f"https://hooks.slack.com{self.address}"}

    def text_of(self, body: Any) -> str:
        """What people read: three characters were escaped, and links stand in brackets."""
        text = str(body["text"])
        if not text:
            raise KeyError("text")
        for mark in ("<!", "<@", "<#"):
            text = text.replace(mark, "CALLS ")
        text = text.replace("<http", "http").replace(">", "")
        return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")

    def more_headers(self, status: int) -> list[tuple[str, str]]:
        """How long it wants to be left alone."""
        return [("Retry-After", str(RETRY_AFTER))] if status == 429 else []

    def yes(self) -> Said:
        """The word."""
        return 200, HTML, b"ok"

    def no(self, code: Any) -> Said:
        """A status and a word."""
        return (429, HTML, b"") if code == 429 else (STATUS.get(code, 400), HTML, str(code).encode())

    def unknown(self) -> Any:
        """The webhook is gone."""
        return "no_service"

    def too_fast(self) -> Any:
        """A status alone."""
        return 429

    def malformed(self) -> Any:
        """Whatever is wrong with the body."""
        return "invalid_payload"
