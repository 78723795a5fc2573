"""GitHub's issues, imitated: a WSGI application with the quirks that the real one is known for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from hub.core.database import Clock
from hub.lab.faults import Faults
from hub.lab.github.api import Finder, make_api, make_comments
from hub.lab.github.door import Door
from hub.lab.github.forge import PEOPLE, Account, Forge
from hub.lab.github.hooks import Hooks
from hub.lab.github.hooks_api import make_hooks_api

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["PEOPLE", "Account", "Forge", "GitHub"]


class GitHub:
    """The imitation: its memory, its hooks, its faults, and the application that clients call."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Everything lies in memory."""
        self.forge = Forge(clock)
        self.hooks = Hooks(self.forge)
        self.faults = Faults("secondary", "secondary_bare", "primary")
        self.door = Door(self.forge, self.faults)
        finder = Finder(self.forge)
        self.app = Flask(__name__)
        # GitHub says in JSON what it does not have, whatever the address.
        self.app.register_error_handler(404, lambda _error: ({"message": "Not Found"}, 404))
        self.door.stand_before(self.app)
        for blueprint in (make_api(finder), make_comments(finder), make_hooks_api(finder, self.hooks)):
            self.app.register_blueprint(blueprint)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self.app(environ, start_response)

    def forget(self) -> None:
        """Be as new."""
        self.faults.clear()
        self.forge.forget()
        self.hooks.forget()
        self.door.forget()
