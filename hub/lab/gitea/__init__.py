"""Gitea's issues, imitated: a WSGI application with the quirks that Gitea and Forgejo are known for.

What is not like the real ones: one organisation whose labels every repository shares; the only order is by
age (a Forgejo takes others); no milestones, due dates, files, reactions, dependencies by the API, e-mail or
search; texts are not rendered; a renamed repository leads on with 307 (which status the real ones send is not
found); who may not make a label gets 404; any error of a value is 422.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from hub.core.database import Clock
from hub.lab.faults import Faults
from hub.lab.gitea.api import Finder, make_api, make_comments, make_hooks, make_labels
from hub.lab.gitea.door import Door
from hub.lab.gitea.forge import PEOPLE, Account, Forge
from hub.lab.gitea.hooks import Hooks

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["PEOPLE", "Account", "Forge", "Gitea"]


class Gitea:
    """The imitation: its memory, its hooks, its faults, and the application that clients call."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Everything lies in memory."""
        self.forge = Forge(clock)
        self.hooks = Hooks(self.forge)
        self.faults = Faults()
        finder = Finder(self.forge)
        self.app = Flask(__name__)
        Door(self.forge, self.faults).stand_before(self.app)
        for blueprint in (
            make_api(finder),
            make_labels(finder),
            make_comments(finder),
            make_hooks(finder, self.hooks),
        ):
            self.app.register_blueprint(blueprint)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        return self.app(environ, start_response)

    def forget(self) -> None:
        """Be as new."""
        self.faults.clear()
        self.forge.forget()
        self.hooks.forget()
