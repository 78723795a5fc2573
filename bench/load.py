"""Many senders in one thread, cheap enough not to be what is measured; every answer is looked at."""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

HEAD_END = b"\r\n\r\n"


@dataclass
class Outcome:
    """What came of a load."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)  # names of what was answered 202
    cut_off: bool = False

    @property
    def rate(self) -> float:
        """Answers of 202 a second."""
        return self.statuses[202] / self.seconds

    def percentile(self, percent: float) -> float:
        """A latency in seconds that so many percent do not exceed."""
        ranked = sorted(self.latencies)
        return ranked[min(len(ranked) - 1, int(len(ranked) * percent / 100))]


@dataclass
class _Sender:
    socket: socket.socket
    name: str = ""
    since: float = 0.0
    answer: bytes = b""


# A message: the name by which it is remembered, its head and its body.
Message = tuple[str, bytes, bytes]


def send(port: int, messages: Iterator[Message], seconds: float, connections: int = 16) -> Outcome:
    """Keep so many connections busy for some seconds; ends early where the server goes away."""
    outcome, selector = Outcome(), selectors.DefaultSelector()
    senders = [_Sender(socket.create_connection(("127.0.0.1", port))) for _ in range(connections)]
    for sender in senders:
        sender.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(sender.socket, selectors.EVENT_READ, sender)
    start = time.perf_counter()
    busy = 0
    try:
        for sender in senders:
            _post(sender, messages)
            busy += 1
        while busy:
            for key, _ in selector.select():
                if _answered(key.data, outcome):
                    busy -= 1
                    if time.perf_counter() - start < seconds:
                        _post(key.data, messages)
                        busy += 1
    except ConnectionError:
        outcome.cut_off = True
    finally:
        outcome.seconds = time.perf_counter() - start
        for sender in senders:
            sender.socket.close()
        selector.close()
    return outcome


def _post(sender: _Sender, messages: Iterator[Message]) -> None:
    sender.name, head, body = next(messages)
    sender.answer, sender.since = b"", time.perf_counter()
    sender.socket.sendall(head + body)


def _answered(sender: _Sender, outcome: Outcome) -> bool:
    """Take what has come; true when the whole answer is there. Its body must be empty."""
    came = sender.socket.recv(65536)
    if not came:
        raise ConnectionResetError
    sender.answer += came
    head, end, rest = sender.answer.partition(HEAD_END)
    if not end:
        return False
    status = int(head[9:12])
    if status == 202 and (rest or b"content-length: 0" not in head.lower()):
        raise ValueError(f"a 202 with a body: {sender.answer[:500]!r}")
    if status != 202:
        raise ValueError(f"not taken: {sender.answer[:500]!r}")
    outcome.latencies.append(time.perf_counter() - sender.since)
    outcome.statuses[status] += 1
    outcome.accepted.append(sender.name)
    return True
