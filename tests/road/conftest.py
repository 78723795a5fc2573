"""A whole hub, a sandbox tracker and a mail server beside it, and real HTTP and SMTP between them."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from waitress import wasyncore
from waitress.server import create_server

from hub import worker
from hub.app import Hub, build
from hub.config import load
from hub.lab.sandbox import SandboxTracker
from tests.post_office import PostOffice, open_office

LONGEST_WAIT = 60


class ShiftedClock:
    """The machine's clock, put forward by as much as a test asks."""

    def __init__(self) -> None:
        self.shift = dt.timedelta()

    def now(self) -> dt.datetime:
        """The present moment, shifted."""
        return dt.datetime.now(dt.UTC) + self.shift

    def jump(self, **by: float) -> None:
        """Put it forward: ``jump(days=30)``."""
        self.shift += dt.timedelta(**by)


class Place:
    """Where the road leads through: the hub, the sandbox, and their addresses."""

    def __init__(
        self,
        hub: Hub,
        clock: ShiftedClock,
        sandbox: SandboxTracker,
        url: str,
        far_url: str,
        post_office: PostOffice,
    ) -> None:
        self.hub, self.core, self.database = hub, hub.core, hub.core.database
        self.clock, self.sandbox, self.board = clock, sandbox, sandbox.board
        self.url, self.far_url = url, far_url
        self.post_office = post_office

    def wait_until(self, true: Callable[[], Any]) -> Any:
        """Wait for something to become true; the limit only ends a hopeless test."""
        end = time.monotonic() + LONGEST_WAIT
        while not (found := true()):
            assert time.monotonic() < end, f"waited in vain; dead: {self.core.jobs.dead_letters()}"
            time.sleep(0.03)
        return found


@contextmanager
def served(app: Any) -> Iterator[str]:
    """A real web server on a free port of this machine."""
    sockets: dict[Any, Any] = {}
    server = create_server(app, host="127.0.0.1", port=0, threads=4, map=sockets)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            wasyncore.loop(timeout=0.2, map=sockets, count=1)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        stop.set()
        server.pull_trigger()
        thread.join()
        server.task_dispatcher.shutdown(timeout=5)
        # Callers keep their connections open for the next call: they would hold the loop for ever.
        wasyncore.close_all(sockets)


@contextmanager
def working(hub: Hub) -> Iterator[None]:
    """The hub's workers, in a thread of this process as with ``hub run``."""
    worker.register(hub.core)
    stop = threading.Event()
    thread = threading.Thread(target=hub.core.jobs.run_workers, args=(4, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def place(empty_database_url: str, tmp_path: Path) -> Iterator[Place]:
    """A hub as ``hub run`` makes it, and a sandbox tracker on a port of its own."""
    clock = ShiftedClock()
    environ = {"HUB_DATA": str(tmp_path / "data"), "HUB_DATABASE_URL": empty_database_url}
    (tmp_path / "config.toml").write_text('[hub]\nlanguage = "en"\n[workflow]\nquality_percent = 100\n')
    hub = build(load(tmp_path / "config.toml", environ), environ, roles=("web", "work"), allow=("127.0.0.1",))
    hub.core.database.clock = clock
    sandbox = SandboxTracker(tmp_path / "sandbox.db", clock=clock)
    try:
        with (
            open_office() as post_office,
            served(sandbox) as far_url,
            served(hub.web()) as url,
            working(hub),
        ):
            yield Place(hub, clock, sandbox, url, far_url, post_office)
            sandbox.close()
        assert hub.core.database.checked_out() == 0
    finally:
        hub.close()
