"""A site of several processes on one PostgreSQL: web processes, workers, a tracker beside it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from sqlalchemy import select

from hub.app import Hub, build
from hub.config import load
from hub.core.connections.models import Connection
from hub.core.directory.people import add_person
from hub.core.execute import sync
from hub.core.values import SYSTEM, TaskDraft
from hub.core.work.requests import create_request
from hub.core.work.tasks import create_task
from hub.lab.sandbox import SandboxTracker
from tests.road.conftest import served

SECRET = "whsec_" + "c2NhbGUtdGVzdC1zZWNyZXQtMzItYnl0ZXMtbG9uZyE="
PATIENCE = 90
BIN = Path(sys.executable).parent


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait for something to become true; the limit only ends a hopeless test."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found


class Counting:
    """A tracker that writes down when it was called, and may be ill or ask for a pause."""

    def __init__(self, tracker: SandboxTracker) -> None:
        self.tracker = tracker
        self.calls: list[float] = []
        self.pauses: list[int] = []
        self.is_ill = False

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer as the tracker does, with 503 while it is ill, or with 429 and the pause put in line."""
        self.calls.append(time.time())
        if self.is_ill:
            start_response("503 Service Unavailable", [])
            return [b""]
        if self.pauses:
            start_response("429 Too Many Requests", [("Retry-After", str(self.pauses.pop()))])
            return [b""]
        return self.tracker(environ, start_response)

    def most_in(self, seconds: float) -> int:
        """The most calls in any span of so many seconds."""
        calls = sorted(self.calls)
        return max((sum(at <= other < at + seconds for other in calls) for at in calls), default=0)


class Site:
    """One database, one configuration, and as many processes as a test wants."""

    def __init__(self, folder: Path, url: str, tracker: SandboxTracker, far_url: str, far: Counting) -> None:
        self.folder, self.port, self.tracker, self.far_url, self.far = (
            folder, free_port(), tracker, far_url, far
        )  # fmt: skip
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = folder / "config.toml"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        self.environ = {
            **clean,
            "HUB_CONFIG": str(self.config),
            "HUB_DATABASE_URL": url,
            "SCALE_SECRET": SECRET,
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def configure(self, **tracker: int) -> None:
        """Write the configuration: a webhook, a form, and the tracker with these settings besides."""
        secret = '{ env = "SCALE_SECRET" }'
        settings = "".join(f", {name} = {value}" for name, value in tracker.items())
        self.config.write_text(
            f"[server]\nport = {self.port}\nproxies = 1\n"
            '[hub]\nlanguage = "en"\n[outbound]\nallow = ["127.0.0.1"]\n[logging]\nlevel = "warning"\n'
            f'[[connections]]\nname = "shop"\nkind = "webhook"\nsecrets = {{ secret = {secret} }}\n'
            '[[connections]]\nname = "desk"\nkind = "form"\n'
            '[[connections]]\nname = "tracker"\nkind = "sandbox"\n'
            f'settings = {{ base_url = "{self.far_url}/"{settings} }}\n'
            f"secrets = {{ hook_secret = {secret} }}\n"
        )

    def settle(self, links: int) -> list[str]:
        """Make the tables, an administrator, and so many tasks linked to items; gives the items' keys."""
        keys = [self.tracker.board.create("anna", {"title": "step 0"})["key"] for _ in range(links)]
        with self.core() as hub, hub.core.database.transaction() as session:
            now = hub.core.database.now()
            add_person(session, now, SYSTEM, name="Mei", email="mei@example.org", role="administrator")
            far = session.scalars(select(Connection).where(Connection.name == "tracker")).one()
            request = create_request(session, now, SYSTEM, title="What is linked")
            request.stage = "execute"
            for key in keys:
                task = create_task(session, now, SYSTEM, request, TaskDraft("step 0"))
                sync.link_task(session, now, SYSTEM, task, far, key)
        return keys

    @contextmanager
    def core(self) -> Iterator[Hub]:
        """The same hub put together in this process, for what has no page."""
        hub = build(load(self.config, self.environ), self.environ)
        try:
            yield hub
        finally:
            hub.close()

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a process of this site; what is left at the end is ended."""
        with (self.folder / "said.log").open("ab") as said:
            # A session of its own: gunicorn's processes are then told apart from those of other tests.
            process = subprocess.Popen(
                command, cwd=self.folder, env=self.environ, stdout=said, stderr=said, start_new_session=True
            )
        self._started.append(process)
        return process

    def work(self) -> subprocess.Popen[bytes]:
        """One more worker process."""
        return self.start(str(BIN / "hub"), "work", "--threads", "2")

    def web(self, processes: int = 2) -> subprocess.Popen[bytes]:
        """So many web processes behind one port, as docs/operations.md says."""
        bind, many = f"127.0.0.1:{self.port}", str(processes)
        options = ("--bind", bind, "--workers", many, "--threads", "4", "--no-control-socket")
        started = self.start(str(BIN / "gunicorn"), "hub.serving:application()", *options)
        wait_until(lambda: len(self.answering()) >= processes)
        return started

    def answering(self) -> set[int]:
        """The numbers of the web processes that answer, by their own word."""
        found = set()
        for _ in range(12):
            try:
                told = requests.get(f"{self.url}/healthz", timeout=20).json()
            except requests.RequestException:
                continue
            found.add(int(told["process"].rpartition(":")[2]))
        return found

    def kill(self, number: int) -> None:
        """SIGKILL for a web process of this site."""
        parents = {process.pid for process in self._started}
        assert psutil.Process(number).ppid() in parents
        os.kill(number, signal.SIGKILL)

    def said(self) -> str:
        """What the processes wrote."""
        return (self.folder / "said.log").read_text(errors="replace")

    def close(self) -> None:
        """End every process that was started here, politely and then not."""
        for process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.fixture
def site(empty_database_url: str, tmp_path: Path) -> Iterator[Site]:
    """A site without any process yet, and its tracker."""
    tracker = SandboxTracker(tmp_path / "sandbox.db")
    far = Counting(tracker)
    with served(far) as far_url:
        site = Site(tmp_path, empty_database_url, tracker, far_url, far)
        try:
            yield site
        finally:
            site.close()
            tracker.close()
