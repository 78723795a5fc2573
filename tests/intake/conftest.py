"""A mailroom: a hub's core with a mailbox, and what became of each mail."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select

from hub.config.settings import BOX
from hub.core.connections import collecting, manage
from hub.core.connections.letterbox import Letter, store
from hub.core.connections.models import Connection, Delivery
from hub.core.connections.opening import Opener
from hub.core.connections.secrets import KeyRing
from hub.core.conversation import mails
from hub.core.conversation.addresses import mint
from hub.core.conversation.models import Comment, Mail
from hub.core.customers.models import Contact
from hub.core.database import Database
from hub.core.files import FileStore
from hub.core.jobs import Jobs
from hub.core.registry import Registry
from hub.core.values import SYSTEM, Refused, Retry
from hub.core.work.models import ServiceRequest
from hub.core.workflow import Core, Settings, chores
from hub.outbound import Guard, Outbound
from tests.conftest import skip_part
from tests.intake.dovecot import PASSWORD, Server, find_dovecot, serve
from tests.intake.pymap_server import find_pymap, serve_pymap
from tests.token_desk import CLIENT_SECRET


@dataclass(frozen=True)
class Fate:
    """What became of one mail: request, comment, bounce, auto_reply, kept or dead, and where it lies."""

    kind: str
    mail: Mail | None
    reason: str | None
    request: ServiceRequest | None
    comment: Comment | None

    @property
    def words(self) -> str:
        """What a person sees of it."""
        if self.comment is not None:
            return self.comment.text
        return f"{self.request.title}\n{self.request.body}" if self.request else ""


class Mailroom:
    """Takes mails in as they come, without a server between."""

    def __init__(self, core: Core) -> None:
        self.core, self.database, self.clock = core, core.database, core.database.clock
        self._numbers = 0
        self.box = self.connect("support")

    def connect(self, name: str, secret: str = "", **settings: Any) -> int:
        """Make a mailbox connection; gives its id."""
        given = {"host": "imap.example.org", "username": "support", **settings}
        with self.database.transaction() as session:
            return manage.create(
                session, self.database.now(), SYSTEM, self.core.registry, self.core.opener.keys, name=name,
                kind="mailbox", settings=given,
                secrets={"client_secret": CLIENT_SECRET, "refresh_token": secret}
                if given.get("sign_in") == "oauth2" else {"password": secret or "x"},
            ).id  # fmt: skip

    def take(self, raw: bytes, box: int | None = None, key: str = "") -> Fate:
        """Let one mail in; gives what became of it."""
        self._numbers += 1
        box, key = box or self.box, key or f"1.{self._numbers}"
        with self.database.transaction() as session:
            store(session, Letter(box, key, {}, raw, self.database.now()))
        chores.read_deliveries(self.core, box)
        return self.fate(box, key)

    def fate(self, box: int, key: str) -> Fate:
        """What became of a delivery."""
        with self.database.reading() as session:
            row = session.scalars(
                select(Delivery).where(Delivery.connection_id == box, Delivery.key == key)
            ).one()
            assert row.status != "unread"
            mail = session.scalars(select(Mail).where(Mail.delivery_id == row.id)).first()
            request = session.get(ServiceRequest, mail.request_id) if mail and mail.request_id else None
            comment = session.get(Comment, mail.comment_id) if mail and mail.comment_id else None
        if row.status == "dead":
            kind = "dead"
        elif row.reason is not None or mail is None:
            kind = "kept"
        elif mail.nature in ("bounce", "auto_reply"):
            kind = mail.nature
        else:
            kind = "comment" if comment else "request"
        return Fate(kind, mail, row.reason, request, comment)

    def collect(self, box: int | None = None) -> int:
        """Look into the mailbox and read what came."""
        new = collecting.collect(self.database, self.core.files, self.core.opener, box or self.box)
        chores.read_deliveries(self.core, box or self.box)
        return new

    def send(self, request_id: int, contact_id: int, message_id: str, to: str) -> str:
        """As if the hub had written to a contact; gives the token of the answer's address."""
        request = self.get(ServiceRequest, request_id)
        with self.database.transaction() as session:
            mails.record(
                session, self.database.now(), direction="out", message_id=message_id, request_id=request_id,
                recipients=[to], sender="support@example.org",
            )  # fmt: skip
        return mint(self.core.opener.keys, request.ref, contact_id)

    def contact(self, email: str) -> Contact:
        """The contact with this address."""
        with self.database.reading() as session:
            return session.scalars(select(Contact).where(Contact.email == email)).one()

    def get(self, model: type[Any], id: int) -> Any:
        """A row as it stands."""
        with self.database.reading() as session:
            return session.get_one(model, id)

    def count(self, model: Any, *where: Any) -> int:
        """How many rows there are."""
        with self.database.reading() as session:
            return session.scalar(select(func.count()).select_from(model).where(*where)) or 0

    def table(self, total: str, lines: list[str]) -> str:
        """What is printed of many mails: the sum for each database, line for line on the first of them."""
        is_first = self.database.writer_engine.dialect.name == "sqlite"
        return "\n".join((total, *(lines if is_first else ())))

    def health(self, box: int | None = None) -> Connection:
        """The connection's row."""
        found: Connection = self.get(Connection, box or self.box)
        return found


@pytest.fixture
def mailroom(
    database_url: str, clock: Any, open_database: Callable[..., Database], tmp_path: Path
) -> Mailroom:
    """An empty mailroom over each database."""
    database = open_database(database_url, clock)
    registry = Registry(database)
    registry.load(BOX)
    out = Outbound(retry=Retry, refused=Refused, now=database.now, guard=Guard(["127.0.0.0/8"]))
    opener = Opener(
        database,
        registry,
        KeyRing([Fernet.generate_key().decode()]),
        lambda *_row: out.bound(("a pass phrase",)),
    )
    files = FileStore((tmp_path / "files").as_uri())
    return Mailroom(Core(database, registry, Jobs(database), files, opener, Settings(quality_percent=0)))


# Enough of them on both servers, whichever the others run on.
ON_BOTH = pytest.mark.parametrize("imap", ["dovecot", "pymap"], indirect=True)


@pytest.fixture
def imap(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of one's own, its mailbox empty: Dovecot where the machine has it, else pymap."""
    wanted = getattr(request, "param", None) or ("dovecot" if find_dovecot() else "pymap")
    if wanted == "dovecot" and find_dovecot() is None:
        skip_part("dovecot", "no Dovecot: make imap")
    if wanted == "pymap" and find_pymap() is None:
        skip_part("imap", "no IMAP server: neither Dovecot (make imap) nor pymap (make test)")
    # Not below the test's own folder: the server's user must be able to go there.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with serve(folder) if wanted == "dovecot" else serve_pymap(folder) as server:
            yield server


def only_dovecot(server: Server, why: str) -> None:
    """Skip where the test needs what pymap cannot do or does not say."""
    if server.name != "dovecot":
        skip_part("dovecot", f"{server.name} {why}: make imap")


def connect(mailroom: Mailroom, server: Server, password: str = PASSWORD, **settings: Any) -> int:
    """A connection to this server."""
    given = {
        "host": server.host,
        "port": server.port,
        "security": "none",
        "username": server.user,
        **settings,
    }
    return mailroom.connect(f"box {password} {settings}"[:80], password, **given)
