"""Files at a tracker that takes none: links to ours as comments, once, under all the rules of files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.execute.sync.files import FileWay
from hub.core.values import Refused
from hub.lab.memory import MemoryStore, MemoryTask
from hub.plugins.sandbox.plugin import SandboxSettings
from tests.core.execute.sync.conftest import make_pair

FAULTS = ("unavailable", "too_many", "lose_answer")


def without_files(pair):
    pair.tracker.capabilities = pair.tracker.capabilities - {"files"}
    pair.note = lambda file: f"here is {file.name}"
    return pair


@pytest.fixture
def pointed(linked):
    """The pair, at a tracker that takes no files."""
    return without_files(linked)


def said(pair):
    return [comment["text"] for comment in pair.item()["comments"]]


def copies(pair):
    return [(one.name, one.state) for one in pair.store.file_copies.values()]


def test_a_file_goes_as_a_comment_with_a_link_once_and_is_nobodys_comment_here(pointed, task):
    task.attach("ours.txt", b"ours")
    assert [pointed.round().state for _ in range(3)] == ["settled"] * 3
    assert said(pointed) == ["here is ours.txt"]
    assert copies(pointed) == [("ours.txt", "copied")]
    assert (task.comments, len(task.files), pointed.item()["files"]) == ({}, 1, [])


def test_an_internal_file_is_not_spoken_of(pointed, task):
    task.attach("secret.txt", b"SECRET", public=False)
    assert pointed.round().state == "settled"
    assert said(pointed) == []


def test_a_lost_answer_makes_no_second_note(pointed, task):
    task.attach("once.txt", b"once")
    pointed.sandbox.faults.next("lose_answer")
    assert pointed.round().state == "waiting"
    assert [pointed.round().state for _ in range(2)] == ["settled"] * 2
    assert said(pointed) == ["here is once.txt"]
    assert copies(pointed) == [("once.txt", "copied")]


def test_a_large_file_is_no_heavier_than_a_small_one(pointed, task):
    pointed.files = FileWay(most=3)
    task.attach("large.txt", b"large")
    assert pointed.round().state == "settled"
    assert said(pointed) == ["here is large.txt"]


def test_without_a_public_address_or_when_files_stay_nothing_is_said(pointed, task):
    task.attach("ours.txt", b"ours")
    pointed.files = FileWay("in")
    pointed.round()
    pointed.files, pointed.note = FileWay(), None
    assert pointed.round().state == "settled"
    assert (said(pointed), copies(pointed)) == ([], [])


def test_notes_that_went_are_known_when_no_more_of_them_go(pointed, task):
    task.attach("ours.txt", b"ours")
    pointed.round()
    task.files.clear()
    pointed.note = None
    assert pointed.round().state == "settled"
    assert task.comments == {}


def test_a_note_taken_away_there_is_not_sent_again_and_says_so(pointed, task):
    task.attach("ours.txt", b"ours")
    pointed.round()
    note = pointed.item()["comments"][0]
    pointed.tracker.delete_comment(pointed.item()["key"], str(note["id"]))
    assert pointed.round().state == "settled"
    pointed.round()
    assert said(pointed) == []
    assert copies(pointed) == [("ours.txt", "ended")]


def test_what_somebody_says_with_a_copy_of_our_note_is_theirs(pointed, task):
    task.attach("ours.txt", b"ours")
    pointed.round()
    mark = pointed.item()["comments"][0]["external_id"]
    pointed.tracker.add_comment(pointed.item()["key"], "see above", mark)
    pointed.round()
    assert [comment.text for comment in task.comments.values()] == ["see above"]


def test_a_tracker_that_takes_no_comment_either_says_so_at_the_file(pointed, task, monkeypatch):
    def no(*_args):
        raise Refused("comments are closed")

    task.attach("ours.txt", b"ours")
    monkeypatch.setattr(pointed.tracker, "add_comment", no)
    assert pointed.round().state == "refused"
    assert [one.reason["text"] for one in pointed.store.file_copies.values()] == ["comments are closed"]


STEPS = st.lists(
    st.tuples(st.sampled_from(["attach", "say here", "say there", *FAULTS, "round"]), st.integers(0, 3)),
    max_size=14,
)


@given(STEPS)
def test_whatever_happens_each_content_is_told_once_and_no_comment_is_lost(steps):
    task = MemoryTask("Printer", "It burns.", assignee=1)
    pair = make_pair(MemoryStore(task), SandboxSettings(base_url="http://127.0.0.1/", people_map={1: "mei"}))
    try:
        pair.round()
        without_files(pair)
        theirs, ours, attached = [], [], set()
        for number, (step, value) in enumerate(steps):
            if step == "attach":
                task.attach(f"{value}.txt", f"content {value}".encode())
                attached.add(f"content {value}")
            elif step == "say here":
                task.say("", f"ours {number}")
                ours.append(f"ours {number}")
            elif step == "say there":
                pair.sandbox.board.add_comment(pair.item()["key"], "jonas", f"theirs {number}")
                theirs.append(f"theirs {number}")
            elif step == "round":
                pair.round()
            else:
                pair.sandbox.faults.next(step)
        pair.sandbox.faults.clear()
        for _ in range(6):
            pair.clock.forward(seconds=7200)
            state = pair.round().state
        assert state == "settled"
        notes = [text for text in said(pair) if text.startswith("here is")]
        assert len(notes) == len(set(notes)) == len(attached)
        assert sorted(text for text in said(pair) if text not in notes) == sorted(ours + theirs)
        assert sorted(one.text for one in task.comments.values()) == sorted(ours + theirs)
    finally:
        pair.close()
