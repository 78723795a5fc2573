"""A thousand links with one change each: how much does the engine add to the calls it has to make?

The tracker answers after 30 ms. The engine reads, writes and reads back, sixteen links at a time, on
real tables and the real queue; the rival in the same run makes the same three calls a link and does
nothing else. Then: what 20,000 links cost in memory, how soon a change here reaches the tracker, and
how many rounds 10,000 hints on a hundred links become.
"""

from __future__ import annotations

import datetime as dt
import gc
import logging
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import psutil
from report import report
from sqlalchemy import insert, select

from hub.core.connections.guarded import LONGEST_S, Guarded
from hub.core.connections.models import Connection
from hub.core.database import Database
from hub.core.directory.models import Person
from hub.core.execute import sync
from hub.core.execute.models import Link, LinkField
from hub.core.execute.settings import SyncSettings
from hub.core.files import FileStore
from hub.core.jobs import Jobs
from hub.core.migrations import upgrade
from hub.core.registry.calls import Caller
from hub.core.values import LOOK, SYSTEM, FarItem
from hub.core.work.models import ServiceRequest, Task
from hub.core.work.tasks import edit_task

LINKS, MANY, AT_ONCE, ANSWER_S = 1_000, 20_000, 16, 0.030
HINTS, HINTED, CHANGES = 10_000, 100, 20
STATES = {
    "open": ["todo"],
    "doing": ["doing"],
    "waiting": ["blocked"],
    "done": ["done"],
    "dropped": ["cancelled"],
}
BEGUN = {"title": "Printer", "body": "It burns.", "status": "todo", "assignee": None}
GOALS = {
    "ratio": (0.3, True),
    "rounds_per_s": (40, True),
    "extra_mb": (30, False),
    "p50_ms": (400, False),
    "rounds_per_link": (3, False),
}


class SlowTracker:
    """Answers every call after 30 ms; keeps only what was changed, so that its memory is not the hub's."""

    capabilities = frozenset()
    find_lag = dt.timedelta(0)

    def __init__(self) -> None:
        self.changes: dict[str, dict] = {}
        self.written: dict[str, float] = {}
        self.feed: list[str] = []

    def fetch(self, ref: str) -> FarItem:
        time.sleep(ANSWER_S)
        fields = {**BEGUN, "labels": frozenset(), **self.changes.get(ref, {})}
        return FarItem(ref, "", fields, "1")

    def changed_since(self, cursor: str | None) -> tuple[list[str], str]:
        time.sleep(ANSWER_S)
        return self.feed, "1"

    def update(self, ref: str, changes: dict) -> None:
        time.sleep(ANSWER_S)
        self.changes.setdefault(ref, {}).update(changes)
        self.written[ref] = time.perf_counter()


class Desk:
    """A hub's core with many links to one slow tracker, and workers that run their rounds."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(f"sqlite:///{folder / 'bench.sqlite'}")
        self.jobs = Jobs(self.database)
        upgrade(self.database, self.jobs)
        self.far = SlowTracker()
        settings = SyncSettings(status_map=STATES)
        # As the hub's own opener gives it: each call on a thread of its own, each answer looked at.
        guarded = Guarded(self.far, "slow", Caller(LONGEST_S, at_once=1000, most_late=2))
        opened = SimpleNamespace(kind="slow", settings=settings, object=guarded)
        self.opener = SimpleNamespace(by_id=lambda _id: opened, tracker=lambda _id: opened.object)
        self.done = 0
        files = FileStore((folder / "files").as_uri())

        @self.jobs.handler(sync.ROUND)
        def round_(job) -> None:
            # As the hub's own worker does it.
            make_store = sync.ending(job.finish, files)
            sync.run_round(self.database, self.opener, job.args[0], make_store=make_store)
            self.done += 1

        @self.jobs.handler(LOOK)
        def look(job) -> None:
            with self.database.transaction() as session:
                tasks = session.scalars(select(Task.id).where(Task.request_id == job.args[0]))
                sync.promise_rounds(session, list(tasks))

        with self.database.transaction() as session:
            row = Connection(name="slow", family="tracker", kind="slow", slug="slow")
            row.settings = settings.model_dump(mode="json")
            session.add_all([row, Person(name="Wang", email="wang@hub.test")])
            session.flush()
            self.connection_id = row.id
        self.links: list[int] = []

    def fill(self, number: int) -> None:
        """Settled links, a request with a task each: rows alone, which leaves nothing in memory."""
        now = self.database.now()
        here = {**BEGUN, "status": "open", "labels": {"set": []}}
        there = {**BEGUN, "labels": {"set": []}}
        for start in range(len(self.links), number, 500):
            ids = range(start + 1, min(start + 500, number) + 1)
            times = {"created_at": now, "updated_at": now}
            with self.database.transaction() as session:
                session.execute(
                    insert(ServiceRequest),
                    [
                        {
                            **{"id": n, "ref": f"SR-{n}", "title": "Printer", "body": "It burns."},
                            **{"stage": "execute", "stage_since": now, **times},
                        }
                        for n in ids
                    ],
                )
                session.execute(
                    insert(Task),
                    [
                        {
                            **{"id": n, "ref": f"SR-{n}-1", "request_id": n, "position": 1, **times},
                            **{"title": BEGUN["title"], "body": BEGUN["body"]},
                        }
                        for n in ids
                    ],
                )
                session.execute(
                    insert(Link),
                    [
                        {
                            **{"id": n, "task_id": n, "connection_id": self.connection_id},
                            **{"ref": f"S-{n}", "state": "settled", "created_at": now, "looked_at": now},
                        }
                        for n in ids
                    ],
                )
                session.execute(
                    insert(LinkField),
                    [
                        {"link_id": n, "field": name, "base": {"here": here[name], "there": there[name]}}
                        for n in ids
                        for name in here
                    ],
                )
            self.links += ids

    def edit(self, number: int, title: str) -> None:
        """A person changes the title of a linked task."""
        with self.database.transaction() as session:
            task = session.get_one(Link, self.links[number]).task
            edit_task(session, self.database.now(), SYSTEM, task, title=title)

    def work(self, until) -> float:
        """Run workers until this holds; gives the seconds."""
        stop = threading.Event()
        crew = threading.Thread(target=self.jobs.run_workers, args=(AT_ONCE, stop))
        start = time.perf_counter()
        crew.start()
        while not until():
            time.sleep(0.01)
        took = time.perf_counter() - start
        stop.set()
        crew.join()
        return took

    def settle(self) -> None:
        """Work off what is promised."""
        self.work(lambda: self.jobs.waiting_count() == 0)


def rival(far: SlowTracker, refs: list[str]) -> float:
    """The same three calls a link, sixteen at a time, and nothing else."""

    def three(ref: str) -> None:
        far.fetch(ref)
        far.update(ref, {"title": "Rival"})
        far.fetch(ref)

    start = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(three, refs))
    return time.perf_counter() - start


def burst(desk: Desk) -> tuple[float, float, float]:
    """Seconds of the engine and of its rival for a change in each of a thousand links; the engine's CPU."""
    theirs = rival(desk.far, [f"S-{number + 1}" for number in range(LINKS)])
    for number in range(LINKS):
        desk.edit(number, f"Changed {number}")
    desk.far.changes.clear()
    desk.far.written.clear()
    spent = time.process_time()
    ours = desk.work(lambda: len(desk.far.written) == LINKS and desk.jobs.waiting_count() == 0)
    spent = time.process_time() - spent
    assert all(desk.far.changes[f"S-{n + 1}"]["title"] == f"Changed {n}" for n in range(LINKS))
    return ours, theirs, spent


def latency(desk: Desk) -> float:
    """Milliseconds from a committed change to the tracker's having it, the median of some."""
    took = []
    stop = threading.Event()
    crew = threading.Thread(target=desk.jobs.run_workers, args=(AT_ONCE, stop))
    crew.start()
    for number in range(CHANGES):
        ref = f"S-{number + 1}"
        desk.far.written.pop(ref, None)
        desk.edit(number, f"Soon {number}")
        start = time.perf_counter()
        while ref not in desk.far.written:
            time.sleep(0.002)
        took.append(desk.far.written[ref] - start)
    stop.set()
    crew.join()
    desk.settle()
    return statistics.median(took) * 1000


def hints(desk: Desk) -> float:
    """Rounds for each of a hundred links that ten thousand hints become while they are worked on."""
    desk.done = 0

    def hint() -> None:
        for number in range(0, HINTS, 100):
            with desk.database.transaction() as session:
                for one in range(number, number + 100):
                    sync.promise_round(session, desk.links[one % HINTED])

    sender = threading.Thread(target=hint)
    sender.start()
    desk.work(lambda: not sender.is_alive() and desk.jobs.waiting_count() == 0)
    return desk.done / HINTED


def sweep(desk: Desk) -> float:
    """Let the feed name a thousand links spread over all there are; gives the memory in use after, MB."""
    desk.far.feed = [f"S-{number + 1}" for number in range(0, len(desk.links), len(desk.links) // LINKS)]
    sync.sweep(desk.database, desk.opener, desk.connection_id)
    desk.settle()
    gc.collect()
    return psutil.Process().memory_info().rss / 2**20


def main() -> None:
    """Measure, and print the JSON line."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as temporary:
        desk = Desk(Path(temporary))
        desk.fill(LINKS)
        ours, theirs, spent = burst(desk)
        p50 = latency(desk)
        per_link = hints(desk)
        before = sweep(desk)
        desk.fill(MANY)
        extra = sweep(desk) - before
        desk.database.close()
    report(
        {
            "ratio": theirs / ours,
            "rounds_per_s": LINKS / ours,
            "extra_mb": max(extra, 0.0),
            "p50_ms": p50,
            "rounds_per_link": per_link,
            "cpu_ms_per_round": spent / LINKS * 1000,
        },
        GOALS,
    )


if __name__ == "__main__":
    main()
