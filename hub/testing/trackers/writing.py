"""What a tracker plugin writes: all of what it was told, and nothing else."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from hub.core.values import CANONICAL_FIELDS, TASK_STATES, Refused, Retry, SetChange, Tracker
from hub.testing.areas import area, exempt
from hub.testing.trackers.base import OnTheDesk
from hub.testing.trackers.desk import BODY, TITLE, Desk, Laid


class Writing(OnTheDesk):
    """Making, changing, saying."""

    @area("writing")
    def test_makes_one_item_that_reads_as_written(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """Title and text at once, and no mark in sight; the rest at the latest with the first update."""
        ref, mark = desk.item(tracker, "打印机 on fire", body="一。\n\n二。")
        item = desk.fetched(tracker, ref)
        assert desk.same("title", item.fields["title"], "打印机 on fire")
        assert desk.same("body", item.fields["body"], "一。\n\n二。"), f"{item.fields['body']!r}"
        assert mark not in item.fields["title"] + item.fields["body"]
        assert sorted(desk.imitation.items()) == sorted([laid.ref, ref])

    @area("writing")
    def test_finds_by_its_mark_what_it_made(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """Even if the answer was lost and the hub started again; never another's."""
        refs = [desk.item(tracker, f"Item {number}") for number in range(3)]
        desk.clock.forward(seconds=tracker.find_lag.total_seconds() + 1)
        again = desk.tracker()
        assert [again.find(mark) for _, mark in refs] == [ref for ref, _ in refs]
        assert again.find(laid.mark) == laid.ref, "the mark was forgotten"
        assert again.find(desk.mark()) is None

    @area("writing")
    @pytest.mark.parametrize("field", CANONICAL_FIELDS)
    def test_writes_one_field_and_leaves_the_others(
        self, desk: Desk, tracker: Tracker, laid: Laid, field: str
    ) -> None:
        """People changed another field after our look: it stays as they left it."""
        desk.offering(tracker, field)
        desk.fetched(tracker, laid.ref)
        other = "body" if field == "title" else "title"
        who = desk.imitation.accounts[0]
        desk.imitation.edit(laid.ref, who, other, "Changed by people")
        desk.clock.forward(seconds=2)
        before = desk.seen(laid.ref).fields
        value, wanted = _change(desk, field)
        tracker.update(laid.ref, {field: value})
        after = desk.seen(laid.ref).fields
        assert desk.same(field, after[field], wanted), (
            f"{field} should be {wanted!r} and is {after[field]!r}: the write was lost"
        )
        touched = [
            name for name in before if name != field and not desk.same(name, before[name], after[name])
        ]
        assert touched == [], f"writing {field} also changed {', '.join(touched)}"

    @area("writing")
    def test_adds_and_takes_labels_one_by_one(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """What people added meanwhile stays."""
        if "labels" not in desk.imitation.fields:
            exempt("labels")
        tracker.update(laid.ref, {"labels": SetChange(frozenset({"red", "blue"}), frozenset())})
        desk.fetched(tracker, laid.ref)
        there = desk.seen(laid.ref).fields["labels"]
        desk.imitation.edit(laid.ref, desk.imitation.accounts[0], "labels", there | {"grey"})
        tracker.update(laid.ref, {"labels": SetChange(frozenset({"green"}), frozenset({"blue"}))})
        assert desk.seen(laid.ref).fields["labels"] == {"red", "green", "grey"}

    @area("writing")
    def test_reaches_the_states_of_the_mapping(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """One after the other; a way that the tracker does not allow is ``Refused`` with the field's name."""
        reached = 0
        for ours in [*TASK_STATES, *reversed(TASK_STATES)]:
            wanted = desk.settings.status_map[ours]
            try:
                desk.reach(tracker, laid.ref, wanted[0])
            except Refused as no:
                assert no.fields in ((), ("status",)), f"refused {wanted[0]}: {no.fields}"
                continue
            assert desk.seen(laid.ref).fields["status"] == wanted[0], f"{wanted[0]} was not reached"
            reached += 1
        assert reached > len(TASK_STATES) / 2, "most states of the mapping cannot be reached"

    @area("writing")
    def test_names_the_value_that_is_refused(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """A state nobody knows: ``Refused``, with a reason, and nothing else is harmed."""
        with pytest.raises(Refused) as refused:
            tracker.update(laid.ref, {"status": "no such state"})
        assert refused.value.reason
        assert set(refused.value.fields) <= {"status"}
        assert desk.seen(laid.ref).fields["title"] == TITLE

    @area("writing")
    def test_puts_an_owner_in_and_takes_it_out(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """Where an owner cannot be taken out there, it is ``Refused``."""
        if "assignee" not in desk.imitation.fields:
            exempt("assignee")
        who = desk.imitation.accounts[1]
        tracker.update(laid.ref, {"assignee": who})
        assert desk.seen(laid.ref).fields["assignee"] == who
        try:
            tracker.update(laid.ref, {"assignee": None})
        except Refused as no:
            assert no.fields in ((), ("assignee",))
        else:
            assert desk.seen(laid.ref).fields["assignee"] is None

    @area("writing")
    def test_says_something_once_with_its_mark(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """The mark comes back with the comment, so that a lost answer makes no twin."""
        mark = desk.mark()
        ref = tracker.add_comment(laid.ref, "**Li**\n\n你好 <b> & all", mark)
        found = [one for one in desk.fetched(desk.tracker(), laid.ref).comments if one.mark == mark]
        assert [one.ref for one in found] == [ref], "the comment's mark was forgotten"
        assert "你好" in found[0].text
        assert mark not in found[0].text
        assert len(desk.seen(laid.ref).comments) == 3
        assert "你好" in desk.seen(laid.ref).comments[-1].text

    @area("writing")
    def test_changes_its_comment_and_keeps_the_mark(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """The others stay as they are."""
        if "edit-comment" not in tracker.capabilities:
            exempt("edit-comment")
        mark = desk.fetched(tracker, laid.ref).comments[0].mark
        tracker.edit_comment(laid.ref, laid.ours, "Said better.", mark or "")
        ours, theirs = desk.fetched(desk.tracker(), laid.ref).comments
        assert "Said better." in ours.text
        assert (ours.ref, ours.mark, theirs.ref) == (laid.ours, mark, laid.theirs)
        assert "Said better." in desk.seen(laid.ref).comments[0].text

    @area("writing")
    def test_takes_its_comment_away(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """And no other; one that is gone already is what was wanted."""
        if "delete-comment" not in tracker.capabilities:
            exempt("delete-comment")
        for _ in range(2):
            tracker.delete_comment(laid.ref, laid.ours)
            assert [one.ref for one in desk.seen(laid.ref).comments] == [laid.theirs]

    @area("privacy")
    def test_keeps_a_note_in_the_private_stream(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """It is private there, and read as private; what is said in the open is not."""
        if "private-notes" not in tracker.capabilities:
            exempt("private-notes")
        ref = tracker.add_note(laid.ref, "Only for us.", desk.mark())  # type: ignore[attr-defined]
        there = {one.ref: one.internal for one in desk.seen(laid.ref).comments}
        assert there == {laid.ours: False, laid.theirs: False, ref: True}, "an internal note is public there"
        read = {one.ref: one.internal for one in desk.fetched(tracker, laid.ref).comments}
        assert read == there, "a private comment there would be shown to customers here"
        if "edit-comment" in tracker.capabilities:
            tracker.edit_comment(laid.ref, ref, "Still only for us.", desk.mark())
            (note,) = (one for one in desk.seen(laid.ref).comments if "only for us" in one.text)
            assert note.internal, "a private note became public by being changed"

    @area("writing")
    def test_says_when_the_item_went_meanwhile(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """A write to what is not there is ``Retry`` or ``Refused``: the next look will see it gone."""
        desk.imitation.delete(laid.ref)
        with pytest.raises((Retry, Refused)):
            tracker.update(laid.ref, {"title": "Late"})
        with suppress(Retry, Refused):  # some trackers still take a comment on it
            tracker.add_comment(laid.ref, BODY, desk.mark())


def _change(desk: Desk, field: str) -> tuple[Any, Any]:
    """What to write, and what stands there afterwards."""
    if field == "labels":
        return SetChange(frozenset({"red"}), frozenset()), frozenset({"red"})
    value = {
        "title": "Renamed: 新标题",
        "body": "Rewritten.\n\n第二段。",
        "status": desk.state("doing"),
        "assignee": desk.imitation.accounts[1],
        "priority": desk.settings.priority_map.get(1, [""])[0],
        "due": "2026-03-20",
        "estimate": 90,
    }[field]
    return value, value
