"""The round against a real sandbox: faults, edits on both sides, edits in between."""

import pytest

from hub.core.execute.sync.fields import Clash
from hub.core.values import Retry
from hub.lab.memory import MemoryStore, MemoryTask
from tests.core.execute.sync.conftest import SETTINGS, make_pair


def items(pair):
    return pair.sandbox.board.items()


def test_makes_the_item_with_all_fields(linked, task):
    item = linked.item()
    assert item["title"] == "Printer is on fire"
    assert item["text"] == task.body
    assert (item["status"], item["assignee"], item["labels"]) == ("todo", "mei", [])
    assert item["external_id"] == linked.store.mark
    assert linked.wire.writes == 1


def test_carries_edits_of_different_fields_both_ways_in_one_round(linked, task):
    task.edit(title="Printer burns", labels=frozenset({"fire", "urgent"}))
    linked.sandbox.board.change(linked.item()["key"], "jonas", {"status": "doing", "assignee": "jonas"})
    assert linked.round().state == "settled"
    assert (task.status, task.assignee) == ("doing", 2)
    assert (linked.item()["title"], linked.item()["labels"]) == ("Printer burns", ["fire", "urgent"])
    assert linked.wire.writes == 2


def test_merges_labels_and_lines_edited_on_both_sides(linked, task):
    task.edit(labels=frozenset({"here"}), body=task.body.replace("It burns", "It still burns"))
    linked.sandbox.board.change(
        linked.item()["key"],
        "jonas",
        {"labels": {"add": ["there"]}, "text": "It burns.\nSince noon.\nFourth floor."},
    )
    assert linked.round().state == "settled"
    assert task.labels == {"here", "there"} == set(linked.item()["labels"])
    assert task.body == linked.item()["text"] == "It still burns.\nSince noon.\nFourth floor."


def test_shows_a_conflict_and_overwrites_neither_side(linked, task):
    task.edit(title="Ours")
    linked.sandbox.board.change(linked.item()["key"], "jonas", {"title": "Theirs"})
    for _ in range(3):
        assert linked.round().state == "conflict"
    assert (task.title, linked.item()["title"]) == ("Ours", "Theirs")
    assert linked.store.states["title"].clash == Clash("both", "Ours", "Theirs", "Theirs")
    assert linked.wire.writes == 1


def test_a_conflict_in_one_field_does_not_hold_up_the_others(linked, task):
    task.edit(title="Ours", labels=frozenset({"a"}))
    linked.sandbox.board.change(linked.item()["key"], "jonas", {"title": "Theirs", "status": "blocked"})
    assert linked.round().state == "conflict"
    assert (task.status, linked.item()["labels"]) == ("waiting", ["a"])


def test_a_hundred_echoes_cause_no_write(linked, task):
    task.edit(title="Once", body="changed\r\nwith blanks \n")
    linked.round()
    before, version = linked.wire.writes, task.version
    for _ in range(100):
        assert linked.round().state == "settled"
    assert (linked.wire.writes, task.version) == (before, version)


def test_an_unavailable_tracker_makes_the_link_wait_and_say_why(linked, task):
    task.edit(title="New")
    linked.sandbox.faults.next("unavailable", 2)
    first = linked.round()
    second = linked.round()
    assert (first.state, second.state) == ("waiting", "waiting")
    assert linked.store.reason == {"id": "sync_ill", "text": "HTTP 503"}
    assert linked.store.attempts == 2
    assert second.due_at > linked.clock.now()
    assert linked.round().state == "settled"
    assert (linked.item()["title"], linked.store.reason, linked.store.attempts) == ("New", None, 0)


def test_honours_the_time_a_tracker_asks_for(linked):
    linked.sandbox.faults.next("too_many")
    outcome = linked.round()
    assert (outcome.due_at - linked.clock.now()).total_seconds() >= 6


def test_a_lost_answer_while_creating_makes_no_twin(pair):
    pair.sandbox.faults.next("lose_answer")
    assert pair.round().state == "waiting"
    assert pair.round().state == "settled"
    assert len(items(pair)) == 1
    assert pair.wire.writes == 1


def test_a_refused_connection_while_creating_is_tried_again(pair):
    pair.sandbox.faults.next("unavailable")
    assert pair.round().state == "waiting"
    assert items(pair) == []
    assert pair.round().state == "settled"
    assert len(items(pair)) == 1


def test_a_lost_answer_while_updating_writes_once_and_settles(linked, task):
    task.edit(title="New", status="doing", labels=frozenset({"x"}))
    linked.sandbox.faults.next("lose_answer")
    assert linked.round().state == "waiting"
    writes = linked.wire.writes
    assert linked.round().state == "settled"
    assert linked.wire.writes == writes
    assert (linked.item()["title"], linked.item()["labels"]) == ("New", ["x"])


class Killed(BaseException):
    """The hub's process ends here."""


@pytest.mark.parametrize("step", range(12))
def test_a_hub_killed_at_any_call_leaves_one_item_and_one_comment(tmp_path, step):
    task = MemoryTask("Made once", assignee=1)
    pair = make_pair(MemoryStore(task), path=str(tmp_path / "sandbox.sqlite"))
    task.say("Wang", "one comment")
    left = step

    def kill(method, path):
        nonlocal left
        left -= 1
        if left == -1:
            raise Killed

    pair.wire.before = kill
    try:
        pair.round()
    except Killed:
        pair.round()
    assert [item["title"] for item in items(pair)] == ["Made once"]
    assert [comment["text"] for comment in pair.item()["comments"]] == ["**Wang**\n\none comment"]
    assert len(task.comments) == 1
    pair.close()


@pytest.mark.parametrize("step", range(8))
def test_a_hub_killed_after_any_call_took_effect_settles_without_a_twin(step):
    task = MemoryTask("Made once", assignee=1)
    pair = make_pair(MemoryStore(task))
    task.say("Wang", "one comment")
    send, left = pair.wire.send, step

    def send_and_die(*args, **options):
        nonlocal left
        answer = send(*args, **options)
        left -= 1
        if left == -1:
            raise Killed
        return answer

    pair.wire.send = send_and_die
    try:
        pair.round()
    except Killed:
        task.edit(title="Changed meanwhile")
        pair.round()
        assert pair.item()["title"] == "Changed meanwhile"
    assert len(items(pair)) == 1
    assert len(pair.item()["comments"]) == 1
    assert pair.store.state == "settled"
    pair.close()


def test_an_edit_between_our_look_and_our_write_is_shown_with_the_lost_value(linked, task):
    key = linked.item()["key"]
    task.edit(title="Ours")
    linked.sandbox.faults.before_next_write(
        lambda: linked.sandbox.board.change(key, "jonas", {"title": "Theirs, unseen"})
    )
    assert linked.round().state == "conflict"
    assert linked.item()["title"] == "Ours"
    assert linked.store.states["title"].clash == Clash("overwritten", "Ours", "Theirs, unseen", "Ours")
    assert linked.round().state == "conflict"


def test_an_edit_right_after_our_write_comes_in(linked, task):
    key = linked.item()["key"]
    task.edit(title="Ours")
    send = linked.wire.send

    def send_then_edit(method, *args, **options):
        answer = send(method, *args, **options)
        if method == "PATCH":
            linked.wire.send = send
            linked.sandbox.board.change(key, "jonas", {"title": "Theirs, later"})
        return answer

    linked.wire.send = send_then_edit
    assert linked.round().state == "settled"
    assert (task.title, linked.item()["title"]) == ("Theirs, later", "Theirs, later")


def test_our_side_moving_while_the_round_writes_starts_the_round_again(linked, task):
    key = linked.item()["key"]
    linked.sandbox.board.change(key, "jonas", {"title": "Theirs"})
    write_here = linked.store.write_here
    calls = []

    def moved_meanwhile(*args):
        if not calls:
            task.edit(body="Edited in between")
        calls.append(args)
        return write_here(*args)

    linked.store.write_here = moved_meanwhile
    assert linked.round().state == "settled"
    assert len(calls) == 2
    assert (task.title, linked.item()["text"]) == ("Theirs", "Edited in between")


def test_a_write_that_changes_nothing_is_shown_and_not_repeated(linked, task):
    task.edit(title="New", labels=frozenset({"x"}))
    linked.sandbox.faults.next("change_nothing")
    assert linked.round().state == "refused"
    writes = linked.wire.writes
    assert linked.round().state == "refused"
    assert linked.wire.writes == writes
    assert linked.store.states["title"].declined.reason == {"id": "sync_kept"}
    task.edit(title="Newer", labels=frozenset({"y"}))
    assert linked.round().state == "settled"
    assert (linked.item()["title"], linked.item()["labels"]) == ("Newer", ["y"])


def test_one_refused_field_does_not_hold_up_the_others():
    settings = SETTINGS.model_copy(update={"people_map": {1: "mei", 2: "left the company"}})
    task = MemoryTask("Title", assignee=1)
    pair = make_pair(MemoryStore(task), settings)
    pair.round()
    task.edit(assignee=2, status="doing", title="New title")
    assert pair.round().state == "refused"
    assert (pair.item()["title"], pair.item()["status"], pair.item()["assignee"]) == (
        "New title",
        "doing",
        "mei",
    )
    assert "no such account" in pair.store.states["assignee"].declined.reason["text"]
    writes = pair.wire.writes
    pair.round()
    assert pair.wire.writes == writes
    task.edit(assignee=1)
    assert pair.round().state == "settled"
    pair.close()


def test_what_the_tracker_refuses_of_a_new_item_is_shown_and_the_rest_is_made(task):
    settings = SETTINGS.model_copy(update={"people_map": {1: "nobody-there", 2: "jonas"}})
    pair = make_pair(MemoryStore(task), settings)
    assert pair.round().state == "refused"
    assert (pair.item()["title"], pair.item()["assignee"]) == (task.title, None)
    assert "no such account" in pair.store.states["assignee"].declined.reason["text"]
    assert len(pair.sandbox.board.items()) == 1
    task.edit(assignee=2)
    assert pair.round().state == "settled"
    assert pair.item()["assignee"] == "jonas"
    pair.close()


def test_an_item_whose_title_is_refused_is_not_made(task):
    task.title = " "
    pair = make_pair(MemoryStore(task))
    assert pair.round().state == "refused"
    assert pair.sandbox.board.items() == []
    pair.close()


def test_an_unmapped_person_is_shown_on_both_ways(linked, task):
    linked.sandbox.board.change(linked.item()["key"], "jonas", {"assignee": "anna"})
    assert linked.round().state == "refused"
    assert linked.store.states["assignee"].declined.reason == {
        "id": "sync_unmapped_person_there",
        "value": "anna",
    }
    assert task.assignee == 1
    linked.sandbox.board.change(linked.item()["key"], "jonas", {"assignee": "mei"})
    assert linked.round().state == "settled"
    task.edit(assignee=77)
    assert linked.round().state == "refused"
    assert linked.item()["assignee"] == "mei"


def test_what_our_own_guards_decline_is_shown_and_taken_once_it_fits(task):
    task.assignee = None
    pair = make_pair(MemoryStore(task))
    pair.round()
    pair.sandbox.board.change(pair.item()["key"], "jonas", {"status": "doing"})
    assert pair.round().state == "refused"
    assert pair.store.states["status"].declined.reason == {"id": "task_without_owner"}
    task.edit(assignee=2)
    assert pair.round().state == "settled"
    assert (task.status, pair.item()["assignee"]) == ("doing", "jonas")
    pair.close()


def test_a_deleted_item_ends_the_link(linked):
    linked.sandbox.board.delete(linked.item()["key"])
    assert linked.round().state == "gone"


def test_a_moved_item_is_followed(linked, task):
    linked.sandbox.board.move(linked.item()["key"], "OPS-7")
    task.edit(title="Still linked")
    assert linked.round().state == "settled"
    assert linked.sandbox.board.item("OPS-7")["title"] == "Still linked"


def test_linking_an_item_that_exists_takes_over_and_asks(task):
    pair = make_pair(MemoryStore(task))
    made = pair.sandbox.board.create("jonas", {"title": "Another title", "labels": ["far"]})
    pair.store.ref = made["key"]
    task.edit(labels=frozenset({"near"}))
    assert pair.round().state == "conflict"
    assert task.labels == {"near", "far"} == set(pair.item()["labels"])
    assert pair.item()["text"] == task.body
    assert pair.store.states["title"].clash is not None
    pair.close()


def test_an_added_end_that_was_not_taken_is_no_text_cut_at_a_limit(linked, task):
    task.edit(body="A long beginning. " * 10)
    linked.round()
    task.edit(body="A long beginning. " * 10 + "\n\nAn end.")
    linked.sandbox.faults.next("change_nothing")
    assert linked.round().state == "refused"
    assert linked.store.states["body"].declined.value.endswith("An end.")


def test_a_label_that_was_not_taken_is_offered_again_with_the_next_change(linked, task):
    task.edit(labels=frozenset({"x"}))
    linked.sandbox.faults.next("change_nothing")
    assert linked.round().state == "refused"
    linked.sandbox.board.change(linked.item()["key"], "jonas", {"labels": {"add": ["y"]}})
    assert linked.round().state == "settled"
    assert task.labels == {"x", "y"} == set(linked.item()["labels"])


def test_a_label_put_back_after_our_unanswered_removal_stays(linked, task):
    key = linked.item()["key"]
    task.edit(labels=frozenset({"red"}))
    linked.round()
    task.edit(labels=frozenset())
    linked.sandbox.faults.next("lose_answer")
    assert linked.round().state == "waiting"
    assert linked.item()["labels"] == []
    linked.sandbox.board.change(key, "jonas", {"labels": {"add": ["red"]}})
    assert linked.round().state == "settled"
    assert task.labels == {"red"} == set(linked.item()["labels"])


def killed_before_writing(linked):
    """The hub ends after it wrote down what it is about to say there, and before it says it."""
    update = linked.tracker.update

    def end(ref, changes):
        raise Killed

    linked.tracker.update = end
    with pytest.raises(Killed):
        linked.round()
    linked.tracker.update = update


def test_a_label_somebody_else_added_is_not_taken_for_our_unanswered_write(linked, task):
    task.edit(labels=frozenset({"red"}))
    killed_before_writing(linked)
    task.edit(labels=frozenset())
    linked.sandbox.board.change(linked.item()["key"], "jonas", {"labels": {"add": ["red"]}})
    assert linked.round().state == "settled"
    assert task.labels == {"red"} == set(linked.item()["labels"])


def test_a_status_somebody_else_set_is_not_taken_for_our_unanswered_write(linked, task):
    task.edit(status="doing")
    killed_before_writing(linked)
    task.edit(status="open")
    linked.sandbox.board.change(linked.item()["key"], "jonas", {"status": "doing"})
    assert linked.round().state == "settled"
    assert (task.status, linked.item()["status"]) == ("doing", "doing")


def test_what_arrived_though_nobody_answered_is_ours_even_where_we_went_on(linked, task):
    task.edit(status="doing", labels=frozenset({"red"}))
    linked.sandbox.faults.next("lose_answer")
    assert linked.round().state == "waiting"
    task.edit(status="waiting", labels=frozenset())
    assert linked.round().state == "settled"
    assert (task.status, task.labels) == ("waiting", frozenset())
    assert (linked.item()["status"], linked.item()["labels"]) == ("blocked", [])


def test_without_a_change_log_an_edit_before_a_write_that_was_dropped_does_not_cost_ours(linked, task):
    linked.tracker.capabilities = frozenset()
    board, key = linked.sandbox.board, linked.item()["key"]
    task.edit(body="It burns.\nSince eleven.\nThird floor.", title="Ours")
    there = {"text": "It burns.\nSince noon.\nThird floor.\nBring water.", "title": "Theirs"}
    linked.sandbox.faults.before_next_write(lambda: board.change(key, "jonas", there))
    linked.sandbox.faults.next("change_nothing")
    assert linked.round().state == "conflict"
    assert linked.store.states["title"].clash == Clash("both", "Ours", "Theirs", "Theirs")
    assert task.body == linked.item()["text"] == "It burns.\nSince eleven.\nThird floor.\nBring water."


def test_without_a_change_log_lines_that_hold_ours_went_on_from_it(linked, task):
    linked.tracker.capabilities = frozenset()
    update, key = linked.tracker.update, linked.item()["key"]
    task.edit(body="It burns.\nSince eleven.\nThird floor.")

    def and_somebody_goes_on(ref, changes):
        update(ref, changes)
        linked.sandbox.board.change(key, "jonas", {"text": "It burns.\nSince eleven.\nNext door, too."})

    linked.tracker.update = and_somebody_goes_on
    assert linked.round().state == "settled"
    assert task.body == "It burns.\nSince eleven.\nNext door, too."


def test_making_an_item_again_says_what_was_said_first(pair, task):
    create, find = pair.tracker.create, pair.tracker.find

    def lost(values, mark):
        create(values, mark)
        raise Retry("no answer in time")

    pair.tracker.create = lost
    pair.tracker.find = lambda mark: None  # not listed yet
    assert pair.round().state == "waiting"
    task.edit(title="Printer is out")
    pair.tracker.create = lambda values, mark: said.append(values["title"]) or find(mark)
    said = []
    assert pair.round().state == "settled"
    assert said == ["Printer is on fire"]
    assert (pair.item()["title"], pair.store.states["title"].clash) == ("Printer is out", None)


def test_an_item_whose_title_was_refused_is_made_with_the_next_one(task):
    task.title = " "
    pair = make_pair(MemoryStore(task))
    assert pair.round().state == "refused"
    task.edit(title="Printer is out")
    assert pair.round().state == "settled"
    assert pair.item()["title"] == "Printer is out"
    pair.close()


def test_a_time_the_tracker_names_holds_for_all_its_links_and_our_own_patience_for_one(linked, task):
    linked.sandbox.faults.next("unavailable")
    linked.round()
    assert linked.store.resting_until is None
    linked.sandbox.faults.next("too_many")
    linked.round()
    assert linked.store.resting_until == linked.store.due_at


def test_an_edit_of_the_new_item_before_our_first_look_comes_in(pair, task):
    fetch = pair.tracker.fetch

    def ill(ref):
        raise Retry("HTTP 503")

    pair.tracker.fetch = ill
    assert pair.round().state == "waiting"
    pair.tracker.fetch = fetch
    pair.sandbox.board.change(pair.item()["key"], "jonas", {"title": "Renamed there", "status": "blocked"})
    assert pair.round().state == "settled"
    assert (task.title, task.status, pair.store.states["title"].clash) == ("Renamed there", "waiting", None)


def test_priority_due_day_and_estimate_travel_both_ways(linked, task):
    task.edit(priority=1, estimate=90)
    linked.sandbox.board.change(linked.item()["key"], "jonas", {"due": "2026-05-04"})
    assert linked.round().state == "settled"
    item = linked.item()
    assert (item["priority"], item["due"], item["estimate"]) == ("urgent", "2026-05-04", 90)
    assert (task.priority, task.due, task.estimate) == (1, "2026-05-04", 90)
    linked.sandbox.board.change(item["key"], "jonas", {"priority": "low", "estimate": None})
    assert linked.round().state == "settled"
    assert (task.priority, task.estimate) == (4, None)


def test_both_sides_set_another_due_day_and_neither_is_lost(linked, task):
    task.edit(due="2026-05-04")
    linked.sandbox.board.change(linked.item()["key"], "jonas", {"due": "2026-05-06"})
    assert linked.round().state == "conflict"
    assert linked.store.states["due"].clash == Clash("both", "2026-05-04", "2026-05-06", "2026-05-06")


def test_a_tracker_is_never_told_what_it_cannot_do(pair, task):
    pair.tracker.capabilities = pair.tracker.capabilities - {"priority", "due", "estimate"}
    task.edit(priority=1, due="2026-05-04", estimate=30)
    assert pair.round().state == "settled"
    item = pair.item()
    assert (item["priority"], item["due"], item["estimate"]) == (None, None, None)
    assert set(pair.store.states) == {"title", "body", "status", "assignee", "labels"}


def test_a_priority_that_means_nothing_here_is_shown(task):
    some = SETTINGS.model_copy(
        update={"priority_map": {1: ["urgent"], 2: ["high"]}, "directions": {"priority": "in"}}
    )
    pair = make_pair(MemoryStore(task), some)
    assert pair.round().state == "settled"
    pair.sandbox.board.change(pair.item()["key"], "jonas", {"priority": "low"})
    assert pair.round().state == "refused"
    assert pair.store.states["priority"].declined.reason["id"] == "sync_unmapped_priority_there"
    pair.close()
