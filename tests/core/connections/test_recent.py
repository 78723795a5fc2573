"""What is new in a list whose clock knows whole seconds."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from hub.core.connections.recent import TOLD, Recent

T0 = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
OVERLAP = dt.timedelta(seconds=5)


def at(seconds):
    return T0 + dt.timedelta(seconds=seconds)


def test_a_change_is_told_by_two_looks_and_no_more():
    place = Recent(T0)
    told = []
    for _ in range(4):
        refs, place = place.take([("7", at(3))], OVERLAP)
        told.append(list(refs))
    assert told == [["7"], ["7"], [], []]


def test_what_is_survived_by_a_restart_is_the_whole_place():
    _, place = Recent(T0).take([("7", at(30)), ("8", at(29))], OVERLAP)
    assert Recent.read(place.written()) == place


def test_what_cannot_be_read_is_no_place():
    for text in (
        None,
        "",
        "x",
        "[]",
        "{}",
        '{"since": "2026-03-02", "told": {}}',
        '{"since": 3, "told": {}}',
    ):
        assert Recent.read(text) is None


@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60)), max_size=4), max_size=12))
def test_every_change_that_is_seen_is_told_and_none_for_ever(looks):
    """Whatever comes, in whatever order: a change is told when it is first seen, and at most twice."""
    place, counts = Recent(T0), {}
    for look in looks:
        rows = [(str(ref), at(seconds)) for ref, seconds in set(look) if at(seconds) >= place.since]
        refs, place = place.take(rows, OVERLAP)
        for row in rows:
            first = row not in counts
            counts[row] = counts.get(row, 0) + 1
            assert row[0] in refs or not first
    shown = [(str(ref), at(seconds)) for look in looks[-1:] for ref, seconds in look]
    for _ in range(TOLD):
        _refs, place = place.take([row for row in shown if row[1] >= place.since], OVERLAP)
    assert list(place.take([row for row in shown if row[1] >= place.since], OVERLAP)[0]) == []
