"""How plugins are asked: in order, one by one, in time, with types."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from hub.core.database import Database
from hub.core.registry import Registry, calls
from hub.core.registry.calls import Caller, Late
from hub.core.values import (
    Classification,
    Moved,
    OpenPoint,
    PrioritiseContext,
    Priority,
    SplitContext,
    TaskDraft,
    Text,
)
from hub.sdk import hookimpl

from .conftest import CLASSIFY, NETWORK, POINTS, REQUEST, WHY, answering, failing, make_plugin

POINT = OpenPoint("who", WHY)


def states(registry: Registry) -> dict[str, Any]:
    return {state.name: state for state in registry.plugins()}


def test_the_first_answer_wins_in_the_configured_order(registry: Registry) -> None:
    asked: list[str] = []

    def noting(name: str, answer: Classification | None) -> Any:
        def hook(context: object) -> Classification | None:
            asked.append(name)
            return answer

        return make_plugin(name, identify_classify=hook)

    for plugin in (
        noting("silent", None),
        noting("first", NETWORK),
        noting("second", Classification("other", WHY)),
    ):
        registry.add(plugin)
    assert registry.ask_one("identify_classify", CLASSIFY) == NETWORK
    assert asked == ["silent", "first"]


def test_all_answers_come_in_the_configured_order_without_the_silent(registry: Registry) -> None:
    later = OpenPoint("when", WHY)
    registry.add(make_plugin("one", identify_open_points=answering([POINT])))
    registry.add(make_plugin("silent", identify_open_points=answering(None)))
    registry.add(make_plugin("two", identify_open_points=answering((later,))))
    assert registry.ask_all("identify_open_points", POINTS) == [POINT, later]


def test_a_plugin_cannot_push_itself_to_the_front(registry: Registry) -> None:
    pushy = make_plugin("pushy")
    type(pushy).identify_classify = hookimpl(tryfirst=True)(lambda self, context: Classification("mine", WHY))
    registry.add(make_plugin("first", identify_classify=answering(NETWORK)))
    registry.add(pushy)
    assert registry.ask_one("identify_classify", CLASSIFY) == NETWORK


def test_nobody_to_ask_is_no_answer(registry: Registry) -> None:
    assert registry.ask_one("identify_classify", CLASSIFY) is None
    assert registry.ask_all("identify_open_points", POINTS) == []


def test_a_sequence_comes_as_a_tuple_from_the_one_asked(registry: Registry) -> None:
    registry.add(make_plugin("one", assign_split=answering([TaskDraft("Look")])))
    assert registry.ask_one("assign_split", SplitContext(REQUEST, None)) == (TaskDraft("Look"),)


def test_everybody_is_told_and_nobody_answers(registry: Registry) -> None:
    told: list[Any] = []
    for name in ("one", "two"):
        registry.add(make_plugin(name, workflow_moved=told.append))
    moved = Moved(REQUEST, "identify", "assign", REQUEST.created_at)
    registry.tell("workflow_moved", moved)
    assert told == [moved, moved]


def test_one_that_raises_is_recorded_and_the_others_are_asked(registry: Registry) -> None:
    registry.add(make_plugin("broken", identify_classify=failing(KeyError("colour"))))
    registry.add(make_plugin("good", identify_classify=answering(NETWORK)))
    assert registry.ask_one("identify_classify", CLASSIFY) == NETWORK
    broken, good = states(registry)["broken"], states(registry)["good"]
    assert (broken.in_a_row, broken.total, good.total) == (1, 1, 0)
    assert broken.last_error.startswith("identify_classify: KeyError: 'colour' (")
    assert "conftest.py:" in broken.last_error


def test_one_that_wants_to_end_the_process_ends_only_its_call(registry: Registry) -> None:
    registry.add(make_plugin("rude", identify_classify=failing(SystemExit(1))))
    assert registry.ask_one("identify_classify", CLASSIFY) is None
    assert "SystemExit" in states(registry)["rude"].last_error


def test_a_late_answer_is_thrown_away_and_the_others_are_asked(sqlite_database: Database) -> None:
    release, came = threading.Event(), threading.Event()

    def slow(context: object) -> Classification:
        release.wait(30)
        came.set()
        return Classification("late", WHY)

    registry = Registry(sqlite_database, budget_s=1)
    registry.add(make_plugin("slow", identify_classify=slow))
    registry.add(make_plugin("good", identify_classify=answering(NETWORK)))
    assert registry.ask_one("identify_classify", CLASSIFY) == NETWORK
    assert states(registry)["slow"].last_error == "identify_classify: no answer within 1 s"
    release.set()
    assert came.wait(30)
    assert states(registry)["good"].total == 0


def test_a_plugin_that_never_comes_back_uses_up_its_own_calls_only(sqlite_database: Database) -> None:
    release = threading.Event()
    started: list[int] = []

    def stuck(context: object) -> None:
        started.append(1)
        release.wait(60)

    registry = Registry(sqlite_database, budget_s=1, aside_after=3)
    registry.add(make_plugin("stuck", identify_classify=stuck))
    registry.add(make_plugin("good", identify_classify=answering(NETWORK)))
    try:
        for _ in range(40):
            assert registry.ask_one("identify_classify", CLASSIFY) == NETWORK
            registry.restore("stuck")
        assert len(started) == 3
        assert "3 earlier calls have not come back" in states(registry)["stuck"].last_error
    finally:
        release.set()
    while registry._caller._late["stuck"]:
        time.sleep(0.01)
    registry.ask_one("identify_classify", CLASSIFY)
    assert len(started) == 4


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ("network", "answer: Classification wanted, str 'network' given"),
        (Classification("network", "because"), "answer.reason: Text wanted, str 'because' given"),  # type: ignore[arg-type]
        (
            Classification("network", Text(zh="因为", en=None)),
            "answer.reason.en: str wanted, NoneType None given",
        ),  # type: ignore[arg-type]
    ],
)
def test_an_answer_of_another_type_counts_as_a_failure(
    registry: Registry, answer: Any, complaint: str
) -> None:
    registry.add(make_plugin("odd", identify_classify=answering(answer)))
    assert registry.ask_one("identify_classify", CLASSIFY) is None
    assert states(registry)["odd"].last_error == f"identify_classify: {complaint}"


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ([POINT, "who"], "answer[1]: OpenPoint wanted, str 'who' given"),
        ("who", "answer: Sequence[OpenPoint] wanted, str 'who' given"),
        ((OpenPoint(7, WHY),), "answer[0].key: str wanted, int 7 given"),  # type: ignore[arg-type]
        ({"who": POINT}, "answer: Sequence[OpenPoint] wanted, dict"),
    ],
)
def test_elements_are_looked_at_one_by_one(registry: Registry, answer: Any, complaint: str) -> None:
    registry.add(make_plugin("odd", identify_open_points=answering(answer)))
    assert registry.ask_all("identify_open_points", POINTS) == []
    assert complaint in states(registry)["odd"].last_error


def test_a_priority_that_does_not_exist_fails_in_the_plugin(registry: Registry) -> None:
    registry.add(make_plugin("odd", identify_prioritise=lambda context: Priority(9, WHY)))
    assert (
        registry.ask_one("identify_prioritise", PrioritiseContext(REQUEST, None, REQUEST.created_at.date()))
        is None
    )
    assert "priority 9" in states(registry)["odd"].last_error


def test_asking_inside_a_transaction_is_refused(database: Database, registry: Registry) -> None:
    registry.add(make_plugin("good", identify_classify=answering(NETWORK)))
    with database.transaction(), pytest.raises(RuntimeError, match="identify_classify asked inside"):
        registry.ask_one("identify_classify", CLASSIFY)
    with database.reading():
        assert registry.ask_one("identify_classify", CLASSIFY) == NETWORK


def test_asking_in_the_wrong_way_is_refused(registry: Registry) -> None:
    with pytest.raises(TypeError, match="identify_classify is for one, not for all"):
        registry.ask_all("identify_classify", CLASSIFY)
    with pytest.raises(TypeError, match="workflow_moved is for told, not for one"):
        registry.ask_one("workflow_moved", None)


def test_versions_name_who_is_asked_now(registry: Registry) -> None:
    registry.add(make_plugin("rules", assign_veto=answering(None), assign_score=answering(None)), "1.4")
    registry.add(make_plugin("mine", assign_score=answering(None)), "0.2")
    registry.add(make_plugin("other", identify_classify=answering(None)), "9")
    assert registry.versions("assign_veto", "assign_score") == "rules 1.4, mine 0.2"


def test_a_thread_that_came_back_takes_the_next_call_and_a_stuck_one_holds_up_nobody() -> None:
    caller, release = Caller(0.2), threading.Event()
    first = caller.call("swift", threading.get_ident)
    until = time.monotonic() + 5
    while caller.call("swift", threading.get_ident) != first:
        assert time.monotonic() < until, "no thread was used twice"
    with pytest.raises(Late):
        caller.call("stuck", release.wait)
    assert caller.call("swift", threading.get_ident) in {one.ident for one in threading.enumerate()}
    release.set()


def test_a_thread_ends_when_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LINGER", 0.01)
    before, caller = set(threading.enumerate()), Caller(1.0)
    for _ in range(20):
        assert caller.call("swift", lambda: 7) == 7
        time.sleep(0.01)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()
