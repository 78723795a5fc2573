"""A way to a server that breaks where it is told to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from tests.intake.dovecot import Server


@contextmanager
def breaking(
    server: Server, *after: int, opened: list[object] | None = None
) -> Iterator[tuple[Server, Callable[[], None]]]:
    """The same server behind a proxy, and what cuts its connections.

    The first ones end after so many bytes from the server, later ones hold. Each one is added to ``opened``.
    """
    limits: list[int] = list(after)
    ends: list[socket.socket] = []

    def cut() -> None:
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    with socket.create_server(("127.0.0.1", 0)) as door:

        def accept() -> None:
            while True:
                try:
                    near, _ = door.accept()
                except OSError:
                    return
                if opened is not None:
                    opened.append(near)
                far = socket.create_connection((server.host, server.port))
                ends.extend((near, far))
                most = limits.pop(0) if limits else None
                threading.Thread(target=_pass_on, args=(near, far, None), daemon=True).start()
                threading.Thread(target=_pass_on, args=(far, near, most), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield replace(server, port=door.getsockname()[1]), cut
        finally:
            door.shutdown(socket.SHUT_RDWR)
            for end in ends:
                end.close()


def _pass_on(origin: socket.socket, target: socket.socket, most: int | None) -> None:
    passed = 0
    with suppress(OSError):
        while piece := origin.recv(16_384):
            passed += len(piece)
            target.sendall(piece)
            if most is not None and passed >= most:
                break
    for end in (origin, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
