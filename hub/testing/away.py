"""Ways out that lead to nobody."""

from __future__ import annotations

from typing import Any, NoReturn

from hub.core.values import Http, HttpAnswer, Refused, Retry


class Away(Http):
    """A way out on which every call ends with the same error."""

    def __init__(self, error: Retry | Refused) -> None:
        """``error`` is raised again and again."""
        self._error = error

    def send(self, method: str, url: str, **_more: Any) -> NoReturn:
        """Nothing answers."""
        raise self._error

    def connect(self, host: str, port: int, seconds: float | None = None) -> NoReturn:
        """Nothing answers."""
        raise self._error

    def tls(self) -> NoReturn:
        """It does not come to that."""
        raise self._error


class NoHttp(Http):
    """A way out that leads nowhere: intake by delivery needs none."""

    def send(self, method: str, url: str, **_more: Any) -> HttpAnswer:
        """Fail: this call was not expected."""
        raise AssertionError(f"{method} {url} was not expected")

    def connect(self, host: str, port: int, seconds: float | None = None) -> NoReturn:
        """Fail: this call was not expected."""
        raise AssertionError(f"{host}:{port} was not expected")

    def tls(self) -> NoReturn:
        """Fail: this call was not expected."""
        raise AssertionError("TLS was not expected")
