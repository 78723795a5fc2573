"""The engine on PostgreSQL: Procrastinate, with what it leaves to its users."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from procrastinate import App, JobContext, PsycopgConnector, SyncPsycopgConnector
from procrastinate.jobs import Job as QueueJob
from procrastinate.manager import JobManager
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hub.core.database import Database, before_commit
from hub.core.jobs.engine import Engine
from hub.core.jobs.models import WAITING, JobRow
from hub.core.jobs.queue import NOTIFY, QUEUE, TASK, Manager, QueueHold, driver, promise_of, queue_job
from hub.core.jobs.schema import prepare
from hub.core.jobs.values import LeaseLost, Promise

log = logging.getLogger(__name__)
POLL = 0.5
TICK = 0.2
BATCH = 200
# Advisory locks in one order: transactions that promise the same keys cannot deadlock.
LOCK = text("SELECT pg_advisory_xact_lock(fold) FROM unnest(CAST(:folds AS bigint[])) AS fold")
# A waiting twin is held until our commit, or a worker takes it and misses what we are about to commit.
TWINS = text(
    "SELECT id, queueing_lock FROM procrastinate_jobs WHERE status = 'todo'"
    " AND queueing_lock = ANY(:folds) FOR UPDATE"
)


class DistributedEngine(Engine):
    """Promises become Procrastinate's jobs; what must wait for its time waits in our table."""

    name = "procrastinate"

    def __init__(self, database: Database, lease: dt.timedelta) -> None:
        """See ``Engine``."""
        super().__init__(database, lease)
        self._defer = JobManager(SyncPsycopgConnector()).batch_defer_jobs

    def prepare(self) -> None:
        """Make or upgrade Procrastinate's tables."""
        with self.database.transaction() as session:
            prepare(session.connection())

    def write(self, session: Session, promises: list[Promise]) -> None:
        """Lock the folds in one order, then enqueue what does not wait yet."""
        folds = {int(p.fold[:15], 16) ^ p.slot for p in promises}
        session.execute(LOCK, {"folds": sorted(folds)})
        if later := [p for p in promises if p.due_at is not None]:
            rows = insert(JobRow).values(
                [
                    {
                        "name": p.name,
                        "key": p.key,
                        "args": p.args,
                        "state": "waiting",
                        "fold": p.fold,
                        "slot": p.slot,
                        "due_at": p.due_at,
                        "attempts": 0,
                    }
                    for p in {(p.fold, p.slot): p for p in later}.values()
                ]
            )
            # Not "nothing": the update holds the twin until our commit.
            session.execute(
                rows.on_conflict_do_update(
                    index_elements=["fold", "slot"],
                    index_where=text("state = 'waiting'"),
                    set_={"due_at": rows.excluded.due_at},
                )
            )
        self._enqueue(session, [p for p in promises if p.due_at is None])

    def _enqueue(self, session: Session, promises: list[Promise]) -> None:
        wanted: dict[str, Promise] = {}
        for promise in promises:
            wanted.setdefault(promise.fold, promise)
        if not wanted:
            return
        for id, fold in session.execute(TWINS, {"folds": list(wanted)}).all():
            del wanted[fold]
            # A worker that skipped the twin while we held it must look again.
            driver(session).execute(NOTIFY + "id = %(id)s", {"id": id})
        if wanted:
            self._defer([queue_job(p) for p in wanted.values()], connection=driver(session))

    def waiting_count(self) -> int:
        """How many jobs wait, for their time or for a worker."""
        queued = text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
        with self.database.reading() as session:
            later = session.scalar(select(func.count()).select_from(JobRow).where(WAITING)) or 0
            return later + (session.scalar(queued) or 0)

    def is_pending(self, name: str, key: str) -> bool:
        """Whether a job of this name and key waits or runs, in the queue or for its time."""
        queued = text(
            "SELECT 1 FROM procrastinate_jobs WHERE lock = :key AND status IN ('todo', 'doing')"
            " AND args ->> 'name' = :name LIMIT 1"
        )
        with self.database.reading() as session:
            found = session.execute(queued, {"key": key, "name": name}).first()
        return found is not None or super().is_pending(name, key)

    def run(self, n: int, stop: threading.Event) -> None:
        """Run up to ``n`` jobs at a time; returns when stopped and the running ones are done."""
        self.register_crons()
        while not stop.is_set():
            try:
                asyncio.run(self._work(n, stop))
            except Exception:
                # A worker thought dead, or without its database, starts anew under another number.
                log.exception("the worker failed")
                stop.wait(1)

    async def _work(self, n: int, stop: threading.Event) -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(n + 1, "job"))
        connector = PsycopgConnector(conninfo=_conninfo(self.database), min_size=1, max_size=4)
        app = App(connector=connector)
        app.job_manager = manager = Manager(connector)
        app.task(name=TASK, pass_context=True)(self._perform)
        lease = self.lease.total_seconds()
        async with app.open_async():
            worker = asyncio.create_task(
                app.run_worker_async(
                    queues=[QUEUE],
                    concurrency=n,
                    install_signal_handlers=False,
                    delete_jobs="successful",
                    fetch_job_polling_interval=POLL,
                    abort_job_polling_interval=3600,
                    update_heartbeat_interval=lease / 4,
                    stalled_worker_timeout=lease,
                )
            )
            chores = asyncio.create_task(self._do_chores(manager, stop))
            await asyncio.wait({worker, chores}, return_when=asyncio.FIRST_COMPLETED)
            worker.cancel()
            chores.cancel()
            results = await asyncio.gather(worker, chores, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    def _perform(self, context: JobContext, /, **_values: Any) -> None:
        promise = promise_of(context.job)
        self.perform(promise, promise.attempts + context.job.attempts + 1, QueueHold(self, context.job))

    async def _do_chores(self, manager: Manager, stop: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        lease = self.lease.total_seconds()
        recover_at = loop.time()
        while not stop.is_set():
            try:
                stalled: list[QueueJob] = []
                if loop.time() >= recover_at:
                    recover_at = loop.time() + lease / 4
                    stalled, manager.adrift = manager.adrift, []
                    stalled += await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=lease)
                await asyncio.to_thread(self._chores, stalled)
            except Exception:
                log.exception("job chores failed")
            await asyncio.sleep(TICK)

    def _chores(self, stalled: list[QueueJob]) -> None:
        for job in stalled:
            hold = QueueHold(self, job)
            try:
                with self.database.transaction() as session:
                    hold.check(session)
                    hold.free(session)
            except LeaseLost:
                log.info("job %s was freed by another worker", job.id)
        self.promise_crons()
        self._release_due()

    def _release_due(self) -> None:
        """Put what has waited for its time into the queue."""
        due = select(JobRow).where(WAITING, JobRow.due_at <= self.database.now())
        with self.database.reading() as session:
            rows = list(session.scalars(due.order_by(JobRow.due_at, JobRow.id).limit(BATCH)))
        if not rows:
            return
        with self.database.transaction() as session:
            # The same order as in write(): first the folds, then the rows.
            session.execute(LOCK, {"folds": sorted({int(row.fold[:15], 16) for row in rows})})
            taken = delete(JobRow).where(WAITING, JobRow.id.in_([row.id for row in rows]))
            mine = set(session.scalars(taken.returning(JobRow.id)).all())
            for row in rows:
                if row.id in mine:
                    promise = Promise(row.name, row.key, row.args, attempts=row.attempts)
                    before_commit(session, self.write, promise)


def _conninfo(database: Database) -> str:
    return database.url.set(drivername="postgresql").render_as_string(hide_password=False)
