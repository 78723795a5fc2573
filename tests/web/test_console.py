"""Operating a connection: its state, its links by state, dead letters, and trying again at once."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.connections import manage
from hub.core.connections.letterbox import READ, Letter, store
from hub.core.connections.models import CallLease, Connection, Delivery
from hub.core.execute import sync
from hub.core.execute.models import Conflict, Link
from hub.core.execute.sync.sweep import ILL, SWEPT
from hub.core.jobs.models import JobRow
from hub.core.values import SYSTEM
from hub.core.work.models import Task
from hub.core.workflow import chores

SignedIn = Callable[..., FlaskClient]
MINUTE = dt.timedelta(minutes=1)
SECRET = "whsec_" + "QUJD" * 10


@pytest.fixture
def board(hub: Hub) -> Connection:
    database = hub.core.database
    with database.transaction() as session:
        return manage.create(
            session, database.now(), SYSTEM, hub.core.registry, hub.keys, name="Board", kind="sandbox",
            settings={"base_url": "http://127.0.0.1:9/sandbox/", "budget_calls": 200},
            secrets={"hook_secret": SECRET},
        )  # fmt: skip


def page_of(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def change(hub: Hub, row: Connection, **values: object) -> None:
    with hub.core.database.transaction() as session:
        held = session.get_one(Connection, row.id)
        for name, value in values.items():
            setattr(held, name, value)


def again(hub: Hub, row: Connection) -> Connection:
    with hub.core.database.reading() as session:
        return session.get_one(Connection, row.id)


def linked(hub: Hub, row: Connection, open_request: Callable[..., str], states: list[str]) -> list[int]:
    """A request with one task and one link for each state."""
    ref = open_request("Printer jams", stage="execute", tasks=len(states))
    database, ids = hub.core.database, []
    with database.transaction() as session:
        tasks = session.scalars(select(Task).where(Task.ref.startswith(f"{ref}-")).order_by(Task.id)).all()
        for number, (task, state) in enumerate(zip(tasks, states, strict=True)):
            link = sync.link_task(
                session, database.now(), SYSTEM, task, session.get_one(Connection, row.id), f"X-{number}"
            )
            session.flush()
            link.state, link.reason = state, {"id": "sync_refused", "text": "no such field"}
            ids.append(link.id)
    return ids


def test_says_how_old_the_feed_is_what_may_be_called_and_whether_hooks_come(
    hub: Hub, board: Connection, signed_in: SignedIn
) -> None:
    browser, now = signed_in("manager"), hub.core.database.now()
    page = page_of(browser, f"/connections/{board.id}")
    assert "not read yet" in page
    assert "the hub has registered none" in page
    with hub.core.database.transaction() as session:
        session.add(CallLease(credential="x", calls=9, taken_at=now))
        budget = hub.core.opener.budget(board)
        assert budget is not None
        session.add(CallLease(credential=budget.credential, calls=7, taken_at=now - MINUTE / 2))
        session.add(CallLease(credential=budget.credential, calls=5, taken_at=now - 3 * MINUTE))
    change(hub, board, state={SWEPT: (now - 6 * MINUTE).isoformat()})
    page = page_of(browser, f"/connections/{board.id}/state")
    assert "193</span> of 200 in 60 s" in page
    assert "behind" in page
    change(hub, board, state={SWEPT: now.isoformat()})
    assert "behind" not in page_of(browser, f"/connections/{board.id}/state")


def test_the_sweep_notes_how_far_it_read(
    hub: Hub, board: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Far:
        capabilities: frozenset[str] = frozenset()

        def changed_since(self, _cursor: str | None) -> tuple[list[str], str]:
            return [], "7"

    monkeypatch.setattr(type(hub.core.opener), "tracker", lambda _self, _id: Far())
    sync.sweep(hub.core.database, hub.core.opener, board.id)
    assert dt.datetime.fromisoformat(again(hub, board).state[SWEPT]) == hub.core.database.now()


def test_a_rest_is_shown_with_its_beginning_and_ended_by_hand(
    hub: Hub, board: Connection, signed_in: SignedIn, open_request: Callable[..., str]
) -> None:
    now, database = hub.core.database.now(), hub.core.database
    (waiting, settled) = linked(hub, board, open_request, ["waiting", "settled"])
    with database.transaction() as session:
        session.query(JobRow).delete()
        for _ in range(manage.BREAKER_AFTER):
            manage.failed(session, now - 7 * MINUTE, board.id, "HTTP 503", rest_until=now + 20 * MINUTE)
        session.get_one(Link, waiting).due_at = now + 20 * MINUTE
        row = session.get_one(Connection, board.id)
        row.state = {ILL: {"times": 3, "until": (now + MINUTE).isoformat(), "version": row.version}}
    page = page_of(signed_in("manager", "Mia"), f"/connections/{board.id}")
    assert "5 times in a row" in page
    assert re.search(r"failing since 7 min\S* ago", page), page[page.index("failing") :][:80]
    assert "nothing is sent until" in page
    assert "Try now" not in page
    browser = signed_in("administrator")
    assert "Try now" in page_of(browser, f"/connections/{board.id}")
    assert browser.post(f"/connections/{board.id}/try").status_code == 303
    row = again(hub, board)
    assert row.breaker_until is not None
    assert row.breaker_until <= database.now()
    assert ILL not in row.state
    with database.reading() as session:
        jobs = {(job.name, job.key) for job in session.scalars(select(JobRow))}
        assert session.get_one(Link, waiting).due_at is None
    assert (chores.CHECK, f"connection:{board.id}") in jobs
    assert (sync.ROUND, f"link:{waiting}") in jobs
    assert (sync.ROUND, f"link:{settled}") not in jobs
    # Of all that come now, one is let through.
    assert manage.may_try(database, board.id)
    assert not manage.may_try(database, board.id)
    with database.transaction() as session:
        manage.worked(session, database.now(), board.id)
    row = again(hub, board)
    assert (row.failures, row.failing_since, row.breaker_until) == (0, None, None)


def test_only_who_may_edit_connections_ends_a_rest(hub: Hub, board: Connection, signed_in: SignedIn) -> None:
    assert signed_in("manager").post(f"/connections/{board.id}/try").status_code == 403


def test_each_number_of_links_opens_its_list_with_the_reasons(
    hub: Hub, board: Connection, signed_in: SignedIn, open_request: Callable[..., str]
) -> None:
    ids = linked(hub, board, open_request, ["settled", "refused", "refused", "conflict"])
    with hub.core.database.transaction() as session:
        session.add(
            Conflict(link_id=ids[3], field="title", kind="both", here="a", there="b", far_now="b",
                     opened_at=hub.core.database.now())
        )  # fmt: skip
    browser = signed_in("manager")
    page = page_of(browser, f"/connections/{board.id}")
    assert f"/connections/{board.id}/links?state=refused" in page
    assert "1 waits for a person" in page
    refused = page_of(browser, f"/connections/{board.id}/links?state=refused")
    assert refused.count("the tracker refuses it: no such field") == 2
    assert "X-1" not in page_of(browser, f"/connections/{board.id}/links?state=settled")
    everything = page_of(browser, f"/connections/{board.id}/links?state=nonsense")
    assert everything.count("/tasks/SR-") >= 4
    # The board counts them, too, and its number opens their list.
    assert '<a class="text-warn" href="/conflicts">1 conflict</a>' in page_of(browser, "/")


def test_the_board_says_nothing_where_nothing_is_in_conflict(signed_in: SignedIn) -> None:
    assert 'href="/conflicts"' not in page_of(signed_in("member"), "/")


def test_jobs_that_died_stand_with_their_connection_and_run_again(
    hub: Hub, board: Connection, signed_in: SignedIn, open_request: Callable[..., str]
) -> None:
    (link,) = linked(hub, board, open_request, ["waiting"])
    now = hub.core.database.now()
    with hub.core.database.transaction() as session:
        session.query(JobRow).delete()
        for name, key, args in (
            ("round", f"link:{link}", [link]), ("read_deliveries", f"connection:{board.id}", [board.id]),
            ("round", "link:999", [999]), ("look", f"request:{board.id}", [1]),
        ):  # fmt: skip
            session.add(
                JobRow(name=name, key=key, args=json.dumps(args), fold=f"{name} {key}"[:32], slot=0,
                       state="dead", due_at=now, attempts=5, error=f"Traceback\nValueError: {key} broke")
            )  # fmt: skip
    browser = signed_in("administrator")
    page = page_of(browser, f"/connections/{board.id}")
    assert f"ValueError: link:{link} broke" in page
    assert f"ValueError: connection:{board.id} broke" in page
    assert "link:999" not in page
    assert "a round of a link" in page
    with hub.core.database.reading() as session:
        number = session.scalars(select(JobRow.id).where(JobRow.key == f"link:{link}")).one()
    answer = browser.post(f"/settings/jobs/{number}/rerun", data={"connection": board.id})
    assert (answer.status_code, answer.location) == (303, f"/connections/{board.id}")
    assert hub.core.jobs.is_pending("round", f"link:{link}")


def test_everything_that_could_not_be_read_is_read_again(
    hub: Hub, board: Connection, signed_in: SignedIn
) -> None:
    database = hub.core.database
    with database.transaction() as session:
        for key in ("a", "b", "c"):
            store(session, Letter(board.id, key, {}, b"{}", database.now()))
        rows = session.scalars(select(Delivery).order_by(Delivery.id)).all()
        for row, status in zip(rows, ("dead", "read", "dead"), strict=True):
            row.status, row.reason = status, "no JSON" if status == "dead" else None
        session.query(JobRow).delete()
    address = f"/connections/{board.id}/deliveries"
    assert "Read all again" not in page_of(signed_in("manager", "Mia"), address)
    browser = signed_in("administrator")
    assert "2 deliveries that could not be read" in page_of(browser, address)
    assert browser.post(f"{address}/replay").status_code == 303
    with database.reading() as session:
        statuses = session.scalars(select(Delivery.status).order_by(Delivery.id)).all()
    assert statuses == ["unread", "read", "unread"]
    assert hub.core.jobs.is_pending(READ, f"connection:{board.id}")
    assert signed_in("member", "Tom").post(f"{address}/replay").status_code == 403


def test_a_body_is_shown_without_what_opens_something(
    hub: Hub, board: Connection, signed_in: SignedIn
) -> None:
    body = json.dumps({"item": {"key": "SBX-7"}, "accessToken": "t0ps3cret", "note": f"our {SECRET} leaked"})
    database = hub.core.database
    with database.transaction() as session:
        store(session, Letter(board.id, "k", {"x-hub-signature": "abc"}, body.encode(), database.now()))
        number = session.scalars(select(Delivery.id)).one()
    page = page_of(signed_in("manager"), f"/deliveries/{number}")
    assert "SBX-7" in page
    for hidden in (SECRET, "t0ps3cret", "abc</dd>"):
        assert hidden not in page
