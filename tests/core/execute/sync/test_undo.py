"""Taking back a run: only what is still ours goes back, and the plan that is shown is what happens."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hub.core.directory.models import Person
from hub.core.execute.models import Run, RunChange
from hub.core.execute.sync import undo
from hub.core.values import Actor, Refusal
from hub.core.work.models import Task
from hub.core.work.tasks import assign_task, set_state

MANAGER = Actor("person", None, "manager", "Mei")
FAR = {"body": "text"}


def latest(desk):
    with desk.database.reading() as session:
        return session.scalars(select(Run).order_by(Run.id.desc())).first().id


def plan(desk, run):
    with desk.database.reading() as session:
        return undo.plan_undo(session, session.get_one(Run, run))


def take_back(desk, run, seen=None, actor=MANAGER):
    seen = seen or undo.seal(plan(desk, run))
    with desk.database.transaction() as session:
        return undo.undo_run(session, desk.database.now(), actor, session.get_one(Run, run), seen).id


def states(desk, run):
    with desk.database.reading() as session:
        rows = session.scalars(select(RunChange).where(RunChange.run_id == run))
        return {row.what: (row.state, row.reason and row.reason["id"]) for row in rows}


def ended(desk, before, after):
    """A run that wrote ``after`` over ``before`` there."""
    desk.round()
    if before:
        desk.change_there(**before)
        desk.round()
    desk.edit(**after)
    assert desk.round() == "settled"
    return latest(desk)


def test_a_run_goes_back_on_both_sides_and_then_there_is_nothing_to_do(desk):
    run = ended(desk, {}, {"title": "Cold", "body": "Snow.", "labels": ["a", "b"]})
    undoing = take_back(desk, run)
    assert states(desk, undoing) == dict.fromkeys(("title", "body", "labels"), ("planned", None))
    assert desk.round() == "settled"
    item, task = desk.pair.item(), desk.task()
    assert (item["title"], item["text"], item["labels"]) == (
        "Printer is on fire", "It burns.\nSince noon.\nThird floor.", [],
    )  # fmt: skip
    assert (task.title, task.labels) == ("Printer is on fire", [])
    assert states(desk, undoing) == dict.fromkeys(("title", "body", "labels"), ("done", None))
    writes = desk.pair.wire.writes
    assert desk.round() == "settled"
    assert desk.pair.wire.writes == writes


def test_an_undo_can_be_undone(desk):
    run = ended(desk, {}, {"title": "Cold"})
    undoing = take_back(desk, run)
    desk.round()
    again = take_back(desk, undoing)
    desk.round()
    assert (desk.pair.item()["title"], desk.task().title) == ("Cold", "Cold")
    assert states(desk, again) == {"title": ("done", None)}


def test_the_far_side_gets_its_own_word_back(desk):
    """Two far states mean the same here; the one that stood there returns."""
    desk.round()
    with desk.database.transaction() as session:
        set_state(
            session, desk.database.now(), desk.office.actor, session.get_one(Task, desk.task_id), "doing"
        )
    desk.round()
    run = latest(desk)
    take_back(desk, run)
    desk.round()
    assert (desk.pair.item()["status"], desk.task().state) == ("todo", "open")


def test_what_people_changed_there_since_stays_and_is_listed(desk):
    run = ended(desk, {}, {"title": "Cold", "body": "Snow."})
    desk.change_there(title="Kalt")
    desk.round()
    ways = {way.what: way.reason and way.reason["id"] for way in plan(desk, run)}
    assert ways == {"title": "undo_changed_there", "body": None}
    take_back(desk, run)
    desk.round()
    assert desk.pair.item()["title"] == "Kalt"
    assert desk.pair.item()["text"].startswith("It burns.")


def test_what_people_changed_here_since_stays_and_is_listed(desk):
    run = ended(desk, {}, {"title": "Cold"})
    desk.edit(title="Colder")
    assert [way.reason["id"] for way in plan(desk, run)] == ["undo_changed_here"]
    with pytest.raises(Refusal, match="undo_nothing"):
        take_back(desk, run)


def test_what_changed_there_after_the_plan_is_left_alone_by_the_round(desk):
    run = ended(desk, {}, {"title": "Cold"})
    undoing = take_back(desk, run)
    desk.change_there(title="Kalt")
    assert desk.round() == "settled"
    assert (desk.pair.item()["title"], desk.task().title) == ("Kalt", "Kalt")
    assert states(desk, undoing) == {"title": ("left", "undo_changed_there")}


def test_only_the_members_we_added_and_took_away_go_back(desk):
    run = ended(desk, {"labels": {"add": ["old"], "remove": []}}, {"labels": ["new", "more"]})
    desk.change_there(labels={"add": ["theirs"], "remove": ["more"]})
    desk.round()
    take_back(desk, run)
    assert desk.round() == "settled"
    assert sorted(desk.pair.item()["labels"]) == ["old", "theirs"] == sorted(desk.task().labels)


def test_a_plan_that_is_no_longer_what_was_shown_is_refused(desk):
    run = ended(desk, {}, {"title": "Cold", "body": "Snow."})
    seen = undo.seal(plan(desk, run))
    desk.change_there(title="Kalt")
    desk.round()
    with pytest.raises(Refusal, match="undo_has_changed"):
        take_back(desk, run, seen)


def test_members_may_not(desk):
    run = ended(desk, {}, {"title": "Cold"})
    with pytest.raises(Refusal, match="not_allowed"):
        take_back(desk, run, actor=desk.office.actor)


def test_a_cut_short_undo_is_finished_by_the_next_round(desk):
    run = ended(desk, {}, {"title": "Cold"})
    undoing = take_back(desk, run)
    desk.pair.sandbox.faults.next("lose_answer")
    assert desk.round() == "waiting"
    desk.office.clock.forward(minutes=10)
    assert desk.round() == "settled"
    assert desk.pair.item()["title"] == "Printer is on fire" == desk.task().title
    assert states(desk, undoing) == {"title": ("done", None)}


def test_the_same_run_is_not_taken_back_twice_at_once(desk):
    run = ended(desk, {}, {"title": "Cold"})
    take_back(desk, run)
    assert [way.reason["id"] for way in plan(desk, run)] == ["undo_under_way"]


texts = st.sampled_from(["One", "Two", "Three"])
labels = st.frozensets(st.sampled_from("abc"), max_size=3)
edits = st.lists(
    st.tuples(
        st.sampled_from(["here", "there", "round"]),
        st.one_of(
            st.tuples(st.just("title"), texts),
            st.tuples(st.just("body"), texts),
            st.tuples(st.just("labels"), labels),
            st.tuples(st.just("assignee"), st.sampled_from([0, 1])),
        ),
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=edits, after=edits)
def test_what_the_plan_shows_is_what_happens(office, before, after):
    """Whatever people did before: each field that is shown to go back does, and no other moves there."""
    from tests.core.execute.sync.conftest import Desk

    desk = Desk(office)

    def do(side, name, value):
        if side == "round":
            desk.round()
        elif side == "there":
            now = set(desk.pair.item()["labels"])
            far = (
                {"assignee": ["mei", "jonas"][value]} if name == "assignee" else {FAR.get(name, name): value}
            )
            if name == "labels":
                far = {"labels": {"add": sorted(value - now), "remove": sorted(now - value)}}
            desk.change_there(**far)
        elif name == "assignee":
            with desk.database.transaction() as session:
                person = session.get_one(Person, office.people[value])
                task = session.get_one(Task, desk.task_id)
                assign_task(session, desk.database.now(), office.actor, task, person)
        else:
            desk.edit(**{name: sorted(value) if name == "labels" else value})

    try:
        desk.round()
        for side, (name, value) in [*before, ("round", ("title", "One"))]:
            do(side, name, value)
        run = latest(desk)
        for side, (name, value) in [*after, ("round", ("title", "One"))]:
            do(side, name, value)
        ways = plan(desk, run)
        there = desk.pair.item()
        if not any(way.reason is None for way in ways):
            return
        undoing = take_back(desk, run, undo.seal(ways))
        desk.round()
        now = desk.pair.item()
        for way in ways:
            far = FAR.get(way.what, way.what)
            if way.kind == "there" and way.reason is None:
                if way.what == "labels":
                    added, removed = way.now - way.back, way.back - way.now
                    wanted = (set(there["labels"]) - added) | removed
                    assert set(now["labels"]) == wanted
                else:
                    assert now[far] == way.back
                assert states(desk, undoing)[way.what] == ("done", None)
        gone_back = {FAR.get(w.what, w.what) for w in ways if w.kind == "there" and w.reason is None}
        for far in {"title", "text", "labels", "assignee", "status"} - gone_back:
            assert now[far] == there[far]
        assert len(desk.pair.sandbox.board.items()) == 1
    finally:
        desk.pair.close()
