"""Two thousand mixed mails from a real IMAP server into requests; then one of 25 MB.

The mails lie in a Dovecot mailbox on this machine. Counted is the time from the first look into the
mailbox until each is a request, a comment or kept with its reason, in one process with SQLite.
"""

from __future__ import annotations

import base64
import itertools
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from report import report

from hub.app import Hub, build
from hub.config import load
from hub.core.connections import collecting, manage
from hub.core.connections.models import Delivery
from hub.core.database import Database
from hub.core.values import SYSTEM
from hub.core.workflow import chores

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.intake.dovecot import Server, serve
from tests.intake.messages import MESSAGES, mail

MAILS, LARGE = 2000, 25_000_000
GOALS = {
    "per_s": (60, True),
    "rss_mb": (250, False),
    "extra_mb": (120, False),
    "lost": (0, False),
}


class Peak:
    """The highest memory of this process while it is watched."""

    def __enter__(self) -> Peak:
        self._process, self._stop = psutil.Process(os.getpid()), threading.Event()
        self.start_mb = self.most_mb = self._process.memory_info().rss / 1e6
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._stop.wait(0.005):
            self.most_mb = max(self.most_mb, self._process.memory_info().rss / 1e6)

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()


def mixed() -> list[bytes]:
    """The hand-made ones that a server takes, over and over, each with an id of its own."""
    pool = [
        made for made in MESSAGES if made.raw.strip() and b"\0" not in made.raw and len(made.raw) < 100_000
    ]
    sent = []
    for number, made in zip(range(MAILS), itertools.cycle(pool), strict=False):
        answer = f"In-Reply-To: <b{number - 7}@bench.example>\r\n" if number % 3 == 2 else ""
        head = f"From: c{number % 200}@bench.example\r\nMessage-ID: <b{number}@bench.example>\r\n{answer}"
        sent.append(head.encode() + made.raw)
    return sent


def large() -> bytes:
    """One mail with a file, 25 MB on the wire."""
    packed = base64.encodebytes(os.urandom(LARGE * 57 // 78)).replace(b"\n", b"\r\n")
    head = (
        b'Content-Type: multipart/mixed; boundary="=b"\r\n\r\n--=b\r\n'
        b"Content-Type: text/plain\r\n\r\nsee the file\r\n"
        b'--=b\r\nContent-Type: application/zip; name="big.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    )
    raw = mail(1, "large", b"")
    return raw[: -len(b"\r\n")] + head + packed + b"--=b--\r\n"


def open_hub(folder: Path, server: Server) -> tuple[Hub, int]:
    """A hub with a connection to the server's mailbox."""
    folder.mkdir()
    settings = folder / "config.toml"
    settings.write_text(f'[data]\nfolder = "{folder}"\n', encoding="utf-8")
    hub = build(load(settings, {}), {}, allow=("127.0.0.1",))
    core = hub.core
    with core.database.transaction() as session:
        box = manage.create(
            session, core.database.now(), SYSTEM, core.registry, hub.keys, name="support", kind="mailbox",
            settings={"host": server.host, "port": server.port, "security": "none", "username": server.user},
            secrets={"password": server.password},
        )  # fmt: skip
        return hub, box.id


def unread(database: Database) -> int:
    """How many mails are kept and not yet read."""
    with database.reading() as session:
        return session.query(Delivery).filter_by(status="unread").count()


def taken(database: Database) -> int:
    """How many mails are kept and read."""
    with database.reading() as session:
        return session.query(Delivery).filter(Delivery.status != "unread").count()


def run(folder: Path, server: Server) -> dict[str, float]:
    """Both measurements, one after the other."""
    server.put(*mixed())
    hub, box = open_hub(folder, server)
    core = hub.core
    try:
        with Peak() as memory:
            started, worked = time.perf_counter(), time.process_time()
            collecting.collect(core.database, core.files, core.opener, box)
            chores.read_deliveries(core, box)
            seconds, worked = time.perf_counter() - started, time.process_time() - worked
        print(f"{MAILS} mails in {seconds:.0f} s", file=sys.stderr, flush=True)
        lost = MAILS - taken(core.database)
        server.put(large())
        with Peak() as more:
            collecting.collect(core.database, core.files, core.opener, box)
            chores.read_deliveries(core, box)
        lost += 1 - (taken(core.database) - MAILS) + unread(core.database)
    finally:
        hub.close()
    return {
        "per_s": round(MAILS / seconds, 1),
        "rss_mb": round(memory.most_mb, 1),
        "extra_mb": round(more.most_mb - more.start_mb, 1),
        "lost": lost,
        # The same on a busy machine, where the rate is not.
        "cpu_ms_each": round(worked / MAILS * 1000, 1),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        (place / "imap").mkdir(mode=0o755)
        with serve(place / "imap") as started:
            measured = run(place / "hub", started)
    report(measured, GOALS)
