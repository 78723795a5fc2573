"""DingTalk's custom robot, imitated: signature in the query, 20 messages a minute, then mute for ten.

Source: the vendor's pages on custom robots. Besides what ``robot.py`` names it differs in this: the codes
130101 and 300001 and the answer to a malformed body (40035) are not confirmed by those pages; an hour for
the age of a signature is not either; it takes ``text`` alone; its mute begins with the message above the
limit and is not made longer by further ones.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from hub.lab.chat.coded import CodedRobot, worded
from hub.lab.specimens import NOW

TOKEN = "d1ngtalk0000000000000000000000000000000000000000000000000000lab1"  # noqa: S105 - opens nothing
KEY = "SEC000000000000000000000000000000000000000000000000000000000000lab1"
SECURITY = {
    "keyword": "description:关键词不匹配;solution:请联系群管理员查看此机器人的关键词;keywords not in content",
    "sign": "description:机器人发送签名不匹配;sign not match",
    "time": "description:机器人发送签名过期;invalid timestamp",
    "ip": "description:机器人发送ip不在白名单;ip 203.0.113.9 not in whitelist",
}
WORDS = {
    310000: SECURITY["sign"], 130101: "send too fast, exceed 20 times per minute",
    300001: "token is not exist", 40035: "invalid parameter", 90030: "webhook over limit",
}  # fmt: skip
HOUR_MS = 3_600_000


class ImitatedDingTalk(CodedRobot):
    """One custom robot."""

    path = "/robot/send"
    query = {"access_token": TOKEN}  # noqa: RUF012
    mute = dt.timedelta(minutes=10)
    words = WORDS
    errors_with_200 = worded(WORDS)

    def __init__(
        self,
        now: Callable[[], dt.datetime] = lambda: NOW,
        key: str = KEY,
        keywords: tuple[str, ...] = (),
    ) -> None:
        """A robot with an additional signature, unless ``key`` is empty."""
        super().__init__(now, key, keywords)
        self._why = "sign"
        address = f"https://oapi.dingtalk.com{self.address}"
        self.secrets = {"webhook_address": address, **({"signing_key": key} if key else {})}

    def is_signed(self, _body: Any, asked: Mapping[str, str]) -> bool:
        """Key is the secret, the message is time and secret; milliseconds."""
        at = asked.get("timestamp", "")
        if not at.isdigit() or abs(int(at) - self.now().timestamp() * 1000) > HOUR_MS:
            self._why = "time"
            return False
        digest = hmac.new(self.key.encode(), f"{at}\n{self.key}".encode(), hashlib.sha256).digest()
        self._why = "sign"
        return hmac.compare_digest(base64.b64encode(digest).decode(), asked.get("sign", ""))

    def no(self, code: Any) -> tuple[int, str, bytes]:
        """One code for all of security; a test may ask for its words."""
        if isinstance(code, str):
            self._why, code = code, 310000
        self.words = {**WORDS, 310000: SECURITY[self._why]}  # type: ignore[misc]
        return super().no(code)

    def unknown(self) -> Any:
        """The token is none."""
        return 300001

    def too_fast(self) -> Any:
        """And mute."""
        return 130101

    def malformed(self) -> Any:
        """Whatever is wrong with the body."""
        return 40035

    def forged(self) -> Any:
        """Signature or time."""
        return self._why

    def without_keyword(self) -> Any:
        """None of the keywords."""
        return "keyword"
