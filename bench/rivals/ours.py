"""The hub among the others: ``hub run`` with its defaults, asked as they are."""

from __future__ import annotations

import base64
import datetime as dt
import json
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from corpus import item, talk
from servers import EMAIL, PASSWORD, Workshop
from sqlalchemy import select
from standardwebhooks import Webhook
from visitor import Visitor, hidden

from hub.core.conversation import comments
from hub.core.directory.models import Person
from hub.core.directory.people import actor_of
from hub.core.values import SYSTEM
from hub.core.work.findable import catch_up
from hub.core.work.requests import create_request
from rivals import Rival

KEY = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
CONNECTION = """
[[connections]]
name = "bench"
kind = "webhook"
secrets = { secret = { env = "BENCH_SECRET" } }
"""
BATCH = 500


class Ours(Rival):
    """Requests; created through a signed webhook, and there when a worker has read it."""

    name = "hub"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._workshop = Workshop(self.folder / "site", CONNECTION, {"BENCH_SECRET": KEY})
        self.port = self._workshop.port

    def prepare(self, size: int) -> None:
        """The verb that every request comes by; what would follow from it is left out, as for the others."""
        self._workshop.settle()
        with self._workshop.core() as hub:
            database = hub.core.database
            with database.reading() as session:
                person = actor_of(session.scalars(select(Person)).one())
            for start in range(0, size, BATCH):
                with database.transaction() as session:
                    for number in range(start, min(start + BATCH, size)):
                        one = item(number)
                        now = database.now()
                        row = create_request(session, now, SYSTEM, title=one.title, body=one.body, priority=3)
                        for text in talk(number):
                            comments.say(session, now, person, request_id=row.id, text=text, stream="public")
            catch_up(database)
        with closing(sqlite3.connect(self._workshop.database)) as database:
            database.execute("DELETE FROM jobs WHERE name = 'look'")
            database.commit()
            [(self._slug,)] = database.execute("SELECT slug FROM connections WHERE name = 'bench'")

    def command(self) -> list[str]:
        """As the README says."""
        return self._workshop.command("run")

    def environ(self) -> dict[str, str]:
        """The webhook's secret."""
        return self._workshop.environ

    def sign_in(self) -> Visitor:
        """Its own form."""
        visitor = Visitor(self.port, {"Accept-Language": "en"})
        _, page = visitor.get("/sign-in")
        form = {"csrf_token": hidden(page, "csrf_token"), "email": EMAIL, "password": PASSWORD}
        visitor.post_form("/sign-in", form)
        return visitor

    def sender(self) -> Visitor:
        """Signs each delivery."""
        return Visitor(self.port, {"Content-Type": "application/json"})

    def create(self, sender: Visitor, number: int) -> None:
        """A delivery; the request is there a moment later, and only then it counts."""
        one, key, now = item(number), f"msg_{number}", dt.datetime.now(dt.UTC)
        body = json.dumps({"title": one.title, "body": one.body, "priority": "normal"})
        headers = {
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(KEY).sign(key, now, body),
        }
        sender.ask("POST", f"/in/{self._slug}", body.encode(), headers)

    def titles(self) -> Sequence[str]:
        """From its SQLite file."""
        with closing(sqlite3.connect(f"file:{self._workshop.database}?mode=ro", uri=True)) as database:
            return [title for (title,) in database.execute("SELECT title FROM requests")]

    def look(self, visitor: Visitor, kind: str, what: str = "") -> tuple[float, str]:
        """The list, the board, a request, or the search in requests."""
        if kind == "item":
            return visitor.get(f"/requests/SR-{what}")
        if kind == "search":
            return visitor.get(f"/requests/?q={quote(what)}")
        return visitor.get("/" if kind == "board" else "/requests/")
