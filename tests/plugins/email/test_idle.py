"""What a mail server says by itself is heard, however the network cuts it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.plugins.email.idle import LONGEST_LINE, Idle
from hub.sdk import Retry


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, Idle]]:
    """The server's end of a conversation and what listens at the other."""
    with ExitStack() as stack:
        yield _ends(stack)


def _ends(stack: ExitStack) -> tuple[socket.socket, Idle]:
    server, ours = map(stack.enter_context, socket.socketpair())
    ours.settimeout(30)
    return server, Idle(ExitStack(), SimpleNamespace(client=SimpleNamespace(sock=ours)))  # type: ignore[arg-type]


def test_a_line_that_comes_in_two_pieces_is_heard_when_it_is_whole(
    ends: tuple[socket.socket, Idle],
) -> None:
    server, idle = ends
    server.sendall(b"* 1 EXI")
    assert not idle.heard()
    server.sendall(b"STS\r\n* 1 RE")
    assert idle.heard()
    server.sendall(b"CENT\r\n")
    assert not idle.heard()


@given(st.lists(st.integers(0, 60), max_size=6), st.booleans())
def test_new_mail_is_heard_once_wherever_the_network_cuts(cuts: list[int], came: bool) -> None:
    said = b"* OK still here\r\n* 3 " + (b"EXISTS" if came else b"EXPUNGE") + b"\r\n* 2 RECENT\r\n"
    places = [0, *sorted(cuts), len(said)]
    with ExitStack() as stack:
        server, idle = _ends(stack)
        heard = []
        for begin, end in pairwise(places):
            server.sendall(said[begin:end])
            heard.append(idle.heard())
    assert sum(heard) == came


@pytest.mark.parametrize("said", [b"", b"* BYE bye\r\n", b"+ idling\r\n", b"x" * (LONGEST_LINE + 1)])
def test_a_server_that_hangs_up_or_speaks_something_else_is_lost(
    ends: tuple[socket.socket, Idle], said: bytes
) -> None:
    server, idle = ends
    server.sendall(said)
    if not said:
        server.close()
    with pytest.raises(Retry, match="was lost"):
        idle.heard()


def test_the_patience_of_the_conversation_stays(ends: tuple[socket.socket, Idle]) -> None:
    _, idle = ends
    assert not idle.heard()
    assert idle._box.client.sock.gettimeout() == 30
