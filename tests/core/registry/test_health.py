"""Failures are counted in the database; too many in a row put a plugin aside."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from hub.core.database import Database
from hub.core.registry import PluginHealth, Registry
from hub.core.values import Refusal

from .conftest import CLASSIFY, NETWORK, answering, failing, make_plugin


def fail(registry: Registry, times: int) -> None:
    for _ in range(times):
        assert registry.ask_one("identify_classify", CLASSIFY) is None


def test_too_many_failures_in_a_row_put_a_plugin_aside(
    database_url: str, open_database: Callable[..., Database], clock: Any
) -> None:
    database = open_database(database_url, clock)
    registry, calls = Registry(database, aside_after=3), []

    def broken(context: object) -> Any:
        calls.append(context)
        raise ValueError("no")

    registry.add(make_plugin("broken", identify_classify=broken))
    fail(registry, 2)
    assert registry.plugins()[0].aside_since is None
    clock.advance(hours=1)
    fail(registry, 5)
    state = registry.plugins()[0]
    assert len(calls) == 3
    assert (state.in_a_row, state.total, state.aside_since) == (3, 3, clock.now())
    assert registry.versions("identify_classify") == ""


def test_an_answer_ends_the_row(registry: Registry) -> None:
    broken = [True]

    def sometimes(context: object) -> Any:
        if broken[0]:
            raise ValueError("no")
        return NETWORK

    registry.add(make_plugin("moody", identify_classify=sometimes))
    for _ in range(4):
        broken[0] = True
        fail(registry, 2)
        broken[0] = False
        assert registry.ask_one("identify_classify", CLASSIFY) == NETWORK
    state = registry.plugins()[0]
    assert (state.in_a_row, state.total, state.aside_since) == (0, 8, None)


def test_a_restored_plugin_is_asked_again(registry: Registry) -> None:
    registry.add(make_plugin("broken", identify_classify=failing(ValueError("no"))))
    fail(registry, 3)
    assert registry.plugins()[0].aside_since is not None
    registry.restore("broken")
    state = registry.plugins()[0]
    assert (state.in_a_row, state.total, state.aside_since) == (0, 3, None)
    fail(registry, 1)
    assert registry.plugins()[0].total == 4


def test_restoring_a_stranger_is_refused(registry: Registry) -> None:
    with pytest.raises(Refusal) as refusal:
        registry.restore("nobody")
    assert refusal.value.message == "plugin_unknown"


def test_another_process_learns_within_seconds(
    database_url: str, open_database: Callable[..., Database], clock: Any
) -> None:
    plugin = make_plugin("broken", identify_classify=failing(ValueError("no")))
    here = Registry(open_database(database_url, clock), aside_after=3)
    there = Registry(open_database(database_url, clock), aside_after=3)
    for registry in (here, there):
        registry.add(plugin)
    assert there.versions("identify_classify") == "broken"
    fail(here, 3)
    clock.advance(seconds=6)
    assert there.versions("identify_classify") == ""
    there.restore("broken")
    clock.advance(seconds=6)
    assert here.versions("identify_classify") == "broken"


def test_first_failures_at_the_same_moment_are_both_counted(database: Database) -> None:
    together = threading.Barrier(8)
    registries = [Registry(database, aside_after=3) for _ in range(8)]
    for registry in registries:
        registry.add(make_plugin("broken", identify_classify=failing(ValueError("no"))))

    def ask(registry: Registry) -> None:
        together.wait(30)
        registry.ask_one("identify_classify", CLASSIFY)

    threads = [threading.Thread(target=ask, args=(registry,)) for registry in registries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with database.reading() as session:
        row = session.scalars(select(PluginHealth)).one()
        # A registry that looked late may have found the plugin aside already.
        assert row.total == row.in_a_row >= 3
        assert row.aside_since is not None


def test_a_plugin_that_never_failed_has_no_row(database: Database, registry: Registry) -> None:
    registry.add(make_plugin("good", identify_classify=answering(NETWORK)))
    assert registry.ask_one("identify_classify", CLASSIFY) == NETWORK
    with database.reading() as session:
        assert session.scalars(select(PluginHealth)).all() == []


def test_an_endless_error_text_is_cut(registry: Registry) -> None:
    registry.add(make_plugin("broken", identify_classify=failing(ValueError("x" * 5000))))
    fail(registry, 1)
    assert len(registry.plugins()[0].last_error) == 500
