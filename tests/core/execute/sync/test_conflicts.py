"""A settled conflict opened again: nothing is written there before somebody chooses."""

import pytest
from sqlalchemy import select

from hub.core.execute.models import Conflict
from hub.core.execute.sync import conflicts
from hub.core.values import Refusal


def clash(desk):
    """Both sides changed the title."""
    desk.round()
    desk.edit(title="Ours")
    desk.change_there(title="Theirs")
    assert desk.round() == "conflict"


def reopen(desk):
    with desk.database.transaction() as session:
        row = session.scalars(select(Conflict)).one()
        conflicts.reopen(session, desk.database.now(), desk.office.actor, row)


def sides(desk):
    return desk.task().title, desk.pair.item()["title"]


@pytest.mark.parametrize("carried", [True, False])
@pytest.mark.parametrize(("choice", "there"), [("here", "Ours"), ("there", "Theirs"), ("text", "Third")])
def test_an_opened_conflict_waits_and_either_side_can_still_be_chosen(desk, choice, there, carried):
    clash(desk)
    desk.resolve(choice, "Third")
    if carried:
        assert desk.round() == "settled"
    reopen(desk)
    far = there if carried else "Theirs"
    writes = desk.pair.wire.writes
    assert desk.round() == "conflict"
    assert sides(desk) == ("Ours", far)
    assert desk.pair.wire.writes == writes
    desk.resolve("there")
    assert desk.round() == "settled"
    assert sides(desk) == ("Theirs", "Theirs")


def test_an_open_one_and_one_on_its_way_are_not_opened(desk):
    clash(desk)
    with pytest.raises(Refusal, match="conflict_is_open"):
        reopen(desk)
    desk.resolve("here")
    desk.pair.sandbox.faults.next("lose_answer")
    assert desk.round() == "waiting"
    with pytest.raises(Refusal, match="conflict_on_its_way"):
        reopen(desk)


def test_who_changed_it_there_stands_with_the_conflict(desk):
    clash(desk)
    with desk.database.reading() as session:
        row = session.scalars(select(Conflict)).one()
        here = conflicts.changed_here(session, row)
        assert (row.far_by, row.far_at is not None) == ("jonas", True)
        assert here is not None
        assert here.actor_id == desk.office.actor.id
        assert conflicts.open_counts(session) == {row.link.connection_id: 1}
        assert [found.id for found in conflicts.open_list(session)] == [row.id]


def during(desk, monkeypatch, act):
    """Do this once while a round has read the far side and not yet written down what it made of it."""
    fetch, left = desk.pair.tracker.fetch, [act]

    def slow(ref):
        item = fetch(ref)
        if left:
            left.pop()()
        return item

    monkeypatch.setattr(desk.pair.tracker, "fetch", slow)


@pytest.mark.parametrize(("choice", "both"), [("here", "Ours"), ("there", "Theirs"), ("text", "Third")])
def test_a_round_under_way_does_not_undo_what_somebody_decides(desk, monkeypatch, choice, both):
    clash(desk)
    desk.change_there(text="Changed besides")
    during(desk, monkeypatch, lambda: desk.resolve(choice, "Third"))
    assert desk.round() == "settled"
    assert sides(desk) == (both, both)
    assert desk.task().body == "Changed besides"
    with desk.database.reading() as session:
        assert session.scalars(select(Conflict)).one().choice == choice


def test_a_round_under_way_does_not_close_what_somebody_opens_again(desk, monkeypatch):
    clash(desk)
    desk.resolve("there")
    assert desk.round() == "settled"
    desk.change_there(text="Changed besides")
    during(desk, monkeypatch, lambda: reopen(desk))
    assert desk.round() == "conflict"
    assert sides(desk) == ("Ours", "Theirs")
    assert desk.task().body == "Changed besides"


def test_a_round_that_sends_does_not_send_what_was_decided_otherwise(desk, monkeypatch):
    """Ours is on its way into the plan of the round when somebody takes theirs."""
    clash(desk)
    desk.resolve("here")
    during(desk, monkeypatch, lambda: (reopen(desk), desk.resolve("there")))
    desk.round()
    assert sides(desk) == ("Theirs", "Theirs")
