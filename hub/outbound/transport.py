"""Connections that go only to checked addresses and end at a deadline."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from hub.outbound.guard import Guard


class Exchange:
    """One question and its answer: at the deadline its socket is shut, however it waits."""

    def __init__(self, seconds: float) -> None:
        """The clock starts now."""
        self.ends = time.monotonic() + seconds
        self.expired = False
        # From here on the far side may have heard the question.
        self.begun = False
        self._socket: socket.socket | None = None

    def left(self) -> float:
        """Seconds until the deadline, never quite zero."""
        return max(self.ends - time.monotonic(), 0.001)

    def uses(self, connected: socket.socket) -> None:
        """From now on this socket is the one to shut."""
        self._socket, self.begun = connected, True
        if self.expired:
            self.expire()

    def expire(self) -> None:
        """Shut the socket: a far side that sends one byte a second cannot hold us."""
        self.expired = True
        if self._socket is not None:
            with suppress(OSError):
                # The plain method: the one of a TLS socket would forget its state under the reader's hands.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class GuardedAdapter(HTTPAdapter):
    """Opens every connection through the guard.

    The address checked is the address used: a name that answers differently the second time gains nothing.
    """

    def __init__(self, guard: Guard, connect_seconds: float, pool_size: int = 10) -> None:
        """One adapter serves all threads."""
        self._guard = guard
        self._connect_seconds = connect_seconds
        self._current = threading.local()
        super().__init__(pool_connections=pool_size, pool_maxsize=pool_size, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools use our connections."""
        super().init_poolmanager(*args, **kwargs)
        plain, secure = _connection_classes(self)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }

    @contextmanager
    def exchange(self, seconds: float) -> Iterator[Exchange]:
        """What this thread sends inside the block ends after so many seconds."""
        exchange = self._current.exchange = Exchange(seconds)
        timer = threading.Timer(seconds, exchange.expire)
        timer.daemon = True
        timer.start()
        try:
            yield exchange
        finally:
            timer.cancel()
            del self._current.exchange

    def in_use(self, connected: socket.socket) -> None:
        """Tell this thread's exchange which socket it waits on."""
        self._current.exchange.uses(connected)

    def open(self, connection: HTTPConnection) -> socket.socket:
        """A socket to one of the host's checked addresses."""

        def left() -> float:
            return min(self._connect_seconds, float(self._current.exchange.left()))

        try:
            return connect(self._guard, connection.host, connection.port, left)
        except (socket.gaierror, UnicodeError) as error:
            raise NewConnectionError(connection, "the name is not known") from error
        except TimeoutError as error:
            raise ConnectTimeoutError(connection, "no connection in time") from error
        except OSError as error:
            raise NewConnectionError(connection, error.strerror or "no connection") from error


def connect(guard: Guard, host: str, port: int, seconds: Callable[[], float]) -> socket.socket:
    """A socket to the first checked address of a host that answers; each try may take ``seconds``.

    Raises ``Forbidden``, or the last ``OSError`` where none answers.
    """
    last: OSError = ConnectionError(f"{host} has no address")
    for address in guard.addresses(host, port):
        try:
            connected = socket.create_connection((address, port), seconds())
        except OSError as error:
            last = error
            continue
        # Head and body leave as two packets: the second must not wait for the first one's receipt.
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected
    raise last


def _connection_classes(adapter: GuardedAdapter) -> tuple[type[HTTPConnection], type[HTTPSConnection]]:
    class Guarded(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return adapter.open(self)

        def request(self, *args: Any, **kwargs: Any) -> None:
            if self.sock is None:
                self.connect()
            adapter.in_use(self.sock)
            super().request(*args, **kwargs)

    class GuardedSecure(Guarded, HTTPSConnection):
        pass

    return Guarded, GuardedSecure
