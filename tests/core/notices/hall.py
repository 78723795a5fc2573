"""A desk with rooms: robots imitated over real HTTP, and the plugins of contrib that speak with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.connections.opening import Opener
from hub.core.history import HistoryEntry
from hub.core.notices import rooms, sending
from hub.core.notices.models import Notice
from hub.core.rights import Actor
from hub.core.values import SYSTEM, Refused, Retry, Unclear
from hub.core.work.models import ServiceRequest
from hub.core.workflow import Core
from hub.lab.chat.robot import ImitatedRobot
from hub.outbound import Guard, Outbound
from hub.render.mails import write
from hub.testing.finding import find
from tests.core.conftest import Desk
from tests.plugins.far import serving

CONTRIB = Path(__file__).parents[3] / "plugins_contrib"
PUBLIC = "https://hub.example.org"


class Hall(Desk):
    """A desk whose rooms are told what happens; ``enter`` serves a robot, ``connect`` connects it."""

    def __init__(self, core: Core, stack: ExitStack) -> None:
        self.stack = stack
        self.out = Outbound(
            retry=Retry, refused=Refused, unclear=Unclear, now=core.database.now,
            guard=Guard(("127.0.0.0/8",)), total_seconds=10,
        )  # fmt: skip
        stack.callback(self.out.close)
        settings = replace(core.settings, public_url=PUBLIC, language="en", organisation="Acme Help")
        super().__init__(replace(core, settings=settings))
        self.again()
        # Neither a full nor a half hour.
        self.clock.advance(minutes=7)

    def again(self) -> None:
        """What a process has in memory, made anew."""
        core = self.core
        opener = Opener(core.database, core.registry, core.opener.keys, self._way_out)
        self.core = replace(core, opener=opener)
        self.post = sending.Post(
            self.database, opener, self.core.office, core.files, write(self.database), Random(1)
        )

    def _way_out(self, connection: Connection, ask: Callable[[], None]) -> Outbound:
        secrets = self.core.opener.keys.open(connection.sealed_secrets or "")
        return self.out.bound(secrets.values(), ask)

    def connect(self, robot: ImitatedRobot, kind: str, by: Actor = SYSTEM, **settings: Any) -> int:
        """Serve a robot on a free port and connect its group; gives the connection's id."""
        if kind not in self.core.registry.kinds():
            self.core.registry.add(find(str(CONTRIB / kind))[0].plugin)
        root = self.stack.enter_context(serving(robot.application))
        secrets = {**robot.secrets, "webhook_address": f"{root}{robot.address}"}
        given = {"own_host": root.removeprefix("http://"), **settings}
        with self.database.transaction() as session:
            return manage.create(
                session, self.database.now(), by, self.core.registry, self.core.opener.keys,
                name=f"{kind} {root[-5:]}", kind=kind, settings=given, secrets=secrets,
            ).id  # fmt: skip

    def happen(self, number: int = 1, title: str = "VPN drops") -> list[int]:
        """So many new requests, announced."""
        made = []
        for _one in range(number):
            made.append(self.open(title, goal=False))
            self.announce(made[-1])
        return made

    def announce(self, request_id: int) -> int:
        """What a look at a request does for the rooms."""
        return rooms.announce(self.database, self.core.office, request_id)

    def record(self, request_id: int, verb: str, actor: Actor = SYSTEM, **data: Any) -> None:
        """An event of a request, as its verb writes it down."""
        with self.database.transaction() as session:
            row = session.get_one(ServiceRequest, request_id)
            session.add(
                HistoryEntry(
                    at=self.database.now(), actor_kind=actor.kind, actor_id=actor.id, verb=verb,
                    subject_kind="requests", subject_id=row.id, request_id=row.id, data=data,
                )
            )  # fmt: skip
        self.announce(request_id)

    def tell(self, room_id: int) -> int:
        """Let the job do what is due now; gives how many notices went."""
        return sending.send_due(self.post, room_id)

    def tell_all(self, room_id: int, seconds: float = 900, step: float = 5) -> None:
        """Let the job run again and again while time passes."""
        end = self.database.now() + dt.timedelta(seconds=seconds)
        while self.database.now() < end:
            self.tell(room_id)
            self.clock.advance(seconds=step)

    def notices(self, *where: Any) -> list[Notice]:
        """The outbox, oldest first."""
        return self.all(Notice, *where)

    def states(self) -> list[str]:
        """The state of every notice."""
        return [row.state for row in self.notices()]

    def room(self, room_id: int) -> Connection:
        """The connection as it stands."""
        return self.get(Connection, room_id)
