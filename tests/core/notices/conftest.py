"""A desk that can write: a real mail server beside it, and the hub's own words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import select

from hub.core import workflow
from hub.core.connections import letterbox, manage
from hub.core.connections.models import Connection
from hub.core.connections.opening import Opener
from hub.core.conversation.models import Comment
from hub.core.customers.models import Contact
from hub.core.identify.models import Intake
from hub.core.jobs.models import JobRow
from hub.core.notices import sending
from hub.core.notices.models import Notice
from hub.core.values import SYSTEM, Draft, Refused, Retry
from hub.core.work.models import ServiceRequest
from hub.core.workflow import Core, chores
from hub.outbound import Guard, Outbound
from hub.render.mails import write
from tests.core.conftest import Desk
from tests.post_office import PostOffice, open_office

PUBLIC = "https://hub.example.org"


class Bureau(Desk):
    """A desk with an outbox."""

    def __init__(self, core: Core, office: PostOffice) -> None:
        super().__init__(core)
        self.office = office
        with self.database.transaction() as session:
            form = Connection(name="Form", family="source", kind="form", slug="form-x", settings={})
            session.add(form)
        self.form_id = form.id
        self.post = sending.Post(
            self.database, core.opener, core.office, core.files, write(self.database), Random(1)
        )

    def connect(self, password: str = "", **settings: Any) -> int:
        """Connect the mail server; gives the connection's id."""
        given = {
            "host": self.office.host, "port": self.office.port, "security": "none",
            "sender": "support@example.org", "sender_name": "Service desk", **settings,
        }  # fmt: skip
        with self.database.transaction() as session:
            made = manage.create(
                session, self.database.now(), SYSTEM, self.core.registry, self.core.opener.keys,
                name="Post", kind="smtp", settings=given, secrets={"password": password},
            )  # fmt: skip
            return made.id

    def draft(
        self, key: str = "1", title: str = "VPN drops", email: str = "li@acme.example", **more: Any
    ) -> int:
        """A request as it comes in from outside, by the way all drafts come; gives its id."""
        self.come_in(key, title, email, **more)
        with self.database.reading() as session:
            return session.scalars(select(Intake.request_id).where(Intake.key == key)).one()

    def come_in(self, key: str, title: str, email: str, **more: Any) -> None:
        """What comes in from outside, whatever becomes of it."""
        given = Draft(key, title, "It drops.", contact_name="Li Hua", contact_email=email, **more)
        opened = SimpleNamespace(
            id=self.form_id,
            kind="form",
            family="source",
            settings=None,
            object=SimpleNamespace(drafts=lambda _: [given]),
        )
        with self.database.transaction() as session:
            letterbox.store(
                session,
                letterbox.Letter(self.form_id, f"{key} {self.clock.now()}", {}, b"", self.clock.now()),
            )
        opener = SimpleNamespace(by_id=lambda _: opened, keys=self.core.opener.keys)
        chores.read_deliveries(replace(self.core, opener=cast(Opener, opener)), self.form_id)

    def say(self, request_id: int, text: str = "Please restart it.", stream: str = "public") -> Comment:
        """Something a member of the team says."""
        with self.database.transaction() as session:
            request = session.get_one(ServiceRequest, request_id)
            return workflow.say(
                self.core, session, self.database.now(), self.member, request, text=text, stream=stream
            )

    def deliver(self) -> int:
        """Let the job do what is due now; gives how many went."""
        with self.database.reading() as session:
            ids = list(session.scalars(select(Connection.id).where(Connection.family == "channel")))
        return sum(sending.send_due(self.post, number) for number in ids)

    def notices(self, *where: Any) -> list[Notice]:
        """The outbox, oldest first."""
        return self.all(Notice, *where)

    def states(self) -> list[tuple[str, str]]:
        """Template and state of every notice."""
        return [(row.template, row.state) for row in self.notices()]

    def promised(self) -> list[tuple[str, dt.datetime | None]]:
        """The sending jobs that wait (SQLite's table; elsewhere nothing is said)."""
        return [(row.key, row.due_at) for row in self.all(JobRow, JobRow.name == "send_notices")]

    def contact(self) -> Contact:
        """The one contact."""
        return self.get(Contact, self.contact_id)


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    """A mail server on a free port."""
    with open_office() as opened:
        yield opened


@pytest.fixture
def bureau(core: Core, post_office: PostOffice) -> Iterator[Bureau]:
    """A furnished desk that has not connected its mail server yet."""
    database = core.database
    outbound = Outbound(
        retry=Retry, refused=Refused, now=database.now, guard=Guard(("127.0.0.0/8",)), total_seconds=10
    )
    opener = Opener(database, core.registry, core.opener.keys, lambda *_connection: outbound)
    settings = replace(core.settings, public_url=PUBLIC, language="en", time_zone="Asia/Shanghai")
    yield Bureau(replace(core, opener=opener, settings=settings), post_office)
    outbound.close()
