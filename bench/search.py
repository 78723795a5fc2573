"""A word among 100,000 requests, English or two Chinese characters, on both databases.

Asked is the page as a browser asks for it: the newest 20 of what holds the word, and how many there are,
which is said as 1000+ beyond that. Some words are rare and some in every second request. Each page is held
against what the corpus says it must show. The rival in the same run is what a database does without an
index of words: the newest 20 by LIKE, and their count as far as 1001.
"""

from __future__ import annotations

import contextlib
import os
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from browser import Browser
from corpus import item
from report import report
from servers import EMAIL, PASSWORD, Workshop
from sqlalchemy import func, insert, select

from hub.core.database import Database
from hub.core.search import SearchDocument
from hub.core.work.findable import catch_up
from hub.core.work.models import ServiceRequest

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.conftest import PostgresServer

SIZE, BATCH, ROUNDS, WARM_UP, SHOWN, COUNTED = 100_000, 2_000, 12, 2, 20, 1000
POSTGRES = 16
WORDS = (
    "quotation",
    "发票",
    "printer",
    "办法",
    "同事",
    "tell us",
    "case 4711",
    "monitor missing",
    "router 发票",
)
GOALS = {"p95_ms": (80, False), "found": (1, True), "scan_ratio": (3, True)}


def tell(progress: str) -> None:
    """Say how far it has come, beside what is measured."""
    print(progress, file=sys.stderr, flush=True)


def fill(database: Database) -> None:
    """Write the corpus as rows, and let the search read them as after an import."""
    now = database.now()
    for start in range(0, SIZE, BATCH):
        rows = [
            {
                "ref": f"SR-{number + 1}", "title": one.title, "body": one.body, "created_at": now,
                "updated_at": now, "stage_since": now, "priority": 3,
            }
            for number in range(start, min(start + BATCH, SIZE))
            if (one := item(number))
        ]  # fmt: skip
        with database.transaction() as session:
            session.execute(insert(ServiceRequest), rows)
    tell("the rows are written")
    catch_up(database)


def expected() -> dict[str, list[str]]:
    """What each query must find, newest first: every word of it, an English one where a word begins."""
    words = {
        query: [re.compile(rf"\b{word}" if word.isascii() else word) for word in query.split()]
        for query in WORDS
    }
    found: dict[str, list[str]] = {query: [] for query in WORDS}
    for number in reversed(range(SIZE)):
        one = item(number)
        # A request is found by its number as well.
        text = f"SR-{number + 1} {one.title} {one.body}".lower()
        for query, patterns in words.items():
            if all(pattern.search(text) for pattern in patterns):
                found[query].append(f"SR-{number + 1}")
    return found


def ask(browser: Browser, wanted: dict[str, list[str]]) -> tuple[dict[str, list[float]], int]:
    """Seconds of each query, and how many queries were answered wrongly."""
    seconds: dict[str, list[float]] = defaultdict(list)
    wrong = set()
    for number in range(-WARM_UP, ROUNDS):
        for query, refs in wanted.items():
            took, page = browser.get(f"/search/?q={quote(query)}")
            if number >= 0:
                seconds[query].append(took)
            shown = list(dict.fromkeys(re.findall(r"/requests/(SR-\d+)", page)))
            told = f"{COUNTED}+" if len(refs) > COUNTED else str(len(refs))
            if shown != refs[:SHOWN] or told not in page.replace(",", ""):
                wrong.add(query)
    for query in wrong:
        print(f"wrong: {query}", flush=True)
    return seconds, len(wrong)


def scan(database: Database) -> list[float]:
    """The rival's seconds, for each query."""
    seconds = []
    for query in WORDS:
        fits = [SearchDocument.folded.contains(word) for word in query.split()]
        chosen = select(ServiceRequest.id).join(
            SearchDocument, SearchDocument.request_id == ServiceRequest.id
        )
        chosen = chosen.where(*fits)
        start = time.perf_counter()
        with database.reading() as session:
            session.scalars(chosen.order_by(ServiceRequest.id.desc()).limit(SHOWN)).all()
            session.scalar(select(func.count()).select_from(chosen.limit(COUNTED + 1).subquery()))
        seconds.append(time.perf_counter() - start)
    return seconds


@contextlib.contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Configurations for SQLite and for a PostgreSQL of this run."""
    server = PostgresServer(POSTGRES)
    try:
        url = server.url(server.make("template0"))
        yield {"sqlite": "", "postgresql": f'[database]\nurl = "{url}"\n'}
    finally:
        server.stop()


def main() -> None:
    """Measure, and print the JSON line."""
    wanted = expected()
    p95s, ratios, wrong = {}, {}, 0
    with tempfile.TemporaryDirectory() as temporary, databases() as configurations:
        for name, config in configurations.items():
            workshop = Workshop(Path(temporary) / name, config)
            workshop.settle()
            tell(f"{name}: load {os.getloadavg()[0]:.1f}")
            start = time.perf_counter()
            with workshop.core() as hub:
                fill(hub.core.database)
                print(f"{name}: {SIZE} requests in {time.perf_counter() - start:.0f} s", flush=True)
                scanned = scan(hub.core.database)
            with workshop.hub("web") as server:
                browser = Browser(server.port)
                browser.sign_in(EMAIL, PASSWORD)
                seconds, failed = ask(browser, wanted)
            wrong += failed
            medians = [statistics.median(seconds[query]) for query in WORDS]
            for query, median, rival in zip(WORDS, medians, scanned, strict=True):
                print(f"{name:10} {query:16} {len(wanted[query]):6} found   median {median * 1000:7.1f} ms"
                      f"   by LIKE {rival * 1000:7.1f} ms", flush=True)  # fmt: skip
            ranked = sorted(took for some in seconds.values() for took in some)
            p95s[name] = ranked[int(len(ranked) * 0.95)] * 1000
            ratios[name] = statistics.mean(scanned) / statistics.mean(medians)
    values = {
        "p95_ms": round(max(p95s.values()), 1),
        "found": int(wrong == 0),
        "scan_ratio": round(min(ratios.values()), 2),
        **{f"p95_ms_{name}": round(value, 1) for name, value in p95s.items()},
    }
    report(values, GOALS)


if __name__ == "__main__":
    main()
