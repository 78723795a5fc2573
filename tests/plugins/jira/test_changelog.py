"""The change log: brought along by the look after a version, asked for where that is not enough."""

import pytest

from hub.lab.jira import shapes


@pytest.fixture
def asked(link):
    """The paths of the reading calls from now on."""
    calls = []
    link.wire.before = lambda method, path: calls.append(path) if method == "GET" else None
    return calls


def titles(link, since):
    return [one.value for one in link.tracker.history(link.ref, since) if one.field == "title"]


def test_what_the_look_brought_along_is_not_asked_for_again(linked, asked):
    seen = linked.tracker.fetch(linked.ref).version
    linked.there("title", "Title of Jonas")
    linked.tracker.fetch(linked.ref)
    asked.clear()
    assert titles(linked, seen) == ["Title of Jonas"]
    assert not [path for path in asked if "/issue/" in path]


def test_what_happened_since_the_look_is_asked_for(linked):
    seen = linked.tracker.fetch(linked.ref).version
    linked.there("title", "Title of Jonas")
    assert titles(linked, seen) == ["Title of Jonas"]


def test_a_look_at_another_issue_brings_nothing_for_this_one(linked):
    seen = linked.tracker.fetch(linked.ref).version
    other = linked.site.create("5b-jonas", {"summary": "Another"})
    linked.far.edit(other.id, "5b-jonas", "title", "Title of another")
    linked.there("title", "Title of Jonas")
    linked.tracker.fetch(other.id)
    assert titles(linked, seen) == ["Title of Jonas"]


def test_a_log_longer_than_a_look_brings_is_read_whole(linked):
    seen = linked.tracker.fetch(linked.ref).version
    wanted = [f"Title {number}" for number in range(60)]
    for title in wanted:
        linked.there("title", title)
    linked.tracker.fetch(linked.ref)
    assert titles(linked, seen) == wanted


def test_of_a_long_log_the_newest_are_enough_where_they_reach_back_to_the_version(linked, asked):
    for number in range(60):
        linked.there("title", f"Title {number}")
    seen = linked.tracker.fetch(linked.ref).version
    linked.there("title", "The last")
    linked.tracker.fetch(linked.ref)
    asked.clear()
    assert titles(linked, seen) == ["The last"]
    assert not [path for path in asked if "/issue/" in path]


def test_a_part_that_begins_with_the_oldest_is_not_taken_for_the_newest(cloud, monkeypatch):
    shown = shapes.issue

    def oldest(*about):
        shape = shown(*about)
        log = shape.get("changelog", {"histories": []})
        log["histories"] = log["histories"][::-1][:2]
        return shape

    cloud.there("title", "Title 0")
    seen = cloud.tracker.fetch(cloud.ref).version
    for number in range(1, 4):
        cloud.there("title", f"Title {number}")
    monkeypatch.setattr(shapes, "issue", oldest)
    cloud.tracker.fetch(cloud.ref)
    assert titles(cloud, seen) == ["Title 1", "Title 2", "Title 3"]
