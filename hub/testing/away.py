"""A way out that leads to nobody."""

from __future__ import annotations

from typing import Any, NoReturn

from hub.core.values import Http, Refused, Retry


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
