"""WeCom's group robot, imitated: no signature, 20 messages a minute, a text of 2,048 bytes.

Source: the vendor's page on group robots. Besides what ``robot.py`` names it differs in this: the codes
45009, 93000 and 40058 are not confirmed by that page; it takes ``text`` alone; the list of IP addresses
that an administrator may set is not imitated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from hub.lab.chat.coded import CodedRobot, worded
from hub.lab.specimens import NOW

TOKEN = "0000c0de-0000-4000-8000-wecom0000lab"  # noqa: S105 - of the lab, opens nothing
WORDS = {
    45009: "api freq out of limit", 93000: "invalid webhook url", 40058: "text.content exceed max length 2048"
}  # fmt: skip


class ImitatedWeCom(CodedRobot):
    """One group robot."""

    path = "/cgi-bin/webhook/send"
    query = {"key": TOKEN}  # noqa: RUF012
    most_bytes = 2048
    words = WORDS
    errors_with_200 = worded(WORDS)

    def __init__(self, now: Callable[[], dt.datetime] = lambda: NOW) -> None:
        """A robot that wants nothing but its key."""
        super().__init__(now)
        self.secrets = {"webhook_address": f"https://qyapi.weixin.qq.com{self.address}"}

    def size_of(self, _raw: bytes, text: str) -> int:
        """The text alone is counted."""
        return len(text.encode())

    def unknown(self) -> Any:
        """The key is none."""
        return 93000

    def too_fast(self) -> Any:
        """Without a mute."""
        return 45009

    def malformed(self) -> Any:
        """Whatever is wrong with the body."""
        return 40058
