"""The way through a state plan."""

from hypothesis import given
from hypothesis import strategies as st

from hub.plugins.pingcode.flows import LONGEST, way

graphs = st.dictionaries(st.integers(0, 6).map(str), st.frozensets(st.integers(0, 6).map(str)))


def test_takes_the_shortest_way():
    edges = {"a": ["b", "c"], "b": ["d"], "c": ["b"]}
    assert way(edges, "a", {"d"}) == ["b", "d"]
    assert way(edges, "a", {"a"}) == []
    assert way(edges, "d", {"a"}) is None


def test_gives_up_after_five_steps():
    line = {str(n): [str(n + 1)] for n in range(9)}
    assert way(line, "0", {"5"}) == ["1", "2", "3", "4", "5"]
    assert way(line, "0", {"6"}) is None


@given(graphs, st.integers(0, 6).map(str), st.frozensets(st.integers(0, 6).map(str), min_size=1))
def test_every_step_is_an_edge_and_the_last_one_a_goal(edges, start, goals):
    path = way(edges, start, goals)
    if path:
        assert len(path) <= LONGEST
        assert path[-1] in goals
        for one, two in zip([start, *path], path, strict=False):
            assert two in edges[one]
