"""The one way out: a guarded session with budget, time-outs, answer cap and masking."""

from __future__ import annotations

import copy
import datetime as dt
import json as jsonlib
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import HTTPError

from hub.logs import mask
from hub.outbound.guard import Forbidden, Guard
from hub.outbound.transport import GuardedAdapter, connect

__all__ = ["Answer", "Guard", "Outbound"]

MEBIBYTE = 1024 * 1024
LONGEST_WAIT = dt.timedelta(days=1)
A_MINUTE = dt.timedelta(minutes=1)
# Shorter parts of a secret address are words ("hook", "send"), no secrets.
SHORTEST = 12
WAIT_HEADERS = ("Retry-After", "X-PC-Retry-After")


class MakeRetry(Protocol):
    """Makes the error that says: try again later."""

    def __call__(self, reason: str, after: dt.timedelta | None = None) -> Exception:
        """The error, not raised."""
        ...


class MakeRefused(Protocol):
    """Makes the error that says: this will not get better."""

    def __call__(self, reason: str) -> Exception:
        """The error, not raised."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the far side, body read whole and capped."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    refused: MakeRefused

    def json(self) -> Any:
        """The body as JSON; raises *refused* where it is none."""
        try:
            return jsonlib.loads(self.body)
        except (ValueError, RecursionError):
            raise self.refused(f"the answer (status {self.status}) is not JSON") from None


class Outbound:
    """Sends requests to the outside world; serves all threads.

    The two errors come in from outside, because this module and the core do not know one another.
    """

    def __init__(
        self,
        *,
        retry: MakeRetry,
        refused: MakeRefused,
        now: Callable[[], dt.datetime],
        unclear: MakeRetry | None = None,
        guard: Guard | None = None,
        connect_seconds: float = 5.0,
        total_seconds: float = 15.0,
        most_bytes: int = 10 * MEBIBYTE,
        ca_bundle: Path | None = None,
        agent: str = "service-hub",
    ) -> None:
        """Without a guard only public addresses are reached.

        ``unclear`` is *retry* for a call that may have been taken all the same.
        """
        self._retry, self._refused, self._now = retry, refused, now
        self._unclear = unclear or retry
        self._total_seconds, self._most_bytes = total_seconds, most_bytes
        self._guard, self._connect_seconds, self._ca_bundle = guard or Guard(), connect_seconds, ca_bundle
        self._adapter = GuardedAdapter(self._guard, connect_seconds)
        self._session = session = requests.Session()
        # No proxy, no .netrc, no certificates from the environment: only what the configuration says.
        session.trust_env = False
        session.cookies.set_policy(_NoCookies())
        session.verify = str(ca_bundle) if ca_bundle else True
        session.headers.update({"User-Agent": agent, "Accept-Encoding": "gzip"})
        session.mount("http://", self._adapter)
        session.mount("https://", self._adapter)
        self._secrets: tuple[str, ...] = ()
        self._budget: Callable[[], None] | None = None

    def bound(self, secrets: Iterable[str] = (), budget: Callable[[], None] | None = None) -> Outbound:
        """The same way out for one credential: its secrets are masked, its budget is asked before each call.

        The budget returns to let the call go, or raises *retry*.
        """
        other = copy.copy(self)
        pieces = {piece for secret in secrets for piece in _pieces(secret)}
        # The longest first, so that no rest of a secret stays when a shorter one is part of it.
        other._secrets, other._budget = tuple(sorted(pieces, key=len, reverse=True)), budget
        return other

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
        """Send one request and wait for its answer; redirects are answers too."""
        where = self._place(method, url)
        if self._budget is not None:
            self._budget()
        try:
            prepared = self._session.prepare_request(
                requests.Request(method, url, params=params, json=json, data=data, headers=headers)
            )
        except (ValueError, TypeError) as error:
            raise self._refused(self._masked(f"{where}: cannot be sent: {error}")) from None
        answer = self._exchanged(prepared, where)
        if answer.status == 429 or answer.status >= 500:
            wait = self._wait(answer.headers)
            if wait is None and answer.status == 429:
                wait = self._until_reset(answer.headers)
            # These two say that nothing was done (RFC 6585, 4; RFC 9110, 15.6.4); the others leave it open.
            error_of = self._retry if answer.status in (429, 503) else self._unclear
            raise error_of(f"{where}: status {answer.status}", wait)
        return answer

    def connect(self, host: str, port: int, seconds: float | None = None) -> socket.socket:
        """A connection for what speaks no HTTP (mail); its reads and writes wait ``seconds`` at most."""
        if self._budget is not None:
            self._budget()
        try:
            connected = connect(self._guard, host, port, lambda: self._connect_seconds)
        except Forbidden as error:
            raise self._refused(self._masked(str(error))) from None
        except (socket.gaierror, UnicodeError):
            raise self._retry(f"{host}: the name is not known") from None
        except OSError as error:
            reason = "no connection in time" if isinstance(error, TimeoutError) else _root(error)
            raise self._retry(f"{host}: {reason}") from None
        connected.settimeout(self._total_seconds if seconds is None else seconds)
        return connected

    def tls(self) -> ssl.SSLContext:
        """Certificates are checked against the configured bundle, else against the public authorities."""
        return ssl.create_default_context(cafile=str(self._ca_bundle) if self._ca_bundle else None)

    def close(self) -> None:
        """Close what is kept open."""
        self._session.close()

    def _place(self, method: str, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise self._refused(self._masked(f"{url}: only http and https addresses can be reached"))
        if "@" in parts.netloc:
            raise self._refused(f"{parts.hostname}: write no password into an address")
        return self._masked(f"{method} {parts.hostname}{parts.path}")

    def _masked(self, text: str) -> str:
        return mask(text, self._secrets)

    def _exchanged(self, prepared: requests.PreparedRequest, where: str) -> Answer:
        with self._adapter.exchange(self._total_seconds) as exchange:
            try:
                response = self._session.send(
                    prepared, stream=True, allow_redirects=False, timeout=self._total_seconds
                )
                with response:
                    body = self._read(response, where)
            except Forbidden as error:
                raise self._refused(self._masked(f"{where}: {error}")) from None
            except requests.exceptions.SSLError as error:
                raise self._retry(self._masked(f"{where}: no secure connection: {_root(error)}")) from None
            except (requests.RequestException, HTTPError, OSError) as error:
                timed_out = exchange.expired or isinstance(error, requests.Timeout | TimeoutError)
                reason = "no answer in time" if timed_out else f"connection lost: {_root(error)}"
                error_of = self._unclear if exchange.begun else self._retry
                raise error_of(self._masked(f"{where}: {reason}")) from None
            if exchange.expired:
                # A shut socket may look like the end of a body whose length nobody told.
                raise self._unclear(f"{where}: no answer in time")
        return Answer(response.status_code, CaseInsensitiveDict(response.headers), body, self._refused)

    def _read(self, response: requests.Response, where: str) -> bytes:
        # Piece by piece, unpacked piece by piece: a small bomb is noticed before it has filled the memory.
        body = bytearray()
        while piece := response.raw.read1(MEBIBYTE // 16, decode_content=True):
            body += piece
            if len(body) > self._most_bytes:
                raise self._refused(f"{where}: the answer is larger than {self._most_bytes} bytes")
        return bytes(body)

    def _wait(self, headers: Mapping[str, str]) -> dt.timedelta | None:
        for name in WAIT_HEADERS:
            if text := headers.get(name, "").strip():
                return self._told(text, headers.get("Date", ""))
        return None

    def _until_reset(self, headers: Mapping[str, str]) -> dt.timedelta:
        """Too many calls and no wait named: until the reset GitHub's headers tell of, or a minute."""
        until = headers.get("X-RateLimit-Reset", "").strip()
        used_up = headers.get("X-RateLimit-Remaining") == "0"
        if used_up and until.isascii() and until.isdigit() and len(until) == len("1700000000"):
            clock = _moment(headers.get("Date", "")) or self._now()
            left = dt.timedelta(seconds=int(until) + 1 - int(clock.timestamp()))
            if left > dt.timedelta():
                return min(left, LONGEST_WAIT)
        return A_MINUTE

    def _told(self, text: str, date: str) -> dt.timedelta | None:
        if text.isascii() and text.isdigit():
            return min(dt.timedelta(seconds=min(int(text[:10]), 10**6)), LONGEST_WAIT)
        until = _moment(text)
        if until is None:
            return None
        # Counted from the far side's own clock, which may be wrong together with its date.
        return min(max(until - (_moment(date) or self._now()), dt.timedelta()), LONGEST_WAIT)


class _NoCookies(requests.cookies.cookielib.DefaultCookiePolicy):  # type: ignore[name-defined,misc]
    """Cookies of one credential must not travel with another's call."""

    def set_ok(self, cookie: Any, request: Any) -> bool:
        return False


def _pieces(secret: str) -> Iterable[str]:
    """What of a secret must not be shown: of a secret address also what stands behind its host."""
    yield secret
    if "://" in secret:
        try:
            parts = urlsplit(secret)
        except ValueError:
            return
        yield from (
            text for text in (parts.path, parts.query, *parts.path.split("/")) if len(text) >= SHORTEST
        )
        yield from (value for _name, value in parse_qsl(parts.query) if len(value) >= SHORTEST)


def _moment(text: str) -> dt.datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _root(error: BaseException) -> str:
    """The innermost reason, without the addresses and objects that libraries wrap around it."""
    seen: BaseException | None = error
    while seen is not None:
        error, seen = seen, seen.__cause__ or seen.__context__
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).partition("(_ssl.c")[0].strip()
