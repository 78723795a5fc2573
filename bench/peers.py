"""The same work on the hub and on rivals: Roundup, django-helpdesk, and Redmine where Debian's packages are.

Each holds the same 10,000 requests, written by its own means, one in a hundred with the same six comments;
they are written side by side, before anybody is measured. Then one person looks at the list, at requests,
and searches an English and a Chinese word, and eight clients create more by the API. Who is asked takes
turns, so that what else happens here hits all. A create counts when the request stands in the database; the
ratios are those of the best rival. A list is compared with a list; ``board_ratio`` is the same rival list by
the hub's board, which none of them has: up to 150 cards of all stages, and how many there are of each.

The request that is looked at is one that was talked about: of one without a word (``bare``, shown beside
it) a page is little but its frame, and the hub's frame carries more: stages, needs, goals, open points.

The hub is started by ``hub run``, Roundup by its own ``roundup-server``, Redmine behind puma, which is what
its ``rails server`` runs. django-helpdesk brings no server; it stands behind waitress with as many threads as
the hub has: that is our choice, not its guide's. The goals are ratios to the best of these.
``tuned_…_ratio`` is the ratio to the best where Roundup, too, stands behind waitress with its tracker kept
open (``roundup@waitress``): the most that could be got out of it. Beside the time that passed stands the
processor time of the server: it is the same on a busy machine.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from corpus import TALKED_ABOUT, WORDS, having
from report import report
from rivals import Missing, Rival
from rivals.helpdesk import Helpdesk
from rivals.ours import Ours
from rivals.redmine import Redmine
from rivals.roundup import Roundup, TunedRoundup
from servers import Server, serve

SIZE, CREATES, CLIENTS, LOOKS, WARM_UP = 10_000, 400, 8, 40, 5
# Who is slow is looked at less often, and has created less, so that the whole ends: seconds.
LOOKING, LEAST_LOOKS, CREATING = 90, 12, 15
# The first number of what is created: behind all that is there already.
FIRST = 1_000_000
PATIENCE = 20
# Filled side by side; who stands behind another in a row is made of that one.
ROWS: tuple[tuple[type[Rival], ...], ...] = ((Ours,), (Roundup, TunedRoundup), (Helpdesk,), (Redmine,))
# What is looked at, and by which of a rival's pages where that has another name.
KINDS = {"list": 8, "board": 6, "item": 6, "bare": 6, "en": 6, "zh": 6}
PAGES = {"en": "search", "zh": "search", "bare": "item"}
GOALS = {
    "create_ratio": (3, True),
    "list_ratio": (3, True),
    "item_ratio": (3, True),
    "search_ratio": (3, True),
    "zh_found": (1, True),
    "lost": (0, False),
    "rss_mb": (150, False),
}


@dataclass
class Result:
    """What was seen of one peer."""

    start_s: float = 0.0
    create_s: float = 0.0  # creates a second
    lost: int = 0
    rss_mb: float = 0.0
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    found: dict[str, bool] = field(default_factory=dict)

    def median(self, kind: str) -> float:
        """Median seconds of one kind of page."""
        return statistics.median(self.seconds[kind])

    def mean_cpu(self, kind: str) -> float:
        """Mean seconds of processor time of one kind; a single look is below the clock's tick."""
        return statistics.mean(self.cpu[kind])


def create(peer: Rival) -> tuple[int, float, int]:
    """How many were created, how many a second, and how many that were said to be made are not there."""
    said: list[int] = []

    def send(client: int) -> None:
        sender = peer.sender()
        for number in range(FIRST + client, FIRST + CREATES, CLIENTS):
            if time.perf_counter() - start > CREATING:
                return
            with contextlib.suppress(Exception):  # who refuses has not lost it
                peer.create(sender, number)
                said.append(number)

    before = len(peer.titles())
    threads = [threading.Thread(target=send, args=(client,)) for client in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made, end = len(peer.titles()) - before, time.perf_counter()
    while made < len(said) and time.perf_counter() - end < PATIENCE:
        time.sleep(0.05)
        if (now := len(peer.titles()) - before) > made:
            made, end = now, time.perf_counter()
    return made, made / (end - start), len(said) - made


def look(peers: dict[Rival, Result], servers: dict[Rival, Server]) -> None:
    """Everybody's pages in turn, each time another item."""
    visitors = {peer: peer.sign_in() for peer in peers}
    start = time.perf_counter()
    for number in range(-WARM_UP, LOOKS):
        if number >= LEAST_LOOKS and time.perf_counter() - start > LOOKING:
            return
        if number % 10 == 0:
            tell(f"looked {number} of {LOOKS} times, {time.perf_counter() - start:.0f} s")
        for peer, result in peers.items():
            place = number * TALKED_ABOUT % SIZE + 1
            kinds = {
                "list": "",
                "item": str(place),
                "bare": str(place + TALKED_ABOUT // 2),
                "en": WORDS["en"][0],
                "zh": WORDS["zh"][0],
            }
            if isinstance(peer, Ours):
                kinds["board"] = ""
            for kind, what in kinds.items():
                before = processor(servers[peer])
                took, page = peer.look(visitors[peer], PAGES.get(kind, kind), what)
                if number >= 0:
                    result.seconds[kind].append(took)
                    result.cpu[kind].append(processor(servers[peer]) - before)
                if kind in WORDS:
                    # Not all fit on a page; none of them may be on it by chance.
                    result.found[kind] = any(one.title in page for one in having(kind, SIZE))


def tell(progress: str) -> None:
    """Say how far it has come, beside what is measured."""
    print(progress, file=sys.stderr, flush=True)


def memory(server: Server) -> float:
    """Resident megabytes of a server and what it started."""
    return sum(one.memory_info().rss for one in processes(server)) / 1e6


def processor(server: Server) -> float:
    """Seconds of processor time that a server and what it started have used."""
    # Its own, and that of its children that have ended.
    return sum(sum(one.cpu_times()[:4]) for one in processes(server))


def processes(server: Server) -> list[psutil.Process]:
    """A server and what it started."""
    process = psutil.Process(server.process.pid)
    return [process, *process.children(recursive=True)]


def prepare(row: list[Rival]) -> list[Rival]:
    """Let each of a row write its requests; gives those that are here."""
    here = []
    for peer in row:
        began = time.perf_counter()
        try:
            peer.prepare(SIZE)
        except Missing as missing:
            tell(f"{peer.name}: not measured: {missing}")
            continue
        tell(f"{peer.name}: {SIZE} requests written in {time.perf_counter() - began:.0f} s")
        here.append(peer)
    return here


def measure(folder: Path) -> dict[Rival, Result]:
    """Prepare, start, ask and stop everybody who is here."""
    with contextlib.ExitStack() as running:
        servers: dict[Rival, Server] = {}
        rows = [[kind(folder) for kind in row] for row in ROWS]
        for row in rows:
            for peer in row:
                running.callback(peer.close)
        with ThreadPoolExecutor(len(rows)) as pool:
            peers = {peer: Result() for here in pool.map(prepare, rows) for peer in here}
        for peer, result in peers.items():
            began = time.perf_counter()
            environ = {**os.environ, **peer.environ()}
            log = peer.folder / "said.log"
            servers[peer] = running.enter_context(serve(peer.command(), peer.port, log, environ))
            result.start_s = time.perf_counter() - began
        look(peers, servers)
        for peer, result in peers.items():
            tell(f"{peer.name} creates")
            before = processor(servers[peer])
            made, result.create_s, result.lost = create(peer)
            result.cpu["create"].append((processor(servers[peer]) - before) / max(made, 1))
            result.rss_mb = memory(servers[peer])
    return peers


def table(peers: dict[Rival, Result]) -> None:
    """What was seen, for the eye."""
    heads = " ".join(f"{kind:>{width}}" for kind, width in KINDS.items())
    print(f"{'':16} {'start s':>8} {'create/s':>9} {'lost':>5} {heads} {'found':>9} {'MB':>5}   (ms)")
    for peer, result in peers.items():
        times = [
            f"{result.median(kind) * 1000:{width}.1f}" if result.seconds[kind] else " " * width
            for kind, width in KINDS.items()
        ]
        found = ",".join(language for language, is_there in result.found.items() if is_there) or "neither"
        print(f"{peer.name:16} {result.start_s:8.1f} {result.create_s:9.1f} {result.lost:5} {' '.join(times)}"
              f" {found:>9} {result.rss_mb:5.0f}", flush=True)  # fmt: skip
    print(f"{'CPU ms':16} {'':8} {'create':>9} {'':5} {heads}")
    for peer, result in peers.items():
        times = [
            f"{result.mean_cpu(kind) * 1000:{width}.1f}" if result.cpu[kind] else " " * width
            for kind, width in KINDS.items()
        ]
        print(f"{peer.name:16} {'':8} {result.mean_cpu('create') * 1000:9.1f} {'':5} {' '.join(times)}",
              flush=True)  # fmt: skip


def ratios(ours: Result, rivals: Sequence[Result]) -> dict[str, float]:
    """How many times as fast the hub is as the best of these."""

    def best(kind: str) -> float:
        return min(result.median(kind) for result in rivals)

    # Who does not find the word has not done the same work, however fast.
    searches = [
        min(result.median(kind) for result in rivals if result.found[kind]) / ours.median(kind)
        for kind in WORDS
        if any(result.found[kind] for result in rivals)
    ]
    return {
        "create_ratio": round(ours.create_s / max(result.create_s for result in rivals), 2),
        "list_ratio": round(best("list") / ours.median("list"), 2),
        "board_ratio": round(best("list") / ours.median("board"), 2),
        "item_ratio": round(best("item") / ours.median("item"), 2),
        "search_ratio": round(min(searches), 2),
        "bare_ratio": round(best("bare") / ours.median("bare"), 2),
    }


def cpu_ratios(ours: Result, rivals: Sequence[Result]) -> dict[str, float]:
    """The same by processor time."""

    def best(kind: str) -> float:
        return min(result.mean_cpu(kind) for result in rivals)

    return {
        "tuned_create_cpu_ratio": round(best("create") / ours.mean_cpu("create"), 2),
        "tuned_list_cpu_ratio": round(best("list") / ours.mean_cpu("list"), 2),
        "tuned_board_cpu_ratio": round(best("list") / ours.mean_cpu("board"), 2),
        "tuned_item_cpu_ratio": round(best("item") / ours.mean_cpu("item"), 2),
    }


def main() -> None:
    """Measure, and print the JSON line."""
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as temporary:
        peers = measure(Path(temporary))
    table(peers)
    tell(f"the whole took {time.perf_counter() - began:.0f} s")
    ours = next(result for peer, result in peers.items() if isinstance(peer, Ours))
    rivals = {peer: result for peer, result in peers.items() if not isinstance(peer, Ours)}
    started = [result for peer, result in rivals.items() if peer.tunes is None]
    outdone = {peer.tunes for peer in rivals}
    tuned = [result for peer, result in rivals.items() if peer.name not in outdone]
    values = {
        **ratios(ours, started),
        "zh_found": int(ours.found["zh"] and ours.found["en"]),
        "lost": ours.lost,
        "rss_mb": round(ours.rss_mb, 1),
        **{f"tuned_{name}": value for name, value in ratios(ours, tuned).items()},
        **cpu_ratios(ours, tuned),
    }
    report(values, GOALS)


if __name__ == "__main__":
    main()
