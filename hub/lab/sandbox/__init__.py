"""The sandbox tracker: a small tracker with pages and an API of its own, the lab's first imitation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from flask import Flask

from hub.core.database import Clock, SystemClock
from hub.lab.faults import Faults
from hub.lab.sandbox.api import make_api
from hub.lab.sandbox.board import PEOPLE, STATES, Board
from hub.lab.sandbox.hooks import HookSender, is_loopback
from hub.lab.sandbox.pages import make_pages

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["PEOPLE", "STATES", "Board", "Faults", "SandboxTracker", "is_loopback"]


class SandboxTracker:
    """A WSGI application that may be mounted under any prefix; its state survives a restart."""

    def __init__(
        self,
        path: str | Path = ":memory:",
        *,
        clock: Clock | None = None,
        people: Mapping[str, str] = PEOPLE,
        mails: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """``path`` is its SQLite file, or memory; ``people`` are accounts and names."""
        clock = clock or SystemClock()
        self.faults = Faults()
        self._sender = HookSender(clock)
        self.board = Board(str(path), clock=clock, people=people, mails=mails, changed=self._tell)
        self.app = Flask(__name__)
        self.app.register_blueprint(make_api(self.board, self.faults))
        self.app.register_blueprint(make_pages(self.board))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self.app(environ, start_response)

    def register_hook(self, name: str, url: str, secret: str) -> None:
        """Send signed hints to ``url`` (this machine only); the same name again replaces it."""
        if not is_loopback(url):
            raise ValueError(f"the sandbox sends to this machine only, not to {url}")
        self.board.register_hook(name, url, secret)

    def close(self) -> None:
        """Send what waits, stop the sender and give the file back."""
        self._sender.close()
        self.board.close()

    def _tell(self, key: str) -> None:
        for url, secret in self.board.hooks():
            self._sender.send(url, secret, key)
