"""A plugin that throws, hangs or lies: each ends as a refusal or a wait, with words for people."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest

from hub.core.connections.guarded import Guarded
from hub.core.registry.calls import Caller
from hub.core.values import FarItem, Gone, Held, MovedTo, Refused, Retry

FIELDS = {"title": "t", "body": "", "status": "open", "assignee": None, "labels": frozenset({"a"})}


def guarded(budget: float = 5.0, **methods: Any) -> Guarded:
    return Guarded(type("Plugin", (), methods)(), "connection 1", Caller(budget, most_late=2))


def gives(value: Any) -> Callable[..., Any]:
    return lambda *_args: value


def raises(error: BaseException) -> Callable[..., Any]:
    def fail(*_args: Any) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    "error", [TypeError("a\nb"), KeyError("id"), AssertionError(), RecursionError(), SystemExit(1)]
)
def test_what_a_plugin_throws_is_refused_with_its_name(error: BaseException) -> None:
    with pytest.raises(Refused, match="the plugin failed in fetch"):
        guarded(fetch=raises(error)).fetch("1")


@pytest.mark.parametrize(
    "error", [Retry("ill", dt.timedelta(seconds=3)), Held("our budget"), Refused("no", ["title"])]
)
def test_what_a_plugin_says_on_purpose_comes_through_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as told:
        guarded(update=raises(error)).update("1", {})
    assert told.value is error


@pytest.mark.parametrize(
    "given",
    [
        None,
        "an item",
        {"ref": "1"},
        FarItem("2", "", FIELDS, ""),
        MovedTo("1"),
        MovedTo(""),
        FarItem("1", "", None, ""),  # type: ignore[arg-type]
        FarItem("1", "", {**FIELDS, "title": None}, ""),
        FarItem("1", "", {**FIELDS, "labels": ["a"]}, ""),
        FarItem("1", "", {**FIELDS, "labels": frozenset({1})}, ""),
        FarItem("1", "", {**FIELDS, "assignee": {"id": 1}}, ""),
        FarItem("1", "", {**FIELDS, "estimate": True}, ""),
    ],
)
def test_no_item_is_made_of_what_is_none(given: object) -> None:
    with pytest.raises(Refused, match="the plugin gave"):
        guarded(fetch=gives(given)).fetch("1")


@pytest.mark.parametrize("given", [FarItem("1", "", FIELDS, ""), Gone("deleted"), MovedTo("2")])
def test_what_is_an_answer_is_one(given: object) -> None:
    assert guarded(fetch=gives(given)).fetch("1") is given


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("create", None),
        ("create", ""),
        ("find", 7),
        ("history", [{"field": "title"}]),
        ("history", "title"),
        ("add_comment", None),
        ("add_file", b"1"),
        ("read_file", "text"),
        ("changed_since", None),
        ("changed_since", ("12", None)),
        ("changed_since", (["1"], 5)),
        ("scan", ([1], None)),
        ("transitions", ["done"]),
        ("transitions", {"open": "done"}),
        ("transitions", {"open": (None,)}),
    ],
)
def test_no_other_answer_is_believed_either(name: str, given: object) -> None:
    with pytest.raises(Refused, match=f"for {name}"):
        getattr(guarded(**{name: gives(given)}), name)("1")


def test_a_capability_without_its_method_is_refused() -> None:
    liar = guarded(capabilities=frozenset({"history", "hooks"}))
    for call in (lambda: liar.history("1", None), lambda: liar.ensure_hook("https://hub.test")):
        with pytest.raises(Refused, match="the plugin failed"):
            call()


def test_capabilities_that_are_none_are_none() -> None:
    assert guarded(capabilities=["history"]).capabilities == frozenset()
    assert guarded(find_lag="soon").find_lag == dt.timedelta(0)


def test_one_that_hangs_is_waited_for_and_then_left_alone() -> None:
    """Two calls that do not come back are enough: the third is not made before one does."""
    calls, free = [], threading.Event()

    def hang(*_args: Any) -> None:
        calls.append(1)
        free.wait()

    plugin = guarded(0.05, fetch=hang)
    for _ in range(3):
        with pytest.raises(Retry, match="does not come back"):
            plugin.fetch("1")
    assert len(calls) == 2
    free.set()


def test_one_connection_that_hangs_is_nobody_elses_matter() -> None:
    caller, free = Caller(0.05, most_late=2), threading.Event()
    stuck = Guarded(type("Plugin", (), {"fetch": lambda *_args: free.wait()})(), "connection 1", caller)
    well = Guarded(type("Plugin", (), {"fetch": gives(Gone("deleted"))})(), "connection 2", caller)
    for _ in range(3):
        with pytest.raises(Retry):
            stuck.fetch("1")
    assert well.fetch("1") == Gone("deleted")
    free.set()
