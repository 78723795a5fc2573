"""The wire of the suites: keeps what went over it, and answers in the far side's stead when asked to."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub.lab.pair import HandClock
from hub.lab.wire import Answer, Wire
from hub.testing.pure import unwatched

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# So slowly that no published limit is in the way.
PACE_S = 1.0


@dataclass(frozen=True)
class Call:
    """One call of the plugin."""

    method: str
    url: str
    params: Mapping[str, Any]
    body: bytes
    headers: Mapping[str, str]


# What happens to a call: an answer in the far side's stead, an error, or None to let it through.
Instead = Callable[[int, Call], Answer | Exception | None]


def through(_number: int, _call: Call) -> None:
    """Nothing happens to any call."""


def always(what: Answer | Exception | None) -> Instead:
    """Let this happen to every call."""
    return lambda _number, _call: what


def from_call(first: int, error: Exception) -> Instead:
    """Raise this error at the ``first``-th call (from 0) and at every one after it."""
    return lambda number, _call: error if number >= first else None


def at_writes(answer: Answer) -> Instead:
    """Answer so to everything but a GET."""
    return lambda _number, call: answer if call.method != "GET" else None


class SpyWire(Wire):
    """A ``Wire`` that remembers. The far side works unwatched: only the plugin is under test."""

    def __init__(self, application: WSGIApplication, clock: HandClock) -> None:
        """Each call moves the clock by ``pace`` seconds."""
        super().__init__(application)
        self._clock = clock
        self.pace = PACE_S
        self.calls: list[Call] = []
        self.instead: Instead = through
        # What came back, and what becomes of it on the way.
        self.answers: list[Answer] = []
        self.change: Callable[[int, Answer], Answer] = lambda _number, answer: answer

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request, and keep it."""
        with unwatched():
            body = (data or b"") if json is None else jsonlib.dumps(json, ensure_ascii=False).encode()
            call = Call(method, url, dict(params or {}), body, dict(headers or {}))
            self.calls.append(call)
            self._clock.forward(seconds=self.pace)
            happens = self.instead(len(self.calls) - 1, call)
            if isinstance(happens, Exception):
                raise happens
            if happens is not None:
                return happens
            answer = super().send(method, url, params=params, json=json, data=data, headers=headers)
            answer = self.change(len(self.calls) - 1, answer)
            self.answers.append(answer)
            return answer
