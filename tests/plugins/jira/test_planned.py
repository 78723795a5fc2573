"""Priority, due day and estimate: every odd shape is nothing, and what is hidden is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.plugins.jira import planned

odd = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), st.lists, max_leaves=4)


def test_reads_what_an_issue_says():
    fields = {"priority": {"name": "High"}, "duedate": "2026-05-04", "timeoriginalestimate": 5400}
    assert planned.read(fields) == {"priority": "High", "due": "2026-05-04", "estimate": 90}
    assert planned.read({"priority": None, "duedate": None, "timeoriginalestimate": 0}) == {
        "priority": None,
        "due": None,
        "estimate": None,
    }


def test_what_a_project_hides_is_not_said_at_all():
    assert planned.read({"summary": "T", "duedate": None}) == {"due": None}


@given(odd, odd, odd)
def test_an_odd_shape_breaks_nothing(priority, due, estimate):
    read = planned.read({"priority": priority, "duedate": due, "timeoriginalestimate": estimate})
    assert read["priority"] is None
    assert isinstance(read["due"], str | None) and isinstance(read["estimate"], int | None)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"priority": "Low"}, {"priority": {"name": "Low"}}),
        ({"priority": None, "due": None}, {"priority": None, "duedate": None}),
        ({"estimate": 90}, {"timetracking": {"originalEstimate": "90m"}}),
        ({"estimate": None}, {"timetracking": {"originalEstimate": "0m"}}),
        ({"title": "T"}, {}),
    ],
)
def test_writes_only_what_is_named(ours, theirs):
    assert planned.written(ours) == theirs


def test_the_change_log_tells_a_day_by_its_number_or_by_its_text():
    assert planned.logged("due", {"to": "2026-05-04", "toString": "2026-05-04 00:00:00.0"}) == "2026-05-04"
    assert planned.logged("due", {"to": None, "toString": "2026-05-04 00:00:00.0"}) == "2026-05-04"
    assert planned.logged("estimate", {"to": "5400"}) == 90
    assert planned.logged("estimate", {"to": None}) is None
