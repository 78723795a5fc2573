"""Lists that have more than one page are read to their end, and nothing falls between two looks."""

from __future__ import annotations

from typing import cast

from hub.core.values import Scans, Tracker
from hub.testing.areas import area, exempt
from hub.testing.trackers.base import OnTheDesk
from hub.testing.trackers.desk import Desk, Laid, drained

# More than any tracker gives on one page.
MANY = 105


class Paging(OnTheDesk):
    """Comments, items, changes."""

    @area("paging")
    def test_reads_comments_beyond_the_first_page(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """All of them, each once, in order."""
        who = desk.imitation.accounts[0]
        said = [desk.imitation.say(laid.ref, who, f"Comment {number}.") for number in range(MANY)]
        read = [one.ref for one in desk.fetched(tracker, laid.ref).comments]
        assert read == [laid.ours, laid.theirs, *said]

    @area("paging")
    def test_finds_what_is_not_on_the_first_page(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """An item that was made a hundred items ago, by its mark."""
        made = [desk.item(tracker, f"Item {number}") for number in range(MANY)]
        desk.clock.forward(seconds=tracker.find_lag.total_seconds() + 1)
        again = desk.tracker()
        assert again.find(laid.mark) == laid.ref, "the first of many items was not found"
        assert again.find(made[-1][1]) == made[-1][0], "the last of many items was not found"

    @area("paging")
    def test_tells_every_change(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """A hundred changed items since the last look, none missing."""
        _, cursor = drained(desk, tracker, None)
        refs = {desk.item(tracker, f"Item {number}")[0] for number in range(MANY)}
        desk.clock.forward(seconds=tracker.find_lag.total_seconds() + 1)
        told, _ = drained(desk, tracker, cursor)
        assert refs <= set(told), f"{len(refs - set(told))} of {MANY} changed items were not told"

    @area("paging")
    def test_lists_everything_there_is(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """A walk through the whole scope ends, and has passed by each of a hundred items."""
        if "scan" not in tracker.capabilities:
            exempt("scan")
        refs = {desk.item(tracker, f"Item {number}")[0] for number in range(MANY)}
        desk.clock.forward(seconds=tracker.find_lag.total_seconds() + 1)
        listed: set[str] = set()
        cursor: str | None = None
        for _ in range(MANY):
            some, cursor = cast(Scans, desk.tracker()).scan(cursor)
            listed |= set(some)
            if cursor is None:
                break
        assert cursor is None, "the walk through the scope does not end"
        assert {laid.ref, *refs} <= listed, f"{len(refs - listed)} of {MANY} items were never listed"

    @area("paging")
    def test_knows_items_that_are_done(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """Many lists leave them out unless asked: they would be made again, or their change never told."""
        _, cursor = drained(desk, tracker, None)
        for ours in ("doing", "done"):
            desk.clock.forward(seconds=60)
            tracker.update(laid.ref, {"status": desk.state(ours)})
        desk.clock.forward(seconds=tracker.find_lag.total_seconds() + 1)
        assert desk.tracker().find(laid.mark) == laid.ref, "an item that is done is not found by its mark"
        told, _ = drained(desk, desk.tracker(), cursor)
        assert laid.ref in told, "that an item is done is never told"

    @area("paging")
    def test_tells_a_change_in_the_second_of_the_look(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """Clocks are coarse: the next look overlaps the last one."""
        desk.wire.pace = 0.0
        _, cursor = drained(desk, tracker, None)
        for number in range(3):
            told, cursor = tracker.changed_since(cursor)
            desk.imitation.edit(laid.ref, desk.imitation.accounts[0], "title", f"Title {number}")
            desk.clock.forward(minutes=2)
            told, cursor = drained(desk, desk.tracker(), cursor)
            assert laid.ref in told, "a change right after the look was never told"

    @area("paging")
    def test_goes_on_where_it_was(self, desk: Desk, tracker: Tracker, laid: Laid) -> None:
        """The cursor is a text that a new connection understands; what is old is not told for ever."""
        refs, cursor = tracker.changed_since(None)
        assert all(isinstance(ref, str) and ref for ref in refs)
        assert cursor is None or isinstance(cursor, str)
        _, cursor = drained(desk, desk.tracker(), cursor)
        desk.clock.forward(days=3)
        _, cursor = drained(desk, desk.tracker(), cursor)
        desk.clock.forward(days=3)
        other, _ = desk.item(tracker, "News")
        desk.clock.forward(seconds=tracker.find_lag.total_seconds() + 1)
        told, _ = drained(desk, desk.tracker(), cursor)
        assert other in told
