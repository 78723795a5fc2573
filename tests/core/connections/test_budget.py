"""So many calls a minute for each credential, kept before the far side has to say no."""

import datetime as dt
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from hub.core.connections.budget import Budget, Budgets
from hub.core.values import Retry, Text, TrackerKind
from hub.lab.pair import HandClock


def kind(calls):
    return TrackerKind("k", Text("k", "k"), BaseModel, lambda *_: None, (), calls)


def test_one_too_many_waits_until_the_first_is_a_minute_old():
    clock = HandClock()
    budget = Budget(3, clock.now)
    for _ in range(3):
        budget()
        clock.forward(seconds=10)
    with pytest.raises(Retry) as told:
        budget()
    assert told.value.after == dt.timedelta(seconds=30)
    clock.forward(seconds=30)
    budget()


@given(st.lists(st.integers(0, 40), max_size=60))
def test_no_minute_ever_holds_more(waits):
    clock, gone = HandClock(), []
    budget = Budget(5, clock.now)
    for seconds in waits:
        clock.forward(seconds=seconds)
        try:
            budget()
        except Retry as told:
            assert dt.timedelta(0) < told.after <= dt.timedelta(minutes=1)
        else:
            gone.append(clock.now())
    for first in gone:
        assert sum(first <= one < first + dt.timedelta(minutes=1) for one in gone) <= 5


def test_connections_with_the_same_credential_share_one():
    budgets = Budgets(HandClock().now)
    one, two = (SimpleNamespace(kind="k", id=number) for number in (1, 2))
    secret = {"client_secret": "s", "hook_secret": "a"}
    shared = budgets.of(one, kind(1), secret)
    assert budgets.of(two, kind(1), {**secret, "hook_secret": "b"}) is shared
    assert budgets.of(two, kind(1), {"client_secret": "other"}) is not shared
    assert budgets.of(one, kind(1), {}) is not budgets.of(two, kind(1), {})
    assert budgets.of(one, kind(1), {}) is budgets.of(one, kind(1), {})


def test_a_kind_without_a_limit_has_no_budget():
    budgets = Budgets(HandClock().now)
    assert budgets.of(SimpleNamespace(kind="k", id=1), kind(None), {"a": "b"}) is None
    assert budgets.of(SimpleNamespace(kind="k", id=1), None, {}) is None
