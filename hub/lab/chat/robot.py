"""What the imitated robots have in common: one address, a window of calls, a mute, and odd days.

Differences from the published robots, all of them: the clock is the test's; the window slides (nobody tells
how the real ones count); a message that is refused counts like one that is taken; whoever knows the
address may look at what has arrived.
"""

from __future__ import annotations

import datetime as dt
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl

from hub.lab.chat.moods import HTML, MOODS, Said
from hub.lab.specimens import NOW

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MINUTE = dt.timedelta(minutes=1)


class ImitatedRobot(ABC):
    """One group's robot. ``keywords``: a message must hold one of them; ``key``: it must be signed."""

    path: ClassVar[str]
    query: ClassVar[Mapping[str, str]] = {}
    most: ClassVar[int] = 20
    mute: ClassVar[dt.timedelta] = dt.timedelta()
    most_bytes: ClassVar[int] = 20 * 1024
    errors_with_200: ClassVar[Sequence[bytes]] = ()

    def __init__(
        self, now: Callable[[], dt.datetime] = lambda: NOW, key: str = "", keywords: tuple[str, ...] = ()
    ) -> None:
        """A robot that has been told nothing; ``now`` is its clock."""
        self.now, self.key, self.keywords = now, key, keywords
        # What the next messages meet, one each; and the codes it answers with instead of looking.
        self.moods: list[str] = []
        self.codes: list[Any] = []
        self.texts: list[str] = []
        self.refusals: list[Any] = []
        self.breaches = 0
        self._calls: list[dt.datetime] = []
        self._muted_until: dt.datetime | None = None
        self.settings: Mapping[str, Any] = {}
        self.secrets: Mapping[str, str] = {}
        self.in_addresses = frozenset({"webhook_address"})

    @property
    def address(self) -> str:
        """Path and query of the secret address."""
        asked = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.path}?{asked}" if asked else self.path

    def received(self) -> list[str]:
        """The texts that have arrived, oldest first."""
        return list(self.texts)

    def application(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The robot's host."""
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        asked = dict(parse_qsl(environ.get("QUERY_STRING", "")))
        status, kind, body = self._answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], asked, raw)
        headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        start_response(f"{status} Said", headers + self.more_headers(status))
        return [body]

    def more_headers(self, _status: int) -> list[tuple[str, str]]:
        """Headers besides."""
        return []

    def _answer(self, method: str, path: str, asked: Mapping[str, str], raw: bytes) -> Said:
        if method != "POST":
            return 404, HTML, b"<html>not here</html>"
        if self.moods:
            said, taken = MOODS[self.moods.pop(0)]
            if taken:
                self.texts.append(self.text_of(json.loads(raw)))
            return said
        if self.codes:
            return self.no(self.codes.pop(0))
        code = self._judged(path, asked, raw)
        if code is not None:
            self.refusals.append(code)
            return self.no(code)
        self.texts.append(self.text_of(json.loads(raw)))
        return self.yes()

    def _judged(self, path: str, asked: Mapping[str, str], raw: bytes) -> Any:
        if path != self.path or any(asked.get(name) != value for name, value in self.query.items()):
            return self.unknown()
        if self._is_too_fast():
            self.breaches += 1
            return self.too_fast()
        try:
            body = json.loads(raw)
            text = self.text_of(body)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            return self.malformed()
        if self.size_of(raw, text) > self.most_bytes:
            return self.malformed()
        if self.key and not self.is_signed(body, asked):
            return self.forged()
        if self.keywords and not any(word in text for word in self.keywords):
            return self.without_keyword()
        return None

    def _is_too_fast(self) -> bool:
        now = self.now()
        if self._muted_until is not None and now < self._muted_until:
            return True
        self._calls = [at for at in self._calls if at > now - MINUTE]
        self._calls.append(now)
        if len(self._calls) <= self.most:
            return False
        if self.mute:
            self._muted_until = now + self.mute
        return True

    def size_of(self, raw: bytes, _text: str) -> int:
        """What of a message is counted, in bytes."""
        return len(raw)

    @abstractmethod
    def text_of(self, body: Any) -> str:
        """What people in the group read; raises what a wrong shape raises."""

    def is_signed(self, _body: Any, _asked: Mapping[str, str]) -> bool:
        """Whether the signature is right and its time near this clock."""
        return True

    @abstractmethod
    def yes(self) -> Said:
        """What it answers to what it takes."""

    @abstractmethod
    def no(self, code: Any) -> Said:
        """How it words this code."""

    @abstractmethod
    def unknown(self) -> Any:
        """The code for an address that is none."""

    @abstractmethod
    def too_fast(self) -> Any:
        """The code for too many messages."""

    @abstractmethod
    def malformed(self) -> Any:
        """The code for a body that is none, or too large."""

    def forged(self) -> Any:
        """The code for a wrong signature."""
        return self.malformed()

    def without_keyword(self) -> Any:
        """The code for a message without a keyword."""
        return self.malformed()
