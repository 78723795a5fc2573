"""Signed webhooks of 8 KB, sixteen at a time: how much of the bare server's speed is left, is any lost?

The hub checks the signature, stores the delivery with SQLite's ``synchronous=FULL`` and promises to
read it before it answers 202. The rival answers 202 at once. Both take turns, so that what else
happens on this machine hits both; the ratios are medians of the rounds.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import itertools
import json
import secrets
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from load import Message, Outcome, send
from report import report
from servers import Server, Workshop, free_port, serve
from standardwebhooks import Webhook

from hub.config.settings import ServerSettings

ROUNDS, SECONDS, WARM_UP = 3, 3.0, 1.0
PATIENCE = 300
BODY = 8 * 1024
# More than a hub here takes; signing that many beforehand costs little.
MOST_PER_SECOND = 4000
KEY = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
CONNECTION = """
[[connections]]
name = "shop"
kind = "webhook"
secrets = { secret = { env = "SHOP_SECRET" } }
"""
GOALS = {
    "ratio_web": (0.30, True),
    "ratio_all": (0.20, True),
    "p99_ms": (60, False),
    "backlog_s": (10, False),
    "lost": (0, False),
}
_numbers = itertools.count(1)


def body(number: int) -> str:
    """What a shop might send, filled up to 8 KB."""
    order = {
        "title": f"Order {number} arrived damaged",
        "body": "",
        "contact": {"name": f"Buyer {number % 50}", "email": f"buyer{number % 50}@example.org"},
        "priority": ("low", "normal", "high")[number % 3],
        "labels": ["damage", "shop"],
    }
    order["body"] = "The parcel was wet. " * BODY
    text = json.dumps(order)
    over = len(text) - BODY
    order["body"] = order["body"][:-over]
    return json.dumps(order)


@dataclass
class Rounds:
    """What the rounds against one hub gave."""

    ratios: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)
    rests: list[float] = field(default_factory=list)


BODIES = [body(number) for number in range(64)]


def signed(path: str, count: int) -> list[Message]:
    """So many genuine messages, each with an id of its own, signed before anything is measured."""
    signer, now = Webhook(KEY), dt.datetime.now(dt.UTC)
    made = []
    for number in itertools.islice(_numbers, count):
        text, name = BODIES[number % len(BODIES)], f"msg_{number}"
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(text)}\r\nwebhook-id: {name}\r\n"
            f"webhook-timestamp: {int(now.timestamp())}\r\n"
            f"webhook-signature: {signer.sign(name, now, text)}\r\n\r\n"
        )
        made.append((name, head.encode(), text.encode()))
    return made


def load(server: Server, path: str, seconds: float = SECONDS) -> Outcome:
    """One round against a hub: every message is a new one."""
    return send(server.port, iter(signed(path, int(seconds * MOST_PER_SECOND))), seconds)


def load_bare(server: Server, path: str, seconds: float = SECONDS) -> Outcome:
    """One round against the rival, which does not look at what it gets: the same messages again and again."""
    return send(server.port, itertools.cycle(signed(path, MOST_PER_SECOND // 4)), seconds)


def ask(workshop: Workshop, sql: str) -> list[tuple[object, ...]]:
    """Look into a hub's database from outside."""
    with contextlib.closing(sqlite3.connect(f"file:{workshop.database}?mode=ro", uri=True)) as database:
        return database.execute(sql).fetchall()


def address(workshop: Workshop) -> str:
    """The path of the webhook connection."""
    [(slug,)] = ask(workshop, "SELECT slug FROM connections WHERE name = 'shop'")
    return f"/in/{slug}"


@contextlib.contextmanager
def bare(folder: Path) -> Iterator[Server]:
    """The rival, with as many threads as a hub has."""
    port = free_port()
    command = (
        sys.executable,
        str(Path(__file__).with_name("bare.py")),
        str(port),
        str(ServerSettings().threads),
    )
    with serve(command, port, folder / "bare.log") as server:
        yield server


def duel(rival: Server, hub: Server, path: str, rest: Callable[[], float]) -> Rounds:
    """Rounds in turn; after each the hub may ``rest``, so that the rival has the machine to itself."""
    rounds = Rounds()
    load_bare(rival, path, WARM_UP)
    load(hub, path, WARM_UP)
    rest()
    for _ in range(ROUNDS):
        there, here = load_bare(rival, path), load(hub, path)
        rounds.ratios.append(here.rate / there.rate)
        rounds.p99s.append(here.percentile(99))
        rounds.rests.append(rest())
        print(
            f"  bare {there.rate:6.0f}/s   hub {here.rate:6.0f}/s   ratio {rounds.ratios[-1]:.3f}"
            f"   p99 {rounds.p99s[-1] * 1000:6.1f} ms   backlog {rounds.rests[-1]:5.1f} s",
            flush=True,
        )
    return rounds


def backlog(workshop: Workshop) -> float:
    """Seconds until no delivery is unread; then wait until no job is left either."""
    start = time.perf_counter()
    _none_left(workshop, "SELECT count(*) FROM deliveries WHERE status = 'unread'")
    seconds = time.perf_counter() - start
    # Times are microseconds; what waits for a later time is none of this load's.
    _none_left(workshop, "SELECT count(*) FROM jobs WHERE state <> 'dead' AND due_at < unixepoch() * 1000000")
    return seconds


def _none_left(workshop: Workshop, count: str) -> None:
    until = time.monotonic() + PATIENCE
    while ask(workshop, count) != [(0,)]:
        if time.monotonic() > until:
            raise RuntimeError(f"after {PATIENCE} s there are still some: {count}")
        time.sleep(0.1)


def kill_under_load(workshop: Workshop) -> int:
    """How many deliveries answered 202 are missing after a SIGKILL and a new start."""
    with workshop.hub("run") as hub:
        threading.Timer(2.0, hub.process.kill).start()
        outcome = load(hub, address(workshop), 10)
    if not outcome.cut_off:
        raise RuntimeError("the hub was not killed under load")
    with workshop.hub("run"):
        kept = {key for (key,) in ask(workshop, "SELECT key FROM deliveries")}
    lost = set(outcome.accepted) - kept
    print(f"  {len(outcome.accepted)} answered 202 before the kill, {len(lost)} of them lost", flush=True)
    return len(lost)


def main() -> None:
    """Measure, and print the JSON line."""
    with tempfile.TemporaryDirectory() as temporary:
        folder, secret = Path(temporary), {"SHOP_SECRET": KEY}
        alone, whole, killed = (
            Workshop(folder / name, CONNECTION, secret) for name in ("web", "run", "kill")
        )
        for workshop in (alone, whole, killed):
            workshop.settle()
        with bare(folder) as rival:
            print("hub web (web only):", flush=True)
            with alone.hub("web") as hub:
                web = duel(rival, hub, address(alone), lambda: 0.0)
            print("hub run (worker in the same process):", flush=True)
            with whole.hub("run") as hub:
                run = duel(rival, hub, address(whole), lambda: backlog(whole))
        print("hub run, killed under load:", flush=True)
        lost = kill_under_load(killed)
    values = {
        "ratio_web": round(statistics.median(web.ratios), 3),
        "ratio_all": round(statistics.median(run.ratios), 3),
        "p99_ms": round(statistics.median(web.p99s) * 1000, 1),
        "backlog_s": round(max(run.rests), 1),
        "lost": lost,
    }
    report(values, GOALS)


if __name__ == "__main__":
    main()
