"""Comments are copied both ways, once, and follow their origin."""

import dataclasses

from hub.core.values import Refused


def texts(pair):
    return [comment["text"] for comment in pair.item()["comments"]]


def test_copies_comments_both_ways_once(linked, task):
    task.say("Wang", "from here")
    linked.sandbox.board.add_comment(linked.item()["key"], "jonas", "from there")
    for _ in range(3):
        assert linked.round().state == "settled"
    assert texts(linked) == ["from there", "**Wang**\n\nfrom here"]
    assert [(c.author, c.text) for c in task.comments.values()] == [
        ("Wang", "from here"),
        ("jonas", "from there"),
    ]


def test_a_lost_answer_makes_no_twin(linked, task):
    task.say("Wang", "once")
    linked.sandbox.faults.next("lose_answer")
    assert linked.round().state == "waiting"
    assert linked.round().state == "settled"
    assert texts(linked) == ["**Wang**\n\nonce"]
    assert len(task.comments) == 1


def test_edits_travel_from_either_side(linked, task):
    ours = task.say("Wang", "first")
    linked.sandbox.board.add_comment(linked.item()["key"], "jonas", "their first")
    linked.round()
    mine, theirs = linked.item()["comments"][1], linked.item()["comments"][0]
    assert mine["text"].endswith("first")
    linked.sandbox.board.edit_comment(mine["id"], "jonas", "**Wang**\n\nfirst, corrected there")
    linked.sandbox.board.edit_comment(theirs["id"], "jonas", "their second")
    assert linked.round().state == "settled"
    assert task.comments[ours].text == "first, corrected there"
    assert task.comments[2].text == "their second"
    before = linked.wire.writes
    linked.round()
    assert linked.wire.writes == before


def test_an_edit_here_travels_and_its_echo_does_nothing(linked, task):
    ours = task.say("Wang", "first")
    linked.round()
    task.comments[ours] = dataclasses.replace(task.comments[ours], text="second \r\nline")
    linked.round()
    assert texts(linked) == ["**Wang**\n\nsecond \nline"]
    before = linked.wire.writes
    for _ in range(5):
        linked.round()
    assert linked.wire.writes == before


def test_edited_on_both_sides_is_noted_and_neither_is_overwritten(linked, task):
    ours = task.say("Wang", "first")
    linked.round()
    task.comments[ours] = dataclasses.replace(task.comments[ours], text="here")
    linked.sandbox.board.edit_comment(linked.item()["comments"][0]["id"], "jonas", "there")
    linked.round()
    assert (task.comments[ours].text, texts(linked)) == ("here", ["there"])
    assert linked.store.copies[ours].reason == {"id": "sync_comment_differs"}


def test_a_deletion_follows_the_origin_only(linked, task):
    ours, key = task.say("Wang", "ours"), linked.item()["key"]
    linked.sandbox.board.add_comment(key, "jonas", "theirs")
    linked.round()
    mine = next(comment for comment in linked.item()["comments"] if comment["author"] == "hub-bot")
    linked.sandbox.board.delete_comment(mine["id"], "jonas")
    linked.round()
    assert not task.comments[ours].deleted
    assert texts(linked) == ["theirs"]
    linked.sandbox.board.delete_comment(linked.item()["comments"][0]["id"], "jonas")
    linked.round()
    assert task.comments[2].deleted
    again = task.say("Wang", "third")
    linked.round()
    task.comments[again] = dataclasses.replace(task.comments[again], deleted=True)
    linked.round()
    assert texts(linked) == []


def test_a_comment_taken_back_before_it_left_never_leaves(linked, task):
    ours = task.say("Wang", "oops")
    task.comments[ours] = dataclasses.replace(task.comments[ours], deleted=True)
    linked.round()
    assert texts(linked) == []


def refuse(*_):
    raise Refused("not yours to change")


def test_an_edit_the_tracker_refuses_is_shown_and_tried_again_only_as_another_text(linked, task, monkeypatch):
    ours = task.say("Wang", "first")
    linked.round()
    monkeypatch.setattr(linked.tracker, "edit_comment", refuse)
    task.comments[ours] = dataclasses.replace(task.comments[ours], text="second")
    task.edit(title="Travels all the same")
    assert linked.round().state == "settled"
    assert linked.item()["title"] == "Travels all the same"
    assert linked.store.copies[ours].reason["text"] == "not yours to change"
    monkeypatch.undo()
    linked.round()
    assert texts(linked) == ["**Wang**\n\nfirst"], "it was refused, and it is the same text"
    task.comments[ours] = dataclasses.replace(task.comments[ours], text="third")
    assert linked.round().state == "settled"
    assert texts(linked) == ["**Wang**\n\nthird"]
    assert linked.store.copies[ours].reason is None


def test_a_deletion_the_tracker_refuses_is_shown_and_ends_the_copy(linked, task, monkeypatch):
    ours = task.say("Wang", "first")
    linked.round()
    monkeypatch.setattr(linked.tracker, "delete_comment", refuse)
    task.comments[ours] = dataclasses.replace(task.comments[ours], deleted=True)
    assert linked.round().state == "settled"
    assert linked.store.copies[ours].reason == {"id": "sync_refused", "text": "not yours to change"}
    assert linked.store.copies[ours].state == "ended"


def test_a_comment_numbered_anew_is_known_by_its_mark(linked, task):
    task.say("Wang", "ours")
    linked.round()
    board = linked.sandbox.board
    (sent,) = linked.item()["comments"]
    board.delete_comment(sent["id"], "jonas")
    board.add_comment(linked.item()["key"], "hub-bot", sent["text"], sent["external_id"])
    assert linked.round().state == "settled"
    assert len(task.comments) == 1
    assert texts(linked) == ["**Wang**\n\nours"]


def test_a_comment_that_carries_the_mark_of_another_is_somebody_elses(linked, task):
    task.say("Wang", "ours")
    linked.round()
    (sent,) = linked.item()["comments"]
    linked.sandbox.board.add_comment(linked.item()["key"], "jonas", "copied", sent["external_id"])
    for _ in range(2):
        assert linked.round().state == "settled"
    assert [one.text for one in task.comments.values()] == ["ours", "copied"]


def test_an_edit_the_tracker_keeps_to_itself_is_shown_and_not_repeated(linked, task):
    ours = task.say("Wang", "first")
    linked.round()
    task.comments[ours] = dataclasses.replace(task.comments[ours], text="second")
    linked.sandbox.faults.next("change_nothing")
    assert linked.round().state == "refused"
    assert linked.store.copies[ours].reason["id"] == "sync_kept"
    writes = linked.wire.writes
    linked.round()
    assert linked.wire.writes == writes
    task.comments[ours] = dataclasses.replace(task.comments[ours], text="third")
    assert linked.round().state == "settled"
    assert texts(linked) == ["**Wang**\n\nthird"]


def test_an_edit_whose_answer_was_lost_is_made_once(linked, task):
    ours = task.say("Wang", "first")
    linked.round()
    task.comments[ours] = dataclasses.replace(task.comments[ours], text="second")
    linked.sandbox.faults.next("lose_answer")
    assert linked.round().state == "waiting"
    writes = linked.wire.writes
    assert linked.round().state == "settled"
    assert (linked.wire.writes, texts(linked)) == (writes, ["**Wang**\n\nsecond"])


def test_an_internal_note_stays_here(linked, task):
    task.say("Wang", "between us", internal=True)
    assert linked.round().state == "settled"
    assert texts(linked) == []


def test_an_internal_note_goes_into_a_private_stream_where_there_is_one(linked, task):
    notes = []

    class Desk:
        capabilities = linked.tracker.capabilities | {"private-notes"}

        def __getattr__(self, name):
            return getattr(pair_tracker, name)

        def add_note(self, ref, text, mark):
            notes.append(text)
            return pair_tracker.add_comment(ref, text, mark)

    pair_tracker, linked.tracker = linked.tracker, Desk()
    task.say("Wang", "between us", internal=True)
    assert linked.round().state == "settled"
    assert notes == ["**Wang**\n\nbetween us"]
