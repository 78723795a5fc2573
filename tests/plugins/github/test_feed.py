"""The sweep: what changed since, page after page, and almost for nothing while nothing changes."""

import pytest

from hub.lab.github import Account
from hub.plugins.github.feed import Cursor, Feed
from hub.sdk import Retry
from tests.plugins.github.conftest import open_on

MEI = Account("mei")


def make(forge, home, count=1):
    return [forge.create(home, MEI, {"title": f"T{n}"}) for n in range(count)]


@pytest.fixture
def watched(tracker, forge, home, clock):
    """Three issues, and a cursor behind their making."""
    make(forge, home, 3)
    clock.forward(hours=3)
    make(forge, home, 1)
    _refs, cursor = tracker.changed_since(None)
    clock.forward(minutes=5)
    return cursor


def test_an_empty_repository_has_no_changes(tracker, forge, home):
    refs, cursor = tracker.changed_since(None)
    assert list(refs) == []
    make(forge, home)
    refs, cursor = tracker.changed_since(cursor)
    assert list(refs) == ["1"]
    assert Cursor.read(cursor).repository == home.id


def test_tells_what_was_changed_and_what_was_said(tracker, watched, forge, home, clock):
    forge.change(home, home.issues[2], MEI, {"title": "changed"})
    clock.forward(seconds=5)
    said = forge.comment(home, home.issues[3], "mei", "hi")
    refs, cursor = tracker.changed_since(watched)
    assert {"2", "3"} <= set(refs)
    assert "1" not in refs
    clock.forward(minutes=5)
    forge.edit_comment(home, home.issues[3], said, "mei", "corrected")
    home.issues[3].updated -= 300  # should a comment's edit not move its issue, it is still seen
    refs, _cursor = tracker.changed_since(cursor)
    assert "3" in refs


def test_a_quiet_repository_costs_nothing_of_the_limit(tracker, watched, github, clock):
    cursor = watched
    for _ in range(3):
        _refs, cursor = tracker.changed_since(cursor)
        clock.forward(minutes=1)
    spent = github.door.cost
    for _ in range(20):
        refs, cursor = tracker.changed_since(cursor)
        clock.forward(minutes=1)
        assert list(refs) == []
    assert github.door.cost == spent


def test_many_changes_are_read_page_by_page(tracker, watched, forge, home, clock):
    make(forge, home, 250)
    refs, cursor = tracker.changed_since(watched)
    assert set(refs) >= {str(number) for number in range(5, 255)}
    clock.forward(minutes=5)
    refs, cursor = tracker.changed_since(cursor)
    assert list(refs) == [], "the overlap brings nothing new"
    forge.change(home, home.issues[100], MEI, {"title": "changed"})
    assert list(tracker.changed_since(cursor)[0]) == ["100"]


def test_what_is_written_in_the_same_second_is_seen_with_the_next_look(tracker, watched, forge, home):
    make(forge, home)
    refs, cursor = tracker.changed_since(watched)
    assert "5" in refs
    make(forge, home)
    assert "6" in tracker.changed_since(cursor)[0]


def test_what_shifts_between_pages_is_seen_all_the_same(tracker, wire, watched, forge, home, clock):
    make(forge, home, 150)
    moved = home.issues[10]

    def between(method, path):
        if path.endswith("/issues") and wire.reads > seen:
            wire.before = lambda method, path: None
            clock.forward(seconds=1)
            forge.change(home, moved, MEI, {"title": "goes to the end while pages are read"})

    seen = wire.reads + 1
    wire.before = between
    refs, _cursor = tracker.changed_since(watched)
    assert set(refs) >= {str(number) for number in range(5, 155)}


def test_pull_requests_are_left_out(tracker, watched, forge, home):
    forge.create(home, MEI, {"title": "PR"}, pull=True)
    assert "5" not in tracker.changed_since(watched)[0]


def test_only_issues_with_the_wanted_labels_are_asked_for(wire, forge, home, clock):
    tracker = open_on(wire, only_labels=["hub"])
    forge.create(home, MEI, {"title": "a", "labels": ["hub"]})
    _refs, cursor = tracker.changed_since(None)
    clock.forward(minutes=5)
    forge.create(home, MEI, {"title": "b", "labels": ["hub", "x"]})
    forge.create(home, MEI, {"title": "c"})
    assert set(tracker.changed_since(cursor)[0]) == {"1", "2"}


@pytest.mark.parametrize("odd", ["", "{", "[]", "5", '{"issues": 5}', '{"issues": []}', "null", '"x"'])
def test_a_cursor_that_cannot_be_read_starts_anew(tracker, odd):
    assert Cursor.read(odd).issues is None
    assert list(tracker.changed_since(odd)[0]) == []


def test_a_cursor_is_read_as_it_was_written():
    for cursor in (Cursor(), Cursor(7, Feed("2026-01-01T00:00:00Z", 'W/"x"'), Feed("2026-01-02T00:00:00Z"))):
        assert Cursor.read(cursor.written()) == cursor


def test_an_ill_github_leaves_the_cursor_where_it_was(tracker, watched, github):
    github.faults.next("unavailable")
    with pytest.raises(Retry):
        tracker.changed_since(watched)
