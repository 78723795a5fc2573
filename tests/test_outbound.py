"""The way out, over real HTTP on this machine."""

from __future__ import annotations

import datetime as dt
import gzip
import logging
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from hub.core.values import Http, HttpAnswer, Refused, Retry
from hub.outbound import Guard, Outbound

NOW = dt.datetime(2026, 5, 4, 9, 0, tzinfo=dt.UTC)
Say = Callable[[socket.socket, bytes], None]


class FarSide:
    """A server of few words: says the bytes it is told to say and keeps what it heard."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        self.connected: list[socket.socket] = []
        self.say: Say = plain(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        self.over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def _serve(self) -> None:
        while True:
            try:
                connected, _ = self._socket.accept()
            except OSError:
                return
            self.connected.append(connected)
            thread = threading.Thread(target=self._talk, args=(connected,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _talk(self, connected: socket.socket) -> None:
        with connected, suppress(OSError):
            while head := self._hear(connected):
                self.heard.append(head)
                self.say(connected, head)

    def _hear(self, connected: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connected.recv(65536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < length:
            body += connected.recv(65536)
        return head + b"\r\n\r\n" + body

    def close(self) -> None:
        self.over.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connected in self.connected:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)


def plain(answer: bytes) -> Say:
    def say(connected: socket.socket, _heard: bytes) -> None:
        connected.sendall(answer)

    return say


def answer(status: str, headers: str = "", body: bytes = b"") -> Say:
    return plain(f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)


@pytest.fixture
def far() -> Iterator[FarSide]:
    side = FarSide()
    yield side
    side.close()


Opening = Callable[..., Outbound]


@pytest.fixture
def opening() -> Iterator[Opening]:
    opened: list[Outbound] = []

    def outbound(allow: tuple[str, ...] = ("127.0.0.0/8",), resolve: Any = None, **settings: Any) -> Outbound:
        guard = Guard(allow, resolve) if resolve else Guard(allow)
        opened.append(Outbound(retry=Retry, refused=Refused, now=lambda: NOW, guard=guard, **settings))
        return opened[-1]

    yield outbound
    for each in opened:
        each.close()


def names(**answers: list[str]) -> Callable[..., list[tuple[Any, ...]]]:
    """A resolver that knows these names; each look takes the next answer, the last one stays."""
    left = {name.replace("_", "."): found for name, found in answers.items()}

    def resolve(host: str, port: int, *_rest: Any) -> list[tuple[Any, ...]]:
        found = left[host]
        address = found.pop(0) if len(found) > 1 else found[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in address.split()]

    return resolve


# ---- a plain call ----


def test_fulfils_the_protocol_that_plugins_see(opening: Opening, far: FarSide) -> None:
    http: Http = opening()
    found: HttpAnswer = http.send("GET", far.url)
    assert isinstance(found, HttpAnswer)
    assert (found.status, found.body) == (200, b"ok")


def test_sends_parameters_json_and_headers(opening: Opening, far: FarSide) -> None:
    far.say = answer("201 Created", "X-Kind: issue\r\n", b'{"id": 7}')
    found = opening().send(
        "POST", far.url + "/a", params={"q": "一"}, json={"t": "x"}, headers={"X-Mine": "1"}
    )
    assert far.heard[0].startswith(b"POST /a?q=%E4%B8%80 HTTP/1.1\r\n")
    assert b"X-Mine: 1" in far.heard[0]
    assert far.heard[0].endswith(b'{"t": "x"}')
    assert (found.status, found.json(), found.headers["x-kind"]) == (201, {"id": 7}, "issue")


def test_uses_a_connection_again(opening: Opening, far: FarSide) -> None:
    outbound = opening()
    for _ in range(3):
        outbound.send("GET", far.url)
    assert (len(far.heard), len(far.connected)) == (3, 1)


def test_serves_many_threads(opening: Opening, far: FarSide) -> None:
    outbound, found = opening(), []

    def call() -> None:
        found.append(outbound.send("GET", far.url).body)

    threads = [threading.Thread(target=call) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b"ok"] * 20


def test_gives_redirects_back_and_does_not_follow_them(opening: Opening, far: FarSide) -> None:
    far.say = answer("301 Moved Permanently", "Location: http://169.254.169.254/\r\n")
    found = opening().send("GET", far.url)
    assert (found.status, found.headers["location"]) == (301, "http://169.254.169.254/")
    assert len(far.heard) == 1


def test_keeps_no_cookies(opening: Opening, far: FarSide) -> None:
    far.say = answer("200 OK", "Set-Cookie: session=1\r\n", b"ok")
    outbound = opening()
    outbound.send("GET", far.url)
    outbound.send("GET", far.url)
    assert b"cookie" not in far.heard[1].lower()


def test_listens_to_no_proxy_of_the_environment(
    opening: Opening, far: FarSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert opening().send("GET", far.url).status == 200


def test_refuses_an_answer_that_is_not_json(opening: Opening, far: FarSide) -> None:
    far.say = answer("200 OK", body=b"<html>")
    with pytest.raises(Refused, match="not JSON"):
        opening().send("GET", far.url).json()


# ---- the guard ----


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[ff02::1]",
    ],
)
def test_refuses_addresses_that_are_not_public(opening: Opening, far: FarSide, host: str) -> None:
    with pytest.raises(Refused, match="not public"):
        opening(allow=()).send("GET", f"http://{host}:{far.port}/")
    assert len(far.connected) == 0


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org", "example.org", "http:///x", "//x/y"]
)
def test_refuses_what_is_not_http(opening: Opening, url: str) -> None:
    with pytest.raises(Refused, match="only http and https"):
        opening().send("GET", url)


def test_refuses_a_password_in_the_address(opening: Opening, far: FarSide) -> None:
    with pytest.raises(Refused) as caught:
        opening().send("GET", f"http://me:hunter2@127.0.0.1:{far.port}/")
    assert "hunter2" not in caught.value.reason


@pytest.mark.parametrize(
    "allow", [("tracker.intern",), ("TRACKER.intern.",), ("127.0.0.1",), ("127.0.0.0/8",)]
)
def test_reaches_what_is_allowed_by_name_address_or_network(
    opening: Opening, far: FarSide, allow: tuple[str, ...]
) -> None:
    outbound = opening(allow, names(tracker_intern=["127.0.0.1"]))
    assert outbound.send("GET", f"http://tracker.intern:{far.port}/").status == 200
    assert f"Host: tracker.intern:{far.port}".encode() in far.heard[0]


def test_a_name_that_turns_to_a_private_address_gains_nothing(opening: Opening, far: FarSide) -> None:
    looks = ["127.0.0.2", "127.0.0.1"]
    outbound = opening(("127.0.0.2",), names(rebind_example=looks))
    # The first answer is allowed, and it is the one connected to: nobody listens there.
    with pytest.raises(Retry):
        outbound.send("GET", f"http://rebind.example:{far.port}/")
    assert looks == ["127.0.0.1"]
    with pytest.raises(Refused, match="not public"):
        outbound.send("GET", f"http://rebind.example:{far.port}/")
    assert len(far.connected) == 0


def test_goes_only_to_the_allowed_ones_of_many_addresses(opening: Opening, far: FarSide) -> None:
    outbound = opening(("127.0.0.1",), names(mixed_example=["10.0.0.1 127.0.0.1"]))
    assert outbound.send("GET", f"http://mixed.example:{far.port}/").status == 200


def test_tries_the_next_address_when_one_does_not_answer(opening: Opening, far: FarSide) -> None:
    outbound = opening(resolve=names(two_example=["127.0.0.3 127.0.0.1"]))
    assert outbound.send("GET", f"http://two.example:{far.port}/").status == 200


# ---- try again later ----


@pytest.mark.parametrize("status", ["429 Too Many", "500 Broken", "502 Bad Gateway", "503 Busy", "599 Odd"])
def test_asks_to_try_again_later(opening: Opening, far: FarSide, status: str) -> None:
    far.say = answer(status)
    with pytest.raises(Retry, match=status[:3]) as caught:
        opening().send("GET", far.url + "/issues?token=abc")
    assert caught.value.after == (dt.timedelta(minutes=1) if status.startswith("429") else None)
    assert "/issues" in caught.value.reason
    assert "abc" not in caught.value.reason


@pytest.mark.parametrize("status", [301, 304, 400, 401, 403, 404, 409, 410, 422])
def test_leaves_other_statuses_to_the_plugin(opening: Opening, far: FarSide, status: int) -> None:
    far.say = plain(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
    assert opening().send("GET", far.url).status == status


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ("Retry-After: 90\r\n", 90),
        ("X-PC-Retry-After: 7\r\n", 7),
        ("Retry-After: Mon, 04 May 2026 09:02:00 GMT\r\n", 120),
        ("Retry-After: Mon, 04 May 2026 09:02:00 GMT\r\nDate: Mon, 04 May 2026 09:01:30 GMT\r\n", 30),
        ("Retry-After: Mon, 04 May 2026 08:00:00 GMT\r\n", 0),
        ("Retry-After: 99999999999999999999\r\n", 86400),
        ("Retry-After: Mon, 04 May 2099 08:00:00 GMT\r\n", 86400),
        ("Retry-After: soon\r\n", None),
        ("Retry-After: -5\r\n", None),
    ],
)
def test_honours_when_to_come_back(opening: Opening, far: FarSide, headers: str, seconds: int | None) -> None:
    far.say = answer("503 Busy", headers)
    with pytest.raises(Retry) as caught:
        opening().send("GET", far.url)
    assert caught.value.after == (None if seconds is None else dt.timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ("X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1777885800\r\n", 601),
        ("X-RateLimit-Remaining: 9\r\nX-RateLimit-Reset: 1777885800\r\n", 60),
        ("X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1777885000\r\n", 60),
        ("X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: soon\r\n", 60),
        ("X-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 99999999999999\r\n", 60),
    ],
)
def test_a_used_up_limit_is_waited_for_until_it_is_reset(
    opening: Opening, far: FarSide, headers: str, seconds: int
) -> None:
    far.say = answer("429 Too Many", "Date: Mon, 04 May 2026 09:00:00 GMT\r\n" + headers)
    with pytest.raises(Retry) as caught:
        opening().send("GET", far.url)
    assert caught.value.after == dt.timedelta(seconds=seconds)


def test_a_closed_port_an_unknown_name_and_a_lost_answer_are_tried_again(
    opening: Opening, far: FarSide
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(Retry, match="connection lost"):
            opening().send("GET", f"http://127.0.0.1:{free.getsockname()[1]}/")

    def unknown(*_args: Any) -> list[tuple[Any, ...]]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Retry, match="not known"):
        opening(resolve=unknown).send("GET", "http://nowhere.example/")

    def hang_up(connected: socket.socket, _heard: bytes) -> None:
        connected.shutdown(socket.SHUT_RDWR)

    far.say = hang_up
    with pytest.raises(Retry, match="connection lost"):
        opening().send("POST", far.url)

    def break_off(connected: socket.socket, _heard: bytes) -> None:
        connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")
        connected.shutdown(socket.SHUT_RDWR)

    far.say = break_off
    with pytest.raises(Retry, match="connection lost"):
        opening().send("GET", far.url)


def drip(start: bytes, far: FarSide) -> Say:
    def say(connected: socket.socket, _heard: bytes) -> None:
        connected.sendall(start)
        while not far.over.wait(0.02):
            connected.sendall(b"a")

    return say


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nX-Slow: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
    ids=["status", "header", "body", "endless body", "chunk size"],
)
def test_does_not_wait_longer_for_a_far_side_that_drips(opening: Opening, far: FarSide, start: bytes) -> None:
    far.say = drip(start, far)
    with pytest.raises(Retry, match="no answer in time"):
        opening(total_seconds=0.3).send("GET", far.url)


def test_does_not_wait_for_a_silent_far_side(opening: Opening, far: FarSide) -> None:
    def keep_silent(_connected: socket.socket, _heard: bytes) -> None:
        far.over.wait()

    far.say = keep_silent
    with pytest.raises(Retry, match="no answer in time"):
        opening(total_seconds=0.2).send("GET", far.url)


def test_a_far_side_that_never_shakes_hands_is_given_up(opening: Opening, far: FarSide) -> None:
    with pytest.raises(Retry):
        opening(total_seconds=0.3, connect_seconds=0.2).send("GET", far.url.replace("http:", "https:"))


# ---- how much comes back ----


def test_gives_up_an_answer_that_is_too_large(opening: Opening, far: FarSide) -> None:
    far.say = answer("200 OK", body=b"x" * 2001)
    with pytest.raises(Refused, match="larger than 2000"):
        opening(most_bytes=2000).send("GET", far.url)
    far.say = answer("200 OK", body=b"x" * 2000)
    assert len(opening(most_bytes=2000).send("GET", far.url).body) == 2000


def test_unpacks_an_answer(opening: Opening, far: FarSide) -> None:
    far.say = answer("200 OK", "Content-Encoding: gzip\r\n", gzip.compress(b"long " * 100_000))
    assert opening().send("GET", far.url).body == b"long " * 100_000


def test_a_bomb_is_given_up_before_it_fills_the_memory(opening: Opening, far: FarSide) -> None:
    packer, mebibyte = zlib.compressobj(9, wbits=31), bytes(1024 * 1024)
    bomb = b"".join(packer.compress(mebibyte) for _ in range(300)) + packer.flush()
    far.say = answer("200 OK", "Content-Encoding: gzip\r\n", bomb)
    tracemalloc.start()
    with pytest.raises(Refused, match="larger than"):
        opening(most_bytes=1024 * 1024).send("GET", far.url)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


def test_a_broken_packing_is_tried_again(opening: Opening, far: FarSide) -> None:
    far.say = answer("200 OK", "Content-Encoding: gzip\r\n", b"not packed")
    with pytest.raises(Retry):
        opening().send("GET", far.url)


# ---- credentials ----


def test_asks_the_budget_before_each_call(opening: Opening, far: FarSide) -> None:
    left = [1]

    def budget() -> None:
        if not left:
            raise Retry("budget", dt.timedelta(seconds=5))
        left.pop()

    outbound = opening()
    limited = outbound.bound(budget=budget)
    limited.send("GET", far.url)
    with pytest.raises(Retry, match="budget"):
        limited.send("GET", far.url)
    assert len(far.heard) == 1
    outbound.send("GET", far.url)
    assert len(far.heard) == 2


def test_says_no_secret(opening: Opening, far: FarSide, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    far.say = answer("500 Broken")
    outbound = opening().bound(secrets=("hunter2",))
    with pytest.raises(Retry) as caught:
        outbound.send("GET", far.url + "/bot-hunter2/me", headers={"Authorization": "Bearer hunter2"})
    assert "hunter2" not in caught.value.reason + caplog.text
    with pytest.raises(Refused) as refused:
        outbound.send("GET", far.url, headers={"Authorization": "hunter2\n"})
    assert "hunter2" not in refused.value.reason


@pytest.mark.parametrize("headers", [{"X": "a\r\nb"}, {"X": 5}])
def test_refuses_a_header_that_cannot_be_sent(opening: Opening, far: FarSide, headers: Any) -> None:
    with pytest.raises(Refused, match="cannot be sent"):
        opening().send("GET", far.url, headers=headers)


# ---- what speaks no HTTP -----------------------------------------------------------------------


def test_opens_a_plain_connection_through_the_guard(opening: Opening, far: FarSide) -> None:
    with opening().connect("127.0.0.1", far.port, 3) as connected:
        assert connected.gettimeout() == 3
        connected.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert connected.recv(100).startswith(b"HTTP/1.1 200")


def test_refuses_a_plain_connection_to_a_private_address(opening: Opening, far: FarSide) -> None:
    with pytest.raises(Refused, match="not public"):
        opening(allow=()).connect("127.0.0.1", far.port)


def test_a_mail_server_that_is_away_is_tried_again(opening: Opening) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Retry, match=r"127\.0\.0\.1"):
        opening().connect("127.0.0.1", port)
    with pytest.raises(Retry, match="the name is not known"):
        opening().connect("no-such-host.invalid", 25)


def test_secured_connections_check_names_and_certificates(opening: Opening) -> None:
    context = opening().tls()
    assert context.check_hostname
    assert context.verify_mode.name == "CERT_REQUIRED"
