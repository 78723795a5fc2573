"""The imitated GitHub as the lab plays with it: what it shows is what the plugin reads."""

import pytest

from hub.core.values import Refused
from hub.lab.github.imitation import GitHubImitation
from hub.lab.pair import HandClock
from hub.lab.wire import Wire
from hub.plugins.github.plugin import plugin
from hub.sdk import Gone, MovedTo, Retry

(KIND,) = plugin.execute_trackers()
MARK = "01938a6e-7c00-7000-8000-000000000001"
FIELDS = {"title": "T", "body": "Words.\n\nMore.", "status": "open", "assignee": None, "labels": frozenset()}


@pytest.fixture
def imitation():
    return GitHubImitation(HandClock())


@pytest.fixture
def tracker(imitation):
    settings = KIND.settings(**imitation.settings)
    return KIND.open(settings, imitation.secrets, Wire(imitation.application), {})


@pytest.fixture
def ref(tracker):
    return tracker.create(FIELDS, MARK)


def test_its_people_change_every_field_and_both_see_the_same(imitation, tracker, ref):
    changes = {
        "title": "Other",
        "body": "Other words.\n\nAnd more.",
        "status": "not_planned",
        "assignee": "mei",
        "labels": frozenset({"a", "b"}),
    }
    assert set(changes) == set(imitation.fields)
    for field, value in changes.items():
        imitation.edit(ref, "jonas", field, value)
    assert imitation.see(ref).fields == tracker.fetch(ref).fields == changes
    assert tracker.find(MARK) == ref, "whoever edits leaves the mark"
    imitation.edit(ref, "jonas", "labels", frozenset({"b"}))
    imitation.edit(ref, "jonas", "assignee", None)
    imitation.edit(ref, "jonas", "status", "open")
    assert imitation.see(ref).fields == tracker.fetch(ref).fields
    assert imitation.items() == [ref]
    with pytest.raises(Refused):
        imitation.edit(ref, "jonas", "title", " ")


def test_its_people_say_correct_and_take_back(imitation, tracker, ref):
    ours, theirs = tracker.add_comment(ref, "ours", MARK), imitation.say(ref, "mei", "theirs")
    imitation.edit_comment(ref, theirs, "mei", "theirs, corrected")
    imitation.edit_comment(ref, ours, "mei", "ours, corrected")
    assert [(one.ref, one.text) for one in imitation.see(ref).comments] == [
        (ours, "ours, corrected"),
        (theirs, "theirs, corrected"),
    ]
    assert [one.mark for one in tracker.fetch(ref).comments] == [MARK, None]
    imitation.delete_comment(ref, theirs, "mei")
    assert [one.ref for one in imitation.see(ref).comments] == [ours]


def test_its_people_delete_and_move(imitation, tracker, ref):
    second = tracker.create(FIELDS, MARK)
    moved = imitation.move(second)
    assert tracker.fetch(second) == MovedTo(moved)
    assert imitation.see(second).ref == imitation.see(moved).ref == moved
    assert imitation.move(moved) == moved
    imitation.delete(ref)
    assert imitation.see(ref) is None
    assert isinstance(tracker.fetch(ref), Gone)
    assert imitation.items() == [moved]


def test_sends_signed_hooks_and_forgets_everything(imitation, tracker, ref):
    imitation.edit(ref, "mei", "title", "Other")
    sent = imitation.deliveries()
    assert sent
    assert all(tracker.verify(one) for one in sent)
    assert {hint.ref for one in sent for hint in tracker.hints(one)} == {ref}
    assert imitation.deliveries() == []
    imitation.reset()
    assert imitation.items() == []


def test_is_ill_until_it_is_healed(imitation, tracker, ref):
    for quirk in ("secondary", "secondary_bare", "primary"):
        imitation.ail(quirk)
        with pytest.raises(Retry):
            tracker.fetch(ref)
    imitation.ail("silent")
    tracker.delete_comment(ref, "1")
    imitation.ail("skew")
    imitation.edit(ref, "mei", "title", "Late")
    imitation.ail("primary")
    imitation.heal()
    assert tracker.fetch(ref).fields["title"] == "Late"
    assert imitation.quirks >= {"silent", "skew", "primary"}
    imitation.close()


def test_too_much_content_in_a_minute_is_a_breach(imitation, tracker, ref):
    with pytest.raises(Retry):
        for _ in range(100):
            tracker.add_comment(ref, "again", MARK)
    assert imitation.breaches == 1
