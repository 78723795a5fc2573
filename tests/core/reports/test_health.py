"""Every number of the health page against the list behind it, and against what was written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from hub.core.connections.models import Connection
from hub.core.execute.models import Link
from hub.core.improve.models import Finding, Plan
from hub.core.reports import checks, coverage, health
from hub.core.reports.checks import Check
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.work.models import Category, Goal, Need, ServiceRequest, Task, TaskNeed
from tests.core.conftest import Desk

Fill = Callable[..., ServiceRequest]


def add(session: Session, now: dt.datetime, number: int, **how: Any) -> ServiceRequest:
    """A request written as it stands: ``tasks`` are (state, assignee, serves, item), ``goals`` results."""
    request = ServiceRequest(
        ref=f"SR-{number}", title=f"Request {number}", body="", stage=how.get("stage", "execute"),
        state=how.get("state", "open"), priority=how.get("priority", 3), category_id=how.get("category"),
        created_at=now, updated_at=how.get("updated", now), stage_since=now, wanted_by=how.get("wanted"),
        closed_at=how.get("closed"),
    )  # fmt: skip
    session.add(request)
    session.flush()
    need = Need(request_id=request.id, kind="stated", text="It works", created_at=now)
    session.add_all(
        [need, *(Goal(request_id=request.id, text="g", result=one) for one in how.get("goals", ()))]
    )
    session.flush()
    for position, (state, assignee, serves, item) in enumerate(how.get("tasks", ()), 1):
        task = Task(
            ref=f"{request.ref}-{position}", request_id=request.id, position=position, title="t", state=state,
            assignee_id=assignee, created_at=now, updated_at=now,
            needs=[TaskNeed(need_id=need.id)] if serves else [],
        )  # fmt: skip
        session.add(task)
        session.flush()
        if item:
            session.add(
                Link(
                    task_id=task.id,
                    connection_id=how["tracker"],
                    ref=f"X-{task.id}",
                    state=item,
                    created_at=now,
                )
            )
    if "score" in how:
        asked = SurveyInvitation(
            request_id=request.id, instrument="csat", instrument_version="1", token_hash=str(number),
            created_at=now, expires_at=now,
        )  # fmt: skip
        session.add(asked)
        session.flush()
        session.add(
            SurveyAnswer(
                invitation_id=asked.id, request_id=request.id, at=now, score=how["score"], answers={}
            )
        )
    session.flush()
    return request


def refs(session: Session, check: Check) -> list[str]:
    """The list behind a number."""
    rows, _more = checks.listed(session, check)
    assert len(rows) == checks.count(session, check).amiss
    return [row.ref for row in rows]


@pytest.mark.process("P40")
def test_each_dial_counts_what_its_list_shows(desk: Desk) -> None:
    now = desk.database.now()
    with desk.database.transaction() as session:
        category = session.query(Category).first()
        assert category
        base: dict[str, Any] = {"category": category.id, "goals": ("met",)}
        me = desk.people[0]
        add(session, now, 1, **base, tasks=[("doing", me, True, None)])
        add(session, now, 2, stage="identify", category=category.id)
        add(session, now, 3, **base, updated=now - dt.timedelta(days=4), tasks=[("open", None, True, None)])
        add(session, now, 4, **base, wanted=dt.date(2026, 3, 3))
        add(session, now, 5, **base, state="closed", closed=now, score=1.0)
        add(session, now, 6, **base, state="closed", closed=now, score=5.0)
        add(session, now, 7, state="dropped", stage="identify")
        for key, planned in (("loose", False), ("planned", True)):
            finding = Finding(key=key, text={"en": key}, metric="score", created_at=now, seen_at=now)
            session.add(finding)
            session.flush()
            if planned:
                session.add(
                    Plan(
                        finding_id=finding.id, title="p", metric="score", direction="higher",
                        least_effect=1.0, due=dt.date(2026, 4, 1),
                    )
                )  # fmt: skip
    with desk.database.reading() as session:
        dials = health.dials(now, dt.date(2026, 3, 4))
        counted = {key: checks.count(session, check) for key, check in dials.items()}
        assert {key: refs(session, check) for key, check in dials.items()} == {
            "identify": ["SR-2"],
            "assign": ["SR-3-1"],
            "execute": ["SR-3", "SR-4"],
            "evaluate": ["SR-5"],
            "improve": ["loose"],
        }
    assert {key: one.total for key, one in counted.items()} == {
        "identify": 4, "assign": 2, "execute": 3, "evaluate": 2, "improve": 2,
    }  # fmt: skip
    assert counted["evaluate"].share == 0.5


def tracker(desk: Desk) -> int:
    """A connection to a tracker, to which the category belongs."""
    with desk.database.transaction() as session:
        made = Connection(name="Board", kind="sandbox", family="tracker", slug="board", settings={})
        session.add(made)
        session.flush()
        session.get_one(Category, desk.category_id).tracker_id = made.id
        return made.id


@pytest.mark.process("P95")
def test_orphans_are_found_in_both_directions(desk: Desk) -> None:
    now, me, there = desk.database.now(), desk.people[0], tracker(desk)
    base: dict[str, Any] = {"category": desk.category_id, "tracker": there}
    with desk.database.transaction() as session:
        whole = [("done", me, True, "settled")]
        add(session, now, 1, **base, state="closed", stage="improve", closed=now, tasks=whole, goals=("met",))
        add(session, now, 2, **base)
        add(session, now, 3, **base, tasks=[("doing", me, False, None)])
        add(session, now, 4, **base, tasks=[("dropped", me, True, "settled"), ("open", me, True, "gone")])
        add(session, now, 5, **base, state="closed", stage="improve", closed=now, goals=(None,))
        old = now - coverage.WINDOW - dt.timedelta(days=1)
        add(session, now, 6, **base, state="closed", stage="improve", closed=old)
        add(session, now, 7, stage="identify")
    with desk.database.reading() as session:
        assert {key: refs(session, check) for key, check in coverage.gaps(now).items()} == {
            "need_task": ["SR-2", "SR-3", "SR-5"],
            "request_task": ["SR-2", "SR-5"],
            "task_item": ["SR-3-1"],
            "request_result": ["SR-5"],
            "result_task": ["SR-5"],
            "item_task": ["SR-4-1", "SR-4-2"],
            "task_need": ["SR-3-1"],
        }
        chains, older = coverage.chains(session, now)
        assert older is None and [one.ref for one in chains] == [
            "SR-7",
            "SR-5",
            "SR-4",
            "SR-3",
            "SR-2",
            "SR-1",
        ]
        one = chains[-1]
        assert (one.needs, one.covered, one.tasks, one.done, one.items, one.in_step, one.goals, one.met) == (
            1,
        ) * 8


_TASK = st.tuples(
    st.sampled_from(("open", "doing", "done", "dropped")), st.booleans(), st.booleans(),
    st.sampled_from((None, "settled", "gone")),
)  # fmt: skip
_REQUEST = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(("identify", "assign", "execute", "improve")),
        "state": st.sampled_from(("open", "waiting", "closed", "dropped")),
        "tasks": st.lists(_TASK, max_size=3),
        "goals": st.lists(st.sampled_from((None, "met", "not_met")), max_size=2),
    }
)


@pytest.mark.process("P95")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(_REQUEST, max_size=5))
def test_no_orphan_is_hidden_and_none_is_made_up(desk: Desk, drawn: list[dict[str, Any]]) -> None:
    now = desk.database.now()
    with desk.database.transaction() as session:
        for table in (Link, TaskNeed, Task, Need, Goal, ServiceRequest, Connection):
            if table is Connection:
                session.get_one(Category, desk.category_id).tracker_id = None
            session.query(table).delete()
    there = tracker(desk)
    wanted: dict[str, list[str]] = {key: [] for key in coverage.gaps(now)}
    with desk.database.transaction() as session:
        for number, one in enumerate(drawn, 1):
            closed = now if one["state"] in ("closed", "dropped") else None
            tasks = [(s, desk.people[0] if a else None, n, i) for s, a, n, i in one["tasks"]]
            how = {**one, "tasks": tasks, "closed": closed, "category": desk.category_id, "tracker": there}
            add(session, now, number, **how)
            _expect(wanted, f"SR-{number}", one)
    with desk.database.reading() as session:
        found = {key: refs(session, check) for key, check in coverage.gaps(now).items()}
    assert found == wanted


def _expect(wanted: dict[str, list[str]], ref: str, one: dict[str, Any]) -> None:
    """The orphans of one request, told without a database."""
    if one["state"] == "dropped":
        return
    at_work, tasks = one["stage"] in ("execute", "improve"), one["tasks"]
    named = [(f"{ref}-{n}", *task) for n, task in enumerate(tasks, 1)]
    if at_work and not any(serves for _s, _a, serves, _i in tasks):
        wanted["need_task"].append(ref)
    if at_work and not tasks:
        wanted["request_task"].append(ref)
    wanted["task_item"] += [
        name for name, state, _a, _n, item in named if at_work and state != "dropped" and not item
    ]
    if one["state"] == "closed" and not any(one["goals"]):
        wanted["request_result"].append(ref)
    if one["state"] == "closed" and not any(state == "done" for state, *_rest in tasks):
        wanted["result_task"].append(ref)
    wanted["item_task"] += [
        name for name, state, _a, _n, item in named if item and (item == "gone" or state == "dropped")
    ]
    wanted["task_need"] += [
        name for name, state, _a, serves, _i in named if state != "dropped" and not serves
    ]
