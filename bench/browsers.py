"""Two hundred people with the board open, and twenty page loads a second beside them.

Each open board asks every ten seconds whether anything has changed, over a connection of its own. First
they are alone: that is what open pages cost the server. Then people look at boards, requests, lists and
the inbox as well. When each question is asked is fixed beforehand, and its time is counted from there, so
that a slow server cannot hide behind those who wait for it. The history is written by ``hub demo --size``.
"""

from __future__ import annotations

import random
import re
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
from browser import Browser
from report import report
from servers import EMAIL, PASSWORD, Workshop

SIZE, LIVE, BROWSERS, EVERY, LOADS, SECONDS = 2_000, 200, 200, 10.0, 20, 30.0
PULSE = re.compile(r'hx-get="(/pulse\?[^"]+)"')
GOALS = {"p95_ms": (100, False), "poll_cpu_percent": (25, False), "failed": (0, False)}
# When, of which kind, and the question.
Event = tuple[float, str, Callable[[], object]]


def polls(browsers: list[Browser], path: str) -> list[Event]:
    """Every browser's pulses, spread evenly."""
    events: list[Event] = []
    for number, browser in enumerate(browsers):
        due = EVERY * number / len(browsers)
        while due < SECONDS:
            events.append((due, "poll", lambda browser=browser: browser.get(path, 200, 204)))
            due += EVERY
    return events


def loads(browsers: list[Browser]) -> list[Event]:
    """People who look around."""
    pages = ("/", "/requests/SR-{}", "/requests/SR-{}", "/requests/", "/inbox")
    events: list[Event] = []
    for number in range(int(SECONDS * LOADS)):
        path = pages[number % len(pages)].format(random.randint(1, SIZE))
        browser = browsers[number % len(browsers)]
        events.append((number / LOADS, "load", lambda browser=browser, path=path: browser.get(path)))
    return events


def play(events: Iterable[Event]) -> tuple[dict[str, list[float]], int]:
    """Ask each question when it is due; gives the seconds from then on, and how many failed."""
    seconds: dict[str, list[float]] = defaultdict(list)
    failed, lock, start = [], threading.Lock(), time.perf_counter() + 0.2

    def ask(due: float, kind: str, question: Callable[[], object]) -> None:
        try:
            question()
        except Exception as error:  # whatever it is, it is an answer that somebody did not get
            failed.append(error)
        with lock:
            seconds[kind].append(time.perf_counter() - start - due)

    with ThreadPoolExecutor(64) as people:
        for due, kind, question in sorted(events, key=lambda event: event[0]):
            time.sleep(max(start + due - time.perf_counter(), 0))
            people.submit(ask, due, kind, question)
    for error in failed[:3]:
        print(f"failed: {error!r}"[:500], flush=True)
    return seconds, len(failed)


def p95(seconds: list[float]) -> float:
    """The 95th percentile, in milliseconds."""
    return sorted(seconds)[int(len(seconds) * 0.95)] * 1000


def main() -> None:
    """Measure, and print the JSON line."""
    random.seed(7)
    with tempfile.TemporaryDirectory() as temporary:
        workshop = Workshop(Path(temporary))
        workshop.settle()
        workshop.do("demo", "--size", str(SIZE), "--live", str(LIVE))
        with workshop.hub("web") as server:
            first = Browser(server.port)
            first.sign_in(EMAIL, PASSWORD)
            found = PULSE.search(first.get("/")[1])
            assert found is not None
            browsers = [first.twin() for _ in range(BROWSERS)]
            people = [first.twin() for _ in range(LOADS)]
            path = found[1].replace("&amp;", "&")
            play((0.0, "first", lambda one=one: one.get("/healthz")) for one in (*browsers, *people))
            process = psutil.Process(server.process.pid)
            before, start = sum(process.cpu_times()[:2]), time.perf_counter()
            alone, failed = play(polls(browsers, path))
            percent = 100 * (sum(process.cpu_times()[:2]) - before) / (time.perf_counter() - start)
            print(f"polls alone: p95 {p95(alone['poll']):.1f} ms", flush=True)
            both, failed_too = play([*polls(browsers, path), *loads(people)])
            for kind, seconds in both.items():
                print(f"{kind}: {len(seconds)}, p95 {p95(seconds):.1f} ms", flush=True)
    values = {
        "p95_ms": round(max(p95(seconds) for seconds in both.values()), 1),
        "poll_cpu_percent": round(percent, 1),
        "failed": failed + failed_too,
    }
    report(values, GOALS)


if __name__ == "__main__":
    main()
