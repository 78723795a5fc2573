"""A wire that goes wrong when it is told to: answers in the tracker's stead, loses answers, ends the hub."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hub.core.values import Retry
from hub.lab.pair import HandClock
from hub.lab.wire import WRITES, Answer, Wire

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

BAN = dt.timedelta(seconds=7)
# What one call takes.
CALL_S = 0.02
# Faults that hit writes only: a reading call has no effect that could be lost.
AT_WRITES = ("after_effect", "lost", "between")


class Killed(BaseException):
    """The hub's process ends here."""


@dataclass
class Armed:
    """A fault that hits the ``left``-th matching call from now."""

    what: str
    left: int
    value: int


class Line(Wire):
    """The wire of one connection in the lab."""

    def __init__(self, application: WSGIApplication, clock: HandClock) -> None:
        """``clock`` moves a little with each call."""
        super().__init__(application)
        self._clock = clock
        self._armed: list[Armed] = []
        self._banned_until: dt.datetime | None = None
        self.breaches = 0
        self.bodies: list[Any] = []
        # What a schedule lets happen before a call: somebody edits, or a second worker comes.
        self.meanwhile: Callable[[str, int], None] = lambda what, value: None

    def arm(self, what: str, left: int, value: int) -> None:
        """Let this go wrong at the ``left``-th call from now."""
        self._armed.append(Armed(what, left, value))

    def heal(self) -> None:
        """Nothing goes wrong any more; a limit that was told still holds."""
        self._armed.clear()

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
        """Send one request, unless something happens to it."""
        self._clock.forward(seconds=CALL_S)
        if self._banned_until is not None and self._clock.now() < self._banned_until:
            self.breaches += 1
            raise Retry("HTTP 429", self._banned_until - self._clock.now())
        due = self._due(method in WRITES)
        for fault in due:
            self._before(fault)
        if method in WRITES:
            self.bodies.append(data if json is None else json)
        answer = super().send(method, url, params=params, json=json, data=data, headers=headers)
        for fault in due:
            self._after(fault)
        return answer

    def _due(self, is_write: bool) -> list[Armed]:
        due = []
        for fault in list(self._armed):
            if is_write or fault.what not in AT_WRITES:
                fault.left -= 1
                if fault.left < 0:
                    self._armed.remove(fault)
                    due.append(fault)
        return due

    def _before(self, fault: Armed) -> None:
        if fault.what == "too_many":
            self._banned_until = self._clock.now() + BAN
            raise Retry("HTTP 429", BAN)
        if fault.what == "unavailable":
            raise Retry("HTTP 503")
        if fault.what == "crash":
            raise Killed
        if fault.what in ("second", "between"):
            self.meanwhile(fault.what, fault.value)

    def _after(self, fault: Armed) -> None:
        if fault.what == "after_effect":
            raise Retry("HTTP 502")
        if fault.what == "lost":
            raise Retry("no answer in time")
        if fault.what == "crash_after":
            raise Killed
