"""The workers know every job that is promised anywhere, and the regular ones come by themselves."""

from __future__ import annotations

import ast
import threading
from pathlib import Path

from hub import worker
from hub.core.connections import collecting
from hub.core.connections.letterbox import READ
from hub.core.execute import catalogue, importing, sync, trials
from hub.core.history import HistorySeal
from hub.core.jobs.models import JobSchedule
from hub.core.notices import telling
from hub.core.values import LOOK
from hub.core.work import findable
from hub.core.workflow import chores
from hub.web import improve
from tests.core.conftest import Desk, core, desk  # noqa: F401 - fixtures
from tests.jobs.conftest import wait_until

HUB = Path(__file__).parents[1] / "hub"


def promised() -> set[str]:
    """What stands in the place of the name wherever something is promised."""
    return {
        ast.unparse(node.args[1])
        for path in HUB.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).split(".")[-1] == "promise"
        and len(node.args) > 2
    }


def test_every_promised_job_has_a_handler(desk: Desk) -> None:  # noqa: F811
    worker.register(desk.core)
    handlers = set(desk.core.jobs._engine.handlers)
    names = {
        "LOOK": LOOK,
        "READ": READ,
        "ROUND": sync.ROUND,
        "DRAIN": sync.DRAIN,
        "CHECK": chores.CHECK,
        "SEND": telling.SEND,
        "COLLECT": collecting.COLLECT,
        "CATCH_UP": findable.CATCH_UP,
        "IMPORT": importing.IMPORT,
        "READ_CATALOGUE": catalogue.READ_CATALOGUE,
        "TRY": trials.TRY,
        "TRY_ROOM": chores.TRY_ROOM,
    }
    # A page that starts a regular job by hand has its name in a variable, from this list.
    assert promised() - {"name"} <= set(names)
    assert {*names.values(), *improve.JOBS.values()} <= handlers
    assert set(desk.core.jobs._engine.crons) <= handlers


def test_a_request_goes_its_way_and_is_sealed_with_nobody_calling(desk: Desk) -> None:  # noqa: F811
    worker.register(desk.core)
    stop = threading.Event()
    thread = threading.Thread(target=desk.core.jobs.run_workers, args=(2, stop))
    thread.start()
    try:
        request_id = desk.open()
        wait_until(lambda: desk.request(request_id).stage == "execute")
        desk.clock.advance(hours=1)
        wait_until(lambda: desk.count(HistorySeal))
    finally:
        stop.set()
        thread.join()
    assert desk.core.jobs.dead_letters() == []
    with desk.database.reading() as session:
        names = {row.name for row in session.query(JobSchedule)}
    assert names == {
        "sweep",
        "note_overdue",
        "forget_attempts",
        "forget_runs",
        "forget_bulk_edits",
        "raise_unseen",
        "make_digests",
        "catch_up_search",
        "collect_due",
        "look_at_waiting",
        "send_waiting",
        "find_improvements",
        "judge_plans",
        "seal_history",
    }
