"""The sandbox tracker under /sandbox/: a second system to play with, in the demonstration only."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from flask import Blueprint
from sqlalchemy import select
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from hub.core.connections.models import Connection
from hub.core.connections.secrets import KeyRing
from hub.core.values import Refusal
from hub.core.workflow import Core
from hub.lab.sandbox import SandboxTracker
from hub.web.guards import public

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/sandbox"
blueprint = Blueprint("sandbox", __name__, url_prefix=PREFIX)


class _Data(Protocol):
    @property
    def folder(self) -> Path: ...


class _Config(Protocol):
    @property
    def data(self) -> _Data: ...


class _Hub(Protocol):
    @property
    def core(self) -> Core: ...
    @property
    def keys(self) -> KeyRing: ...
    @property
    def config(self) -> Any: ...


class Mounted:
    """The hub's pages with the sandbox beside them."""

    def __init__(self, app: WSGIApplication, hub: _Hub) -> None:
        """``app`` answers everything that is not the sandbox's."""
        config: _Config = hub.config
        self._core = hub.core
        self.tracker = SandboxTracker(config.data.folder / "sandbox.db", clock=hub.core.database.clock)
        # The same at every start, so that the connection made at the first one goes on working.
        secret = bytes.fromhex(hub.keys.derive("sandbox hooks"))
        self.hook_secret = "whsec_" + base64.b64encode(secret).decode()
        self._app = DispatcherMiddleware(app, {PREFIX: self.tracker})

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self._app(environ, start_response)

    def base_url(self, address: str) -> str:
        """Where the sandbox answers, given the hub's address."""
        return f"{address.rstrip('/')}{PREFIX}/"

    def tell(self, address: str) -> int:
        """Have the sandbox send its hints to every sandbox connection of the hub; gives how many."""
        with self._core.database.reading() as session:
            slugs = session.scalars(select(Connection.slug).where(Connection.kind == "sandbox")).all()
        for slug in slugs:
            self.tracker.register_hook(f"hub {slug}", f"{address.rstrip('/')}/in/{slug}", self.hook_secret)
        return len(slugs)

    def close(self) -> None:
        """Send the hints that wait and give the sandbox's file back."""
        self.tracker.close()


def mount(app: WSGIApplication, hub: _Hub) -> Mounted:
    """Put the sandbox tracker beside the hub's pages; its file lies in the data folder."""
    return Mounted(app, hub)


@blueprint.get("/")
@public
def index() -> str:
    """Where the navigation leads; the mounted sandbox answers before this is asked."""
    raise Refusal("not_found")
