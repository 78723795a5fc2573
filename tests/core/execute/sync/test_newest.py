"""The policy *newest*: decided by times both sides tell, and by a person where they do not."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.execute.misfits import misfits
from hub.core.execute.sync.fields import Base, Clash, FieldState, Rule
from hub.core.execute.sync.newest import GRAIN, by_time
from hub.core.execute.wanted import Wanted
from hub.core.values import CANONICAL_FIELDS, Catalogue
from tests.core.execute.sync.conftest import SETTINGS, make_pair

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
times = st.none() | st.integers(-30, 30).map(lambda seconds: NOON + dt.timedelta(seconds=seconds))


def clashing(at, base=Base("old", "old")):  # noqa: B008 - a frozen value
    return {"title": FieldState(base, clash=Clash("both", "ours", "theirs", "theirs", "jonas", at))}


@given(times, times)
def test_the_later_change_holds_and_one_side_decides_as_the_other_would(here, there):
    rules = {"title": Rule("scalar", policy="newest")}
    found = by_time(rules, clashing(there), lambda _name: here)
    if here is None or there is None or abs(here - there) <= GRAIN:
        assert found == {}
        return
    assert found["title"].policy == ("here" if here > there else "there")
    swapped = by_time(rules, clashing(here), lambda _name: there)
    assert {found["title"].policy, swapped["title"].policy} == {"here", "there"}


def test_only_who_chose_it_and_what_was_agreed_before_is_decided_so():
    late = NOON + dt.timedelta(hours=1)
    assert by_time({"title": Rule("scalar")}, clashing(late), lambda _name: NOON) == {}
    rules = {"title": Rule("scalar", policy="newest")}
    assert by_time(rules, clashing(late, Base()), lambda _name: NOON) == {}


@pytest.fixture
def newest(office):
    """A desk whose title is decided by time."""
    from tests.core.execute.sync.conftest import Desk

    office.settings = office.settings.model_copy(update={"policies": {"title": "newest"}})
    desk = Desk(office)
    yield desk
    desk.pair.close()


@pytest.mark.parametrize("first", ["here", "there"])
def test_a_round_lets_the_later_change_hold_and_keeps_the_other_value(newest, first):
    assert newest.round() == "settled"
    acts = [lambda: newest.edit(title="Ours"), lambda: newest.change_there(title="Theirs")]
    for act in acts if first == "here" else acts[::-1]:
        act()
        newest.office.clock.forward(minutes=1)
    assert newest.round() == "settled"
    wanted = "Theirs" if first == "here" else "Ours"
    assert (newest.task().title, newest.pair.item()["title"]) == (wanted, wanted)
    with newest.database.reading() as session:
        (kept,) = session.get_one(type(newest.link()), newest.link_id).conflicts
        assert (kept.here, kept.there, kept.choice) == ("Ours", "Theirs", "policy")


def test_changes_of_the_same_moment_wait_for_a_person(newest):
    newest.round()
    newest.edit(title="Ours")
    newest.change_there(title="Theirs")
    assert newest.round() == "conflict"


def test_where_no_log_tells_the_time_a_person_decides(task, monkeypatch):
    from hub.lab.memory import MemoryStore

    pair = make_pair(MemoryStore(task), SETTINGS.model_copy(update={"policies": {"title": "newest"}}))
    pair.round()
    monkeypatch.setattr(pair.tracker, "capabilities", pair.tracker.capabilities - {"history"})
    task.edit(title="Ours")
    pair.store.changed["title"] = NOON
    pair.sandbox.board.change(pair.item()["key"], "jonas", {"title": "Theirs"})
    assert pair.round().state == "conflict"
    pair.close()


def test_it_is_refused_for_a_field_whose_changes_have_no_time():
    wanted = Wanted(policies=dict.fromkeys(CANONICAL_FIELDS, "newest"))
    found = {no.field: no.values for no in misfits(wanted, Catalogue((), timed=("title",)), ())}
    assert "policy.title" not in found
    assert found["policy.body"] == {"timed": "title"}
