"""Feishu's custom bot, imitated: signature in the body, status 200 for all, 100 messages a minute.

Source: the vendor's guide to custom bots. Besides what ``robot.py`` names it differs in this: five
messages a second are not counted, a bot's IP list is only a code that a test asks for, and of the kinds
of messages it takes ``text`` and ``post``. That 19024 answers to a missing keyword is published; which
code answers to a body that is too large is not, and 9499 (bad request) stands for it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from hub.lab.chat.moods import JSON, Said
from hub.lab.chat.robot import ImitatedRobot
from hub.lab.specimens import NOW

TOKEN = "f8a1e2c4-0000-4000-8000-lab000000001"  # noqa: S105 - of the lab, opens nothing
KEY = "feishu-key-of-the-lab"
WORDS = {
    19001: "param invalid: incoming webhook access token invalid",
    19021: "sign match fail or timestamp is not within one hour from current time",
    19022: "Ip Not Allowed",
    19024: "Key Words Not Found",
    9499: "Bad Request",
    11232: "frequency limited psm[lark.oapi.app_platform_runtime]",
}
HOUR_S = 3600


class ImitatedFeishu(ImitatedRobot):
    """One custom bot."""

    path = f"/open-apis/bot/v2/hook/{TOKEN}"
    most = 100
    errors_with_200: ClassVar[Sequence[bytes]] = tuple(
        json.dumps({"code": code, "data": {}, "msg": words}).encode() for code, words in WORDS.items()
    )

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: NOW,
        key: str = KEY,
        keywords: tuple[str, ...] = (),
    ) -> None:
        """A bot with signature verification, unless ``key`` is empty."""
        super().__init__(now, key, keywords)
        address = f"https://open.feishu.cn{self.address}"
        self.secrets = {"webhook_address": address, **({"signing_key": key} if key else {})}

    def text_of(self, body: Any) -> str:
        """Of a ``text``, or the lines of a ``post``; a mention as the people see it."""
        if body["msg_type"] == "text":
            return str(body["content"]["text"])
        if body["msg_type"] != "post":
            raise KeyError("msg_type")
        lines = body["content"]["post"]["zh_cn"]["content"]
        return "\n".join("".join(_shown(part) for part in line) for line in lines)

    def is_signed(self, body: Any, _asked: Mapping[str, str]) -> bool:
        """Key is time and secret, the message is empty; good for an hour."""
        at = str(body.get("timestamp", ""))
        if not at.isdigit() or abs(int(at) - self.now().timestamp()) > HOUR_S:
            return False
        digest = hmac.new(f"{at}\n{self.key}".encode(), b"", hashlib.sha256).digest()
        return hmac.compare_digest(base64.b64encode(digest).decode(), str(body.get("sign", "")))

    def yes(self) -> Said:
        """Both spellings, as the real one still gives them."""
        said = {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}
        return 200, JSON, json.dumps(said).encode()

    def no(self, code: Any) -> Said:
        """Status 200, and a code."""
        return 200, JSON, json.dumps({"code": code, "data": {}, "msg": WORDS.get(code, "unknown")}).encode()

    def unknown(self) -> Any:
        """The token is none."""
        return 19001

    def too_fast(self) -> Any:
        """Without a mute."""
        return 11232

    def malformed(self) -> Any:
        """Whatever is wrong with the body."""
        return 9499

    def forged(self) -> Any:
        """Signature or time."""
        return 19021

    def without_keyword(self) -> Any:
        """None of the keywords."""
        return 19024


def _shown(part: Mapping[str, Any]) -> str:
    if part["tag"] == "at":
        return f"@{part['user_id']}"
    return str({"text": part.get("text"), "a": part.get("href")}[part["tag"]])
