"""A state that is several steps away: each step is written, kept and read back by itself."""

from collections.abc import Mapping

import pytest

from hub.core.execute.sync.fields import UNSET, Base, Clash, FieldState, Rule, Sent
from hub.core.execute.sync.plan import decide
from hub.core.execute.sync.settle import settle
from hub.core.execute.sync.walk import Walk
from hub.core.values import FarItem, Refused

STATUS = Rule("scalar")
LINE = {"new": ("doing",), "doing": ("checked",), "checked": ("done",), "done": ()}


class Board:
    """A tracker that tells ``moves`` and takes whatever is written."""

    capabilities = frozenset({"transitions"})

    def __init__(self, moves):
        self.moves = moves

    def transitions(self, ref, status):
        if isinstance(self.moves, Refused):
            raise self.moves
        return self.moves(status) if callable(self.moves) else self.moves


def item(status):
    return FarItem("1", "", {"status": status}, "1")


def walked(walk, status, goal, most=9):
    """Where an item gets to that does as it is told."""
    path = []
    while status != goal and len(path) < most:
        status = walk.step(item(status), goal)
        path.append(status)
    return path


def test_walks_step_by_step():
    assert walked(Walk(Board(LINE)), "new", "done") == ["doing", "checked", "done"]


def test_goes_straight_where_no_way_is_told():
    for moves in (None, {}, {"new": ()}, Refused("no right to see it")):
        assert Walk(Board(moves)).step(item("new"), "done") == "done"
    plain = Board(LINE)
    plain.capabilities = frozenset()
    assert Walk(plain).step(item("new"), "done") == "done"


def test_does_not_walk_in_circles():
    """Each state tells only what follows it, and none of them leads to the goal."""
    ring: Mapping[str, str] = {"a": "b", "b": "c", "c": "a"}
    assert walked(Walk(Board(lambda status: {status: (ring[status],)})), "a", "goal") == ["b", "c", "goal"]


def test_tries_straight_after_five_steps():
    endless = Walk(Board(lambda status: {status: (status + "x",)}))
    assert walked(endless, "a", "goal") == ["ax", "axx", "axxx", "axxxx", "axxxxx", "goal"]


def test_begins_anew_for_another_goal():
    walk = Walk(Board(lambda status: {status: ("a", "b")}))
    assert walk.step(item("a"), "x") == "b"
    assert walk.step(item("b"), "y") == "a"


@pytest.mark.parametrize("answered", [True, False])
def test_after_a_step_what_stands_here_is_still_owed(answered):
    sending = FieldState(Base("new", "new"), Sent("done", "doing", "1", "done"))
    state = settle(STATUS, sending, "doing", (), answered)
    assert state == FieldState(Base(UNSET, "doing"))
    assert decide(STATUS, "done", "doing", state).there == "done"


def test_who_goes_back_here_during_a_walk_brings_the_item_back():
    state = settle(
        STATUS, FieldState(Base("new", "new"), Sent("done", "doing", "1", "done")), "doing", (), True
    )
    assert decide(STATUS, "new", "doing", state).there == "new"


def test_who_goes_on_there_from_a_step_of_ours_is_asked():
    state = settle(
        STATUS, FieldState(Base("new", "new"), Sent("done", "doing", "1", "done")), "doing", (), True
    )
    assert decide(STATUS, "done", "held", state).state.clash == Clash("both", "done", "held", "held")


def test_a_step_that_changes_nothing_is_shown_as_the_goal_kept_back():
    state = settle(
        STATUS, FieldState(Base("new", "new"), Sent("done", "doing", "1", "done")), "new", (), True
    )
    assert state.declined is not None
    assert state.declined.value == "done"
    assert decide(STATUS, "done", "new", state).there is UNSET
