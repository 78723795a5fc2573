"""What the robots of chat groups have in common: one secret address, a text, and an answer that may lie.

Each is told something by one POST to an address that only its group knows. A status of 200 is no success
yet; whatever is neither a clear yes nor a clear no may have been taken (``Unclear``).
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import SplitResult, urlsplit

from hub.core.notices.settings import RoomSettings
from hub.core.values import (
    Checked,
    Http,
    HttpAnswer,
    Off,
    OutgoingMessage,
    Refused,
    Retry,
    Sent,
    Text,
    Unclear,
)

# The one secret of every robot, and that of those that check signatures.
ADDRESS, SIGNING_KEY = "webhook_address", "signing_key"
MENDING = dt.timedelta(minutes=15)
ELLIPSIS = "…"
# Invisible, and no part of any name: what would call people is a text again.
BREAK = "\u200b"


def cut(text: str, most: int) -> str:
    """The text within so many bytes of UTF-8; what was cut ends with …, and with a line where possible."""
    raw = text.encode()
    if len(raw) <= most:
        return text
    kept = raw[: most - len(ELLIPSIS.encode()) - 1].decode(errors="ignore")
    head, _, _ = kept.rpartition("\n")
    return f"{head}\n{ELLIPSIS}" if len(head.encode()) * 2 >= most else kept + ELLIPSIS


def signature(key: str, message: str) -> str:
    """HMAC-SHA256 in Base64."""
    return base64.b64encode(hmac.digest(key.encode(), message.encode(), hashlib.sha256)).decode()


class Robot(ABC):
    """A chat group's robot; a plugin says what its own is like."""

    # Which hosts its address may lead to, and the path it begins with.
    hosts: ClassVar[tuple[str, ...]]
    path: ClassVar[str]
    # So many bytes of UTF-8 a text may have.
    most_bytes: ClassVar[int]
    # Where in its answer the code stands, the first that is there; nought is yes.
    codes: ClassVar[tuple[str, ...]] = ("errcode",)
    words: ClassVar[str] = "errmsg"
    # What is wrong with the set-up, in sentences that say what to do; and how long to wait where it is busy.
    off: ClassVar[Mapping[Any, Text]] = {}
    busy: ClassVar[Mapping[Any, dt.timedelta | None]] = {}
    # What is wrong with one message.
    refused: ClassVar[frozenset[Any]] = frozenset()

    def __init__(
        self, settings: Any, secrets: Mapping[str, str], http: Http, _state: Mapping[str, Any]
    ) -> None:
        """Nothing is called yet, and nothing judged."""
        self.settings: Any = settings
        self._address, self.key = secrets.get(ADDRESS, "").strip(), secrets.get(SIGNING_KEY, "").strip()
        self._http = http

    def __repr__(self) -> str:
        """Without the address, which is the credential."""
        return f"<{type(self).__name__}>"

    @abstractmethod
    def body(self, text: str, at: dt.datetime) -> dict[str, Any]:
        """The JSON that tells this text."""

    def without_calls(self, text: str) -> str:
        """The text with whatever would call people in it broken (``BREAK``)."""
        return text

    def query(self, _at: dt.datetime) -> dict[str, str]:
        """What is added to the address at each try."""
        return {}

    def check(self) -> Checked:
        """Look at the address and whether its host answers; nobody is told, for no robot can be asked."""
        try:
            parts = self._parts()
            self._http.send("GET", f"{parts.scheme}://{parts.netloc}/")
        except Off as off:
            return Checked(False, off.text)
        except (Retry, Refused) as error:
            return Checked(False, Text(zh=f"不能发送：{error.reason}", en=f"Cannot send: {error.reason}"))
        return Checked(
            True,
            Text(
                zh="地址格式正确，对方主机有应答。机器人是否接收，只有发一条测试消息才知道。",
                en="The address looks right and its host answers. Only a test message shows whether the "
                "robot takes it.",
            ),
        )

    def send(self, message: OutgoingMessage) -> Sent:
        """One POST, signed anew at each try."""
        self._parts()
        text = self.without_calls(f"{message.subject}\n{message.text}".strip())
        text = cut(text, self.most_bytes)
        body, query = self.body(text, message.at), self.query(message.at)
        try:
            answer = self._http.send("POST", self._address, params=query or None, json=body)
        except Refused as refused:  # the way there is closed: no message is to blame
            raise Retry(refused.reason, MENDING) from None
        return self.judged(answer)

    def judged(self, answer: HttpAnswer) -> Sent:
        """What an answer with a code in its body means."""
        if answer.status != 200:
            raise Retry(
                f"the robot's host answers with status {answer.status}: {_shown(answer.body)}", MENDING
            )
        try:
            said = json.loads(answer.body)
        except (ValueError, RecursionError):
            said = None
        code = _code(said, self.codes)
        if code is None:
            raise Unclear(f"status 200, but no answer of the robot: {_shown(answer.body)}")
        return self.meant(code, " ".join(str(said.get(self.words, "")).split())[:200])

    def meant(self, code: Any, words: str) -> Sent:
        """What a code means; one that nobody knows is tried again, slower and slower, and shown."""
        if code == 0:
            return Sent(words or "0")
        if code in self.off:
            raise Off(self.off[code])
        if code in self.refused:
            raise Refused(f"{code}: {words}")
        if code in self.busy:
            raise Retry(f"{code}: {words}", self.busy[code])
        raise Retry(f"the robot answers {code}: {words}")

    def _parts(self) -> SplitResult:
        """The address in its parts; ``Off`` where it is none of this robot's."""
        try:
            parts = urlsplit(self._address)
            _port = parts.port
        except ValueError:
            parts = urlsplit("")
        settings: RoomSettings = self.settings
        own = settings.own_host.strip().lower()
        known = parts.scheme == "https" and parts.netloc.lower() in self.hosts
        if own:
            known = parts.scheme in ("http", "https") and parts.netloc.lower() == own
        if not known or not parts.path.startswith(self.path):
            raise Off(_wrong(own or self.hosts[0], self.path))
        return parts


def _wrong(host: str, path: str) -> Text:
    form = f"https://{host}{path}…"
    return Text(
        zh=f"这不是该机器人的 Webhook 地址。请从群机器人的设置页完整复制，形如 {form}",
        en=f"This is not the robot's webhook address. Copy it whole from the robot's settings: {form}",
    )


def _code(said: Any, names: tuple[str, ...]) -> int | None:
    found = next((said[name] for name in names if name in said), None) if isinstance(said, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _shown(body: bytes) -> str:
    text = " ".join(body[:400].decode(errors="replace").split())[:80]
    return repr(text) if text else "an empty body"
