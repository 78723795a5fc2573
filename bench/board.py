"""The board and the request page with 1,000 and with 100,000 requests: does a long history slow them down?

Two hubs hold histories written by ``hub demo --size``, as many of their requests still open in the one
as in the other; they are asked in turn, so that what else happens here hits both. Each look at a
request is at another one, old and young.
"""

from __future__ import annotations

import contextlib
import random
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from browser import Browser
from report import report
from servers import EMAIL, PASSWORD, Workshop

SIZES = (1_000, 100_000)
LIVE = 400
LOOKS, WARM_UP = 150, 10
GOALS = {"growth": (1.5, False), "p95_ms": (60, False)}


def fill(workshop: Workshop, size: int) -> None:
    """Write the history as anybody would."""
    workshop.settle()
    start = time.perf_counter()
    workshop.do("demo", "--size", str(size), "--live", str(LIVE))
    print(f"{size:7} requests written in {time.perf_counter() - start:5.1f} s", flush=True)


def pages(size: int) -> dict[str, str]:
    """One address of each kind."""
    return {"board": "/", "request": f"/requests/SR-{random.randint(1, size)}"}


def look(browsers: dict[int, Browser]) -> dict[tuple[str, int], list[float]]:
    """Seconds of each look, by kind of page and size."""
    seconds: dict[tuple[str, int], list[float]] = defaultdict(list)
    for number in range(-WARM_UP, LOOKS):
        for size, browser in browsers.items():
            for kind, path in pages(size).items():
                took, _ = browser.get(path)
                if number >= 0:
                    seconds[kind, size].append(took)
    return seconds


def main() -> None:
    """Measure, and print the JSON line."""
    random.seed(7)
    with tempfile.TemporaryDirectory() as temporary, contextlib.ExitStack() as running:
        browsers = {}
        for size in SIZES:
            workshop = Workshop(Path(temporary) / str(size))
            fill(workshop, size)
            browsers[size] = Browser(running.enter_context(workshop.hub("web")).port)
            print(f"{size:7} sign-in {browsers[size].sign_in(EMAIL, PASSWORD) * 1000:5.0f} ms", flush=True)
        seconds = look(browsers)
    few, many = SIZES
    growths, p95s = [], []
    for kind in pages(few):
        for size in SIZES:
            ranked = sorted(seconds[kind, size])
            median, p95 = statistics.median(ranked), ranked[int(len(ranked) * 0.95)]
            print(f"{size:7} {kind:8} median {median * 1000:6.1f} ms   p95 {p95 * 1000:6.1f} ms", flush=True)
        growths.append(statistics.median(seconds[kind, many]) / statistics.median(seconds[kind, few]))
        p95s.append(p95)
    report({"growth": round(max(growths), 2), "p95_ms": round(max(p95s) * 1000, 1)}, GOALS)


if __name__ == "__main__":
    main()
