"""Tells stories as rows, batch by batch: here, or in a process of its own while this one writes."""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from random import Random

from hub.demo.desk import Desk
from hub.demo.replica import Replica
from hub.demo.rows import Rows
from hub.demo.script import stories

# Requests a transaction: with fewer, each page of the indexes is written more often than filled.
BATCH = 1000


@dataclass(frozen=True)
class Order:
    """What is to be told, and from where on. Numbers and loads are those before the next story."""

    desk: Desk
    size: int
    seed: int
    until: int
    sqlite: bool
    last: dict[str, int]
    ref: int
    loads: dict[int, float]
    done: int = 0
    live: int | None = None
    batch: int = BATCH


@dataclass(frozen=True)
class Batch:
    """Some stories as rows, good only where ``order`` is still right about the numbers."""

    order: Order
    count: int
    rows: Rows
    loads: dict[int, float]

    def next(self) -> Order:
        """What is to be told after this."""
        order = self.order
        return replace(
            order,
            last=self.rows.last,
            ref=order.ref + self.count,
            loads=self.loads,
            done=order.done + self.count,
        )


def tell(order: Order) -> Iterator[Batch]:
    """Tell everything that is left."""
    askers = order.desk.cast.askers
    told = islice(stories(askers, order.size, order.seed, order.until, order.live), order.done, None)
    while part := list(islice(told, order.batch)):
        rows = Rows(order.last, Random(f"{order.seed}-{order.done}"), sqlite=order.sqlite)
        loads = dict(order.loads)
        for number, story in enumerate(part, start=order.ref):
            Replica(order.desk, loads, rows, story, f"{order.desk.settings.prefix}-{number}").play()
        batch = Batch(order, len(part), rows, loads)
        order = batch.next()
        yield batch


def tell_apart(order: Order) -> Iterator[Batch]:
    """Tell everything that is left in a process of its own."""
    command = [sys.executable, "-c", "from hub.demo.telling import main; main()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            pickle.dump(order, process.stdin)
            process.stdin.close()
            while order.done < order.size:
                count, rows, loads = pickle.load(process.stdout)
                batch = Batch(order, count, rows, loads)
                order = batch.next()
                yield batch
        finally:
            process.kill()


def main() -> None:
    """The process of its own: an order comes in, batches go out."""
    gc.disable()  # the many tuples hold no cycles, and looking for some takes a tenth of the time
    order: Order = pickle.load(sys.stdin.buffer)
    for batch in tell(order):
        pickle.dump((batch.count, batch.rows, batch.loads), sys.stdout.buffer, protocol=5)
        sys.stdout.buffer.flush()
