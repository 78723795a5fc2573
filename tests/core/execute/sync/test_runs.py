"""What a round covered is kept with its run; what changed nothing leaves none."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from hub.core.conversation import comments
from hub.core.execute.models import Run, RunChange
from hub.core.execute.sync import runs
from hub.core.execute.sync.fields import UNSET, Base, Declined, FieldState, Sent
from hub.core.work.models import Task


def noted(database):
    """Every change by run: kind, what, before, after, state."""
    with database.reading() as session:
        rows = session.scalars(select(RunChange).order_by(RunChange.id))
        return [(row.run_id, row.kind, row.what, row.before, row.after, row.state) for row in rows]


def test_the_covered_value_is_kept_with_the_run(desk):
    desk.round()
    desk.edit(title="Cold printer", labels=["warm", "loud"])
    desk.round()
    made, labels, title = sorted(noted(desk.database), key=lambda row: row[:3])
    assert made[1:3] == ("item", "item")
    assert title[1:] == ("there", "title", "Printer is on fire", "Cold printer", "done")
    assert labels[1:] == ("there", "labels", {"set": []}, {"set": ["loud", "warm"]}, "done")
    assert made[0] != title[0] == labels[0]


def test_a_round_that_changes_nothing_leaves_no_run(desk):
    desk.round()
    before = noted(desk.database)
    desk.round()
    with desk.database.reading() as session:
        assert len(list(session.scalars(select(Run)))) == 1
    assert noted(desk.database) == before


def test_a_write_without_effect_covers_nothing(desk):
    desk.round()
    desk.edit(title="Cold printer")
    desk.pair.sandbox.faults.next("change_nothing")
    assert desk.round() == "refused"
    assert [row[1] for row in noted(desk.database)] == ["item"]


def test_a_write_whose_answer_was_lost_is_noted_by_the_round_that_sees_it(desk):
    desk.round()
    desk.edit(title="Cold printer")
    desk.pair.sandbox.faults.next("lose_answer")
    assert desk.round() == "waiting"
    desk.office.clock.forward(minutes=10)
    assert desk.round() == "settled"
    assert noted(desk.database)[-1][1:5] == ("there", "title", "Printer is on fire", "Cold printer")


def test_what_came_from_there_is_noted_with_our_old_value(desk):
    desk.round()
    desk.change_there(title="Kalter Drucker")
    desk.round()
    assert noted(desk.database)[-1][1:5] == ("here", "title", "Printer is on fire", "Kalter Drucker")


def test_comments_are_named(desk):
    desk.round()
    with desk.database.transaction() as session:
        task, now = session.get_one(Task, desk.task_id), desk.database.now()
        said = comments.say(
            session, now, desk.office.actor, request_id=task.request_id, text="hello", stream="public",
            task_id=task.id,
        )  # fmt: skip
    desk.round()
    with desk.database.transaction() as session:
        comments.edit(session, desk.database.now(), desk.office.actor, session.merge(said), "good day")
    desk.round()
    with desk.database.transaction() as session:
        comments.take_back(session, desk.database.now(), desk.office.actor, session.merge(said))
    desk.round()
    desk.pair.sandbox.board.add_comment(desk.pair.item()["key"], "jonas", "guten Tag")
    desk.round()
    assert [row[2] for row in noted(desk.database)] == ["item", "said", "reworded", "unsaid", "heard"]


def test_runs_are_forgotten_after_two_weeks(desk):
    desk.round()
    desk.office.clock.forward(days=13)
    desk.edit(title="Cold printer")
    desk.round()
    assert runs.forget(desk.database) == 0
    desk.office.clock.forward(days=2)
    assert runs.forget(desk.database) == 1
    assert [row[2] for row in noted(desk.database)] == ["title"]
    desk.office.clock.forward(days=dt.timedelta(days=14).days)
    assert runs.forget(desk.database) == 1
    assert noted(desk.database) == []


texts = st.sampled_from(["a", "b", "c"])


@given(old=texts, here=texts, there=texts, now=texts)
def test_only_a_write_that_was_agreed_on_has_covered_something(old, here, there, now):
    sending = FieldState(Base("x", old), Sent(here, there, ""))
    assert runs.overwritten(sending, FieldState(Base(here, now))) == (
        runs.Overwritten(old, now) if now != old else None
    )
    refused = FieldState(Base("x", old), declined=Declined({"id": "sync_kept"}, there))
    assert runs.overwritten(sending, refused) is None
    assert runs.overwritten(sending, FieldState(Base("other", now), sent=Sent(here, now, ""))) is None
    step = FieldState(Base("x", old), Sent(here, there, "", "goal"))
    assert runs.overwritten(step, FieldState(Base(here, now))) is None
    assert runs.overwritten(step, FieldState(Base(UNSET, now))) == (
        runs.Overwritten(old, now) if now != old else None
    )
