"""The record is append-only: seals show a changed byte, and what is personal can be erased."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import delete, select, update

from hub.core import history
from hub.core.history import HistoryEntry, HistoryPersonal, HistorySeal
from hub.core.work.requests import edit_request
from tests.core.conftest import Desk


def sealed(desk: Desk) -> int:
    desk.clock.advance(hours=1)
    return history.seal(desk.database)


def test_seals_cover_every_entry_in_a_chain(desk: Desk) -> None:
    for _ in range(3):
        desk.open()
        assert sealed(desk) > 0
    assert history.seal(desk.database) == 0
    first, second, third = desk.all(HistorySeal)
    assert (first.previous, second.previous, third.previous) == ("", first.hash, second.hash)
    found = history.verify(desk.database)
    assert (found.sealed, found.unsealed, found.broken) == (desk.count(HistoryEntry), 0, None)


def test_young_entries_wait_for_slower_transactions(desk: Desk) -> None:
    desk.open()
    assert history.seal(desk.database) == 0
    desk.clock.advance(minutes=11)
    desk.open()
    history.seal(desk.database)
    assert history.verify(desk.database).unsealed == len(desk.verbs(2))


def change(**values: object) -> Callable[[Desk, int], object]:
    return lambda desk, id: update(HistoryEntry).where(HistoryEntry.id == id).values(**values)


TAMPERED = {
    "who": change(actor_kind="person", actor_id=99),
    "what": change(verb="request_closed"),
    "of which": change(subject_id=99),
    "which request": change(request_id=99),
    "details": change(data={"source": "elsewhere"}),
    "when": lambda desk, id: update(HistoryEntry).where(HistoryEntry.id == id).values(at=desk.database.now()),
    "digest": change(digest="0" * 64),
    "the words": lambda desk, id: (
        update(HistoryPersonal).where(HistoryPersonal.entry_id == id).values(data={"title": "VPN drops "})
    ),
    "a seal": lambda desk, id: (
        update(HistorySeal).where(HistorySeal.from_id <= id, HistorySeal.to_id >= id).values(hash="0" * 64)
    ),
}


@pytest.mark.process("P110")
@pytest.mark.parametrize("what", sorted(TAMPERED))
def test_a_changed_byte_is_found(desk: Desk, what: str) -> None:
    for _ in range(2):
        desk.open()
    sealed(desk)
    desk.open()
    sealed(desk)
    entry = desk.all(HistoryEntry, HistoryEntry.verb == "request_created")[0]
    with desk.database.transaction() as session:
        session.execute(TAMPERED[what](desk, entry.id))
    broken = history.verify(desk.database).broken
    assert broken is not None
    assert broken[0] <= entry.id <= broken[1]


def test_a_removed_entry_is_found(desk: Desk) -> None:
    desk.open()
    sealed(desk)
    last = desk.all(HistoryEntry)[-1]
    with desk.database.transaction() as session:
        session.execute(delete(HistoryPersonal).where(HistoryPersonal.entry_id == last.id))
        session.execute(delete(HistoryEntry).where(HistoryEntry.id == last.id))
    assert history.verify(desk.database).broken is not None


def test_erasing_what_is_personal_breaks_no_seal(desk: Desk) -> None:
    request_id = desk.open("Li Hua's phone")
    sealed(desk)
    with desk.database.transaction() as session:
        session.execute(delete(HistoryPersonal))
    found = history.verify(desk.database)
    assert found.broken is None
    assert found.erased >= 1
    with desk.database.reading() as session:
        assert all(personal == {} for _, personal in history.of_request(session, request_id))


def test_what_people_wrote_stands_aside_only(desk: Desk) -> None:
    request_id = desk.open("Li Hua's phone")
    desk.do(edit_request, desk.member, desk.request(request_id), title="Li Hua's new phone")
    with desk.database.reading() as session:
        for entry in session.scalars(select(HistoryEntry)):
            assert "Li Hua" not in str(entry.data)


def test_two_sealers_at_once_make_one_chain(desk: Desk) -> None:
    for _ in range(5):
        desk.open()
    desk.clock.advance(hours=1)
    threads = [threading.Thread(target=history.seal, args=(desk.database,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = history.verify(desk.database)
    assert (found.broken, found.sealed) == (None, desk.count(HistoryEntry))
