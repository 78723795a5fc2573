"""Starts the programs that are measured: hubs, and what stands beside them, each a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.app import Hub, build
from hub.config import load
from hub.core.directory.people import add_person
from hub.core.values import SYSTEM

EMAIL, PASSWORD = "bench@example.org", "correct horse battery staple"
HUB = Path(sys.executable).with_name("hub")
PATIENCE = 120
NOT_OURS = ("HUB_CONFIG", "HUB_DATA", "HUB_PORT", "HUB_DATABASE_URL", "HUB_KEY")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A running server: its process and where it answers."""

    process: subprocess.Popen[bytes]
    port: int

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def serve(
    command: Sequence[str], port: int, log: Path, environ: Mapping[str, str] = os.environ
) -> Iterator[Server]:
    """A server that answers; stopped politely at the end. What it says goes to ``log``."""
    with log.open("ab") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=dict(environ))
    try:
        _wait(process, port, log)
        yield Server(process, port)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"no answer at port {port}:\n{log.read_text(errors='replace')[-4000:]}")


class Workshop:
    """A folder with a configuration, in which one hub after another may run."""

    def __init__(self, folder: Path, config: str = "", environ: Mapping[str, str] | None = None) -> None:
        """``config`` is added to the file; ``environ`` to the environment, for its secrets."""
        self.folder, self.port = folder, free_port()
        folder.mkdir(parents=True, exist_ok=True)
        clean = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        self.environ = {**clean, **(environ or {})}
        self.config = folder / "config.toml"
        self.config.write_text(f"[server]\nport = {self.port}\n{config}", encoding="utf-8")

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "data" / "hub.sqlite"

    def settle(self) -> None:
        """Make the database and its first person: without one a hub asks everybody for its administrator."""
        with self.core() as hub, hub.core.database.transaction() as session:
            now = hub.core.database.now()
            add_person(
                session, now, SYSTEM, name="Bench", email=EMAIL, password=PASSWORD, role="administrator"
            )

    @contextmanager
    def core(self) -> Iterator[Hub]:
        """The hub of this folder put together in this process, for what has no command."""
        hub = build(load(self.config, self.environ), self.environ)
        try:
            yield hub
        finally:
            hub.close()

    def command(self, *words: str) -> list[str]:
        """The command line ``hub <words>`` with this configuration."""
        return [str(HUB), "--config", str(self.config), *words]

    def do(self, *words: str) -> None:
        """Run a command to its end, in silence; a failure is raised."""
        subprocess.run(self.command(*words), env=self.environ, check=True, stdout=subprocess.DEVNULL)

    @contextmanager
    def hub(self, *words: str) -> Iterator[Server]:
        """A hub that answers: ``hub run``, or ``hub web``."""
        with serve(self.command(*words), self.port, self.folder / "hub.log", self.environ) as server:
            yield server
