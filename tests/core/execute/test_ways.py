"""The way through the states of a far item."""

from hypothesis import given
from hypothesis import strategies as st

from hub.core.execute.ways import LONGEST, way

states = st.integers(0, 6).map(str)
graphs = st.dictionaries(states, st.lists(states, unique=True))


def test_takes_the_shortest_way():
    edges = {"a": ["b", "c"], "b": ["d"], "c": ["b"], "d": []}
    assert way(edges, "a", "d") == ["b", "d"]
    assert way(edges, "a", "a") == []
    assert way(edges, "d", "a") is None


def test_gives_up_after_five_steps():
    line = {str(n): [str(n + 1)] for n in range(9)}
    assert way(line, "0", "5") == ["1", "2", "3", "4", "5"]
    assert way(line, "0", "6") is None
    assert way(line, "0", "2", most=1) is None


def test_goes_where_nobody_knows_only_if_the_goal_is_in_no_known_reach():
    assert way({"a": ["x", "b"], "b": ["d"]}, "a", "d") == ["b", "d"]
    assert way({"a": ["b", "x", "y"], "b": []}, "a", "d") == ["x"]
    assert way({"a": ["b", "x", "y"], "b": []}, "a", "d", passed=["x"]) == ["y"]
    assert way({"a": ["b", "x"], "b": []}, "a", "d", passed=["a", "x"]) is None


@given(graphs, states, states)
def test_every_step_is_one_that_may_follow_and_the_last_is_the_goal_or_leads_nobody_knows_where(
    moves, start, goal
):
    path = way(moves, start, goal)
    if path is None:
        return
    assert len(path) <= LONGEST
    assert [start, *path][-1] == goal or path[-1] not in moves
    for one, two in zip([start, *path], path, strict=False):
        assert two in moves[one]
