"""Rounds on the real tables: jobs promised, waiting as rows, conflicts decided, restarts survived."""

import datetime as dt
import threading
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from hub.core.connections.guarded import Guarded
from hub.core.connections.models import Connection
from hub.core.conversation import comments
from hub.core.database import Database
from hub.core.execute import sync
from hub.core.execute.models import CommentLink, Link
from hub.core.execute.sync import links
from hub.core.execute.sync.tables import TableStore
from hub.core.history import HistoryEntry
from hub.core.registry.calls import Caller
from hub.core.values import SYSTEM, Actor, Refusal
from hub.core.work.models import Task
from hub.core.work.tasks import assign_task, set_state


@pytest.fixture
def promised(monkeypatch):
    """The rounds that are promised, with their delay."""
    found = []
    monkeypatch.setattr(
        links, "promise", lambda session, name, key, *args, after=None: found.append((key, after))
    )
    return found


def verbs(desk):
    with desk.database.reading() as session:
        return list(session.scalars(select(HistoryEntry.verb).order_by(HistoryEntry.id)))


def test_makes_the_item_and_carries_edits_by_the_verbs_of_the_task(desk):
    assert desk.round() == "settled"
    desk.change_there(status="doing", assignee="jonas", labels={"add": ["far"]}, text="New text")
    desk.edit(title="New title")
    assert desk.round() == "settled"
    task = desk.task()
    assert (task.state, task.assignee_id, task.labels) == ("doing", desk.office.people[1], ["far"])
    assert (task.body, desk.pair.item()["title"]) == ("New text", "New title")
    assert {"task_state", "task_assigned", "task_edited", "link_created"} <= set(verbs(desk))
    link = desk.link()
    assert (link.state, link.reason, link.looked_at is not None) == ("settled", None, True)
    assert link.url.endswith(f"/items/{link.ref}")


def test_a_waiting_link_is_a_row_with_reason_and_time_and_a_promise(desk, promised):
    desk.round()
    desk.edit(title="New")
    desk.pair.sandbox.faults.next("unavailable")
    assert desk.round() == "waiting"
    link = desk.link()
    assert (link.state, link.attempts) == ("waiting", 1)
    assert link.reason == {"id": "sync_ill", "text": "HTTP 503"}
    assert link.waiting_since < link.due_at
    assert promised[-1][0] == f"link:{link.id}"
    assert promised[-1][1] > dt.timedelta(0)
    assert desk.round() is None, "not before it is due"
    desk.office.clock.forward(seconds=10)
    assert desk.round() == "settled"
    assert (desk.link().waiting_since, desk.link().due_at, desk.link().attempts) == (None, None, 0)


def test_a_resting_connection_lets_its_links_wait_without_calling(desk, promised):
    desk.round()
    desk.pair.sandbox.faults.next("unavailable", 5)
    for _ in range(5):
        assert desk.round() == "waiting"
        desk.office.clock.forward(hours=1)
    with desk.database.transaction() as session:
        connection = session.get_one(Connection, desk.office.connection_id)
        assert connection.failures == 5
        connection.breaker_until = desk.database.now() + dt.timedelta(minutes=5)
    reads = desk.pair.wire.reads
    assert desk.round() is None
    assert desk.pair.wire.reads == reads
    assert desk.link().reason == {"id": "sync_resting"}
    desk.office.clock.forward(minutes=11)
    assert desk.round() == "settled"


def test_a_far_side_that_names_a_time_rests_the_whole_connection(desk, promised):
    desk.round()
    desk.edit(title="New")
    desk.pair.sandbox.faults.next("too_many")
    assert desk.round() == "waiting"
    with desk.database.reading() as session:
        resting = session.get_one(Connection, desk.office.connection_id).breaker_until
    assert resting == desk.link().due_at
    assert resting >= desk.link().waiting_since + dt.timedelta(seconds=7)


def test_waiting_for_a_listing_to_catch_up_is_no_reason_for_others_to_wait(desk, promised):
    desk.pair.tracker.find_lag = dt.timedelta(minutes=1)
    desk.pair.sandbox.faults.next("unavailable")
    assert desk.round() == "waiting"
    desk.office.clock.forward(seconds=10)
    assert desk.round() == "waiting"
    with desk.database.reading() as session:
        assert session.get_one(Connection, desk.office.connection_id).breaker_until is None
    desk.office.clock.forward(minutes=2)
    assert desk.round() == "settled"


def test_a_conflict_decided_for_ours_is_carried_there(desk):
    desk.round()
    desk.edit(title="Ours")
    desk.change_there(title="Theirs")
    assert desk.round() == "conflict"
    desk.resolve("here")
    assert desk.round() == "settled"
    assert (desk.task().title, desk.pair.item()["title"]) == ("Ours", "Ours")
    assert {"conflict_opened", "conflict_closed"} <= set(verbs(desk))


def test_a_conflict_decided_for_theirs_is_written_here(desk):
    desk.round()
    with desk.database.transaction() as session:
        task = session.get_one(Task, desk.task_id)
        set_state(session, desk.database.now(), SYSTEM, task, "doing")
    desk.change_there(status="cancelled")
    assert desk.round() == "conflict"
    writes = desk.pair.wire.writes
    desk.resolve("there")
    assert desk.task().state == "dropped"
    assert desk.round() == "settled"
    assert desk.pair.wire.writes == writes


def test_a_conflict_decided_by_a_third_text_reaches_both(desk):
    desk.round()
    desk.edit(body="Ours")
    desk.change_there(text="Theirs")
    assert desk.round() == "conflict"
    desk.resolve("text", "Both of us")
    assert desk.round() == "settled"
    assert (desk.task().body, desk.pair.item()["text"]) == ("Both of us", "Both of us")


def test_a_conflict_decided_while_the_far_side_went_on_is_a_conflict_again(desk):
    desk.round()
    desk.edit(title="Ours")
    desk.change_there(title="Theirs")
    desk.round()
    desk.change_there(title="Theirs, later")
    desk.resolve("here")
    assert desk.round() == "conflict"
    assert (desk.task().title, desk.pair.item()["title"]) == ("Ours", "Theirs, later")


def test_an_overwritten_value_can_be_brought_back(desk):
    desk.round()
    desk.edit(title="Ours")
    desk.pair.sandbox.faults.before_next_write(lambda: desk.change_there(title="Theirs, unseen"))
    assert desk.round() == "conflict"
    desk.resolve("there")
    assert desk.round() == "settled"
    assert (desk.task().title, desk.pair.item()["title"]) == ("Theirs, unseen", "Theirs, unseen")


def test_a_viewer_may_not_decide(desk):
    desk.round()
    desk.edit(title="Ours")
    desk.change_there(title="Theirs")
    desk.round()
    with pytest.raises(Refusal, match="not_allowed"):
        desk.resolve("here", actor=Actor("person", desk.office.people[1], "viewer"))


def test_internal_notes_never_leave(desk):
    desk.round()
    with desk.database.transaction() as session:
        request_id, now = session.get_one(Task, desk.task_id).request_id, desk.database.now()
        for stream in ("internal", "public"):
            comments.say(
                session,
                now,
                desk.office.actor,
                request_id=request_id,
                text=f"a {stream} word",
                stream=stream,
                task_id=desk.task_id,
            )
    assert desk.round() == "settled"
    assert [comment["text"] for comment in desk.pair.item()["comments"]] == ["**Wang**\n\na public word"]


def test_a_comment_from_there_names_its_author_and_comes_once(desk):
    desk.round()
    desk.pair.sandbox.board.add_comment(desk.pair.item()["key"], "jonas", "from there")
    for _ in range(3):
        assert desk.round() == "settled"
    with desk.database.reading() as session:
        request_id = session.get_one(Task, desk.task_id).request_id
        (comment,) = comments.stream_of(session, request_id, internal=True)
        assert session.scalar(select(func.count()).select_from(CommentLink)) == 1
    assert (comment.author_kind, comment.author_name, comment.text) == ("connection", "jonas", "from there")


def test_a_hub_that_restarts_between_making_and_recording_finds_its_item(desk, open_database):
    class Stopped(BaseException):
        pass

    def stop(ref):
        raise Stopped

    store = TableStore(desk.database, desk.link_id)
    store.found = stop
    desk.pair.store = store
    with pytest.raises(Stopped):
        desk.pair.round()
    assert desk.link().ref is None
    again = open_database(desk.database.url.render_as_string(hide_password=False), desk.office.clock)
    assert isinstance(again, Database)
    assert sync.run_round(again, desk.office, desk.link_id).state == "settled"
    assert len(desk.pair.sandbox.board.items()) == 1
    assert desk.pair.wire.writes == 1


def test_a_deleted_item_ends_the_link_and_is_told_once(desk):
    desk.round()
    desk.pair.sandbox.board.delete(desk.link().ref)
    assert desk.round() == "gone"
    assert desk.round() is None
    assert verbs(desk).count("link_stopped") == 1


def test_what_our_guards_decline_names_the_guard(desk):
    desk.round()
    with desk.database.transaction() as session:
        assign_task(session, desk.database.now(), SYSTEM, session.get_one(Task, desk.task_id), None)
    desk.change_there(status="done", assignee="")
    assert desk.round() == "refused"
    with desk.database.reading() as session:
        rows = {row.field: row.declined for row in session.get_one(Link, desk.link_id).fields}
    assert rows["status"]["reason"]["id"] == "task_without_owner"
    assert rows["title"] is None


def test_a_paused_link_rests_and_goes_on_where_it_was(desk, promised):
    desk.round()
    for paused, state in ((True, None), (False, "settled")):
        with desk.database.transaction() as session:
            link = session.get_one(Link, desk.link_id)
            sync.pause_link(session, desk.database.now(), desk.office.actor, link, paused)
        desk.edit(title="While it rested")
        assert desk.round() == state
    assert desk.pair.item()["title"] == "While it rested"


def test_a_change_here_promises_a_round_of_every_link_of_the_task(desk, promised):
    with desk.database.transaction() as session:
        sync.promise_rounds_for(session, desk.task_id)
        sync.promise_rounds_for(session, desk.task_id + 1000)
    assert promised == [(f"link:{desk.link_id}", None)]


def test_a_hint_promises_a_round_of_the_linked_item_only(desk, promised):
    desk.round()
    with desk.database.transaction() as session:
        sync.promise_round_of(session, desk.office.connection_id, desk.link().ref)
        sync.promise_round_of(session, desk.office.connection_id, "SBX-999")
    assert promised == [(f"link:{desk.link_id}", None)]


def test_one_far_item_cannot_be_linked_twice(desk):
    desk.round()
    with desk.database.transaction() as session:
        task = session.get_one(Task, desk.task_id)
        connection = session.get_one(Connection, desk.office.connection_id)
        with pytest.raises(Refusal, match="already_linked"):
            sync.link_task(session, desk.database.now(), SYSTEM, task, connection, desk.link().ref)
        made = sync.ensure_link(session, desk.database.now(), task, connection.id)
        assert made.id == desk.link_id


def test_a_sweep_finds_what_changed_there_without_any_hint(desk, promised):
    desk.round()
    desk.office.clock.forward(minutes=1)
    # Each change is told by two looks: the clock there is coarse.
    for rounds in (1, 1, 0):
        assert sync.sweep_all(desk.database, desk.office) == rounds
    promised.clear()
    desk.change_there(title="Changed quietly")
    desk.office.clock.forward(minutes=1)
    assert sync.sweep(desk.database, desk.office, desk.office.connection_id) == 1
    assert promised == [(f"link:{desk.link_id}", None)]
    assert desk.round() == "settled"
    assert desk.task().title == "Changed quietly"


def test_a_sweep_looks_anyway_at_what_nobody_looked_at_for_hours(desk, promised):
    desk.round()
    desk.office.clock.forward(minutes=1)
    sync.sweep(desk.database, desk.office, desk.office.connection_id)
    desk.office.clock.forward(hours=7)
    promised.clear()
    assert sync.sweep(desk.database, desk.office, desk.office.connection_id) == 1


def test_a_sweep_promises_again_the_first_round_of_a_link_whose_job_is_lost(desk, promised):
    """Five workers died with it, and nobody is asked: the item there is still owed."""
    desk.office.clock.forward(minutes=1)
    assert sync.sweep(desk.database, desk.office, desk.office.connection_id) == 0
    desk.office.clock.forward(minutes=2)
    promised.clear()
    assert sync.sweep(desk.database, desk.office, desk.office.connection_id) == 1
    assert promised == [(f"link:{desk.link_id}", None)]
    assert desk.round() == "settled"


def test_an_ill_tracker_does_not_keep_the_sweep_from_the_others(desk, promised):
    desk.round()
    desk.pair.sandbox.faults.next("unavailable")
    assert sync.sweep_all(desk.database, desk.office) == 0
    with desk.database.reading() as session:
        assert session.get_one(Connection, desk.office.connection_id).last_error == "HTTP 503"


def test_a_hundred_echoes_write_nothing_on_either_side(desk):
    desk.round()
    desk.edit(title="Once", body="a\r\nb ")
    desk.round()
    writes, version = desk.pair.wire.writes, desk.task().version
    for _ in range(100):
        assert desk.round() == "settled"
    assert (desk.pair.wire.writes, desk.task().version) == (writes, version)


def test_a_round_whose_job_was_taken_over_leaves_no_last_word(desk):
    desk.round()
    desk.change_there(title="New title")
    looked_at = desk.link().looked_at

    class TakenOver(Exception):
        pass

    @contextmanager
    def last():
        with desk.database.transaction() as session:
            yield session
            raise TakenOver

    with pytest.raises(TakenOver):
        sync.run_round(
            desk.database, desk.office, desk.link_id, make_store=sync.ending(last, desk.office.files)
        )
    assert desk.task().title == "New title"
    assert desk.link().looked_at == looked_at
    assert desk.round() == "settled"


def test_a_day_that_is_none_is_refused_and_said(desk):
    desk.round()
    fetch = desk.pair.tracker.fetch

    def odd(ref):
        item = fetch(ref)
        return replace(item, fields={**item.fields, "due": "2026-02-31"})

    desk.pair.tracker.fetch = odd
    assert desk.round() == "refused"
    fields = {row.field: row for row in desk.fields()}
    assert fields["due"].declined["reason"]["id"] == "no_such_day"
    assert desk.task().due is None


def test_planned_values_come_by_the_verbs_of_the_task(desk):
    desk.round()
    desk.change_there(priority="high", due="2026-05-04", estimate=50)
    assert desk.round() == "settled"
    task = desk.task()
    assert (task.priority, str(task.due), round(task.hours * 60)) == (2, "2026-05-04", 50)
    assert desk.round() == "settled"
    desk.edit(hours=2.0, priority=None)
    assert desk.round() == "settled"
    assert (desk.pair.item()["estimate"], desk.pair.item()["priority"]) == (120, None)


def test_a_plugin_that_throws_stops_its_own_link_and_says_so(desk):
    desk.round()
    whole, caller = desk.office.far, Caller(5)

    def throw(_ref):
        raise KeyError("summary")

    broken = SimpleNamespace(capabilities=whole.capabilities, find_lag=whole.find_lag, fetch=throw)
    desk.office.far = Guarded(broken, "connection", caller)
    assert desk.round() == "refused"
    assert desk.link().reason["text"] == "the plugin failed in fetch: KeyError: 'summary'"
    desk.office.far = Guarded(whole, "connection", caller)
    desk.change_there(title="Mended")
    assert desk.round() == "settled"
    assert desk.task().title == "Mended"


def test_a_plugin_that_hangs_makes_its_own_link_wait(desk):
    desk.round()
    whole, free = desk.office.far, threading.Event()
    stuck = SimpleNamespace(
        capabilities=whole.capabilities, find_lag=whole.find_lag, fetch=lambda _ref: free.wait()
    )
    desk.office.far = Guarded(stuck, "connection", Caller(0.05))
    assert desk.round() == "waiting"
    assert "does not come back" in desk.link().reason["text"]
    free.set()
