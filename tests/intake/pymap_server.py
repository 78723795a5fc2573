"""The IMAP server for machines without Dovecot: pymap, all in memory, from the package index."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.intake.dovecot import PASSWORD, USER, Server, free_port, wait_for


def find_pymap() -> str | None:
    """Where the program is: beside this Python."""
    path = Path(sys.executable).parent / "pymap"
    return str(path) if path.exists() else None


@contextmanager
def serve_pymap(folder: Path) -> Iterator[Server]:
    """Run a server of one's own; it speaks no TLS and takes no access tokens."""
    program, port, log = find_pymap(), free_port(), folder / "pymap.log"
    if program is None:
        raise FileNotFoundError("no pymap: make test installs it")
    account = ("dict", "--demo-user", USER, "--demo-password", PASSWORD)
    command = [program, "--no-tls", "--host", "127.0.0.1", "--port", str(port), *account]
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    server = Server("pymap", port, process, log)
    try:
        wait_for(server)
        with server.client() as client:
            for name in ("Processed", "Large"):
                client.create(name)
        yield server
    finally:
        process.terminate()
        process.wait(10)
