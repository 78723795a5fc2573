"""How a tracker plugin behaves when the far side does not: it says so at once and lets the hub decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hub.core.registry.calls import Caller
from hub.core.values import Checked, Refused, Retry, Tracker
from hub.lab.wire import Answer
from hub.testing.areas import area
from hub.testing.plugin import BUDGET_S, assert_bilingual
from hub.testing.pure import watched
from hub.testing.trackers.base import OnTheDesk
from hub.testing.trackers.desk import Desk
from hub.testing.wires import always, at_writes, from_call

AFTER = dt.timedelta(seconds=17)
JSON = {"Content-Type": "application/json"}
PAGE = Answer(200, {"Content-Type": "text/html"}, b"<html><body>Please sign in</body></html>")
ODD = (PAGE, *(Answer(200, JSON, body) for body in (b"{}", b"[]", b"null", b'"text"', b'{"error":"no"}')))
NO = {
    401: Answer(401, JSON, b'{"message":"bad credentials"}'),
    403: Answer(403, JSON, b'{"message":"forbidden"}'),
}
# A call that gives something must not give it from an answer in which it does not stand.
MAKING = ("create", "add_comment", "add_note", "add_file")
GIVING = ("fetch", *MAKING, "catalogue", "find", "changed_since", "history")


class Manners(OnTheDesk):
    """Retries, refusals, odd answers, time."""

    @area("retries")
    def test_hands_on_every_retry_and_calls_no_more(self, desk: Desk, tracker: Tracker) -> None:
        """Whichever call of whichever method meets a 429: no second try, no next call, no silence."""
        for name in self.names(desk, tracker):
            for number in range(self.count(desk, tracker, name)):
                deed = self.deed(desk, tracker, name)
                desk.wire.instead = from_call(number, Retry("too many calls", AFTER))
                with pytest.raises(Retry) as retry:
                    deed(desk.tracker())
                assert retry.value.after == AFTER, (
                    f"{name} lost the time for which the tracker wants to be left alone"
                )
                assert len(desk.wire.calls) == number + 1, f"{name} called again after a 429"

    @area("retries")
    def test_hands_on_what_is_refused(self, desk: Desk, tracker: Tracker) -> None:
        """A way out that is closed (a guard, no rights) is no empty list and no deleted item."""
        for name in self.names(desk, tracker):
            deed = self.deed(desk, tracker, name)
            desk.wire.instead = always(Refused("not a public address"))
            with pytest.raises((Refused, Retry)):
                deed(desk.tracker())

    @area("retries")
    @pytest.mark.parametrize("status", sorted(NO))
    def test_takes_no_for_no(self, desk: Desk, tracker: Tracker, status: int) -> None:
        """A revoked credential: nothing is gone, nothing is empty, nothing was written."""
        for name in self.names(desk, tracker):
            deed = self.deed(desk, tracker, name)
            desk.wire.instead = always(NO[status])
            given: object = None
            try:
                given = deed(desk.tracker())
            except (Refused, Retry) as no:
                assert no.reason, f"{name} gives no reason for {status}"
            else:
                raise AssertionError(f"{name} took {status} for an answer and gave {given!r}")

    @area("retries")
    def test_believes_no_answer_that_says_nothing(self, desk: Desk, tracker: Tracker) -> None:
        """A sign-in page or an error with status 200: ``Retry`` or ``Refused``, never a made-up item."""
        for name in self.names(desk, tracker):
            for odd in ODD:
                deed = self.deed(desk, tracker, name)
                desk.wire.instead = always(odd)
                given: object = None
                try:
                    given = deed(desk.tracker())
                except (Refused, Retry):
                    continue
                sure = odd is PAGE and name.partition("(")[0] in GIVING
                invented = name in ("fetch", *MAKING) or (name == "find" and given)
                wrong = sure or invented
                assert not wrong, f"{name} made {given!r} of {odd.body!r}"

    @area("retries")
    def test_takes_no_error_for_a_done_write(self, desk: Desk, tracker: Tracker) -> None:
        """A write answered with 400 or 422 is ``Refused``: nobody may believe that it was done."""
        writes = (*MAKING, "update", "edit_comment")
        for name in self.names(desk, tracker):
            if not name.startswith(writes):
                continue
            for status in (400, 422):
                deed = self.deed(desk, tracker, name)
                no = Answer(status, JSON, b'{"message":"this cannot be"}')
                desk.wire.instead = at_writes(no)
                with pytest.raises((Refused, Retry)):
                    deed(desk.tracker())

    @area("texts")
    @pytest.mark.parametrize("error", [Retry("nobody answers"), Refused("not public"), *NO.values(), PAGE])
    def test_says_in_both_languages_what_is_wrong(self, desk: Desk, tracker: Tracker, error: Any) -> None:
        """*Test connection* answers and raises nothing, whatever comes back."""
        desk.wire.instead = always(error)
        checked = tracker.check()
        assert isinstance(checked, Checked)
        assert not checked.ok, "check() says that all is well"
        assert_bilingual(checked.text)

    @area("time")
    def test_neither_sleeps_nor_looks_at_a_clock(self, desk: Desk, tracker: Tracker) -> None:
        """Nor opens a file, a socket or a process of its own; every method answers in time."""
        for name in ["check", *self.names(desk, tracker)]:
            for is_watched in (False, True):
                deed = self.deed(desk, tracker, name)

                def run(deed: Any = deed, on: bool = is_watched) -> None:
                    opened = desk.tracker()
                    if not on:  # the first time, a late import may read its file
                        deed(opened)
                        return
                    with watched():
                        deed(opened)

                Caller(BUDGET_S).call(desk.kind.name, run)

    # ---- what the checks share ---------------------------------------------------------------

    @staticmethod
    def names(desk: Desk, tracker: Tracker) -> list[str]:
        """The methods this tracker offers."""
        return [name for name, _ in desk.deeds(desk.lay(), tracker.capabilities)]

    @staticmethod
    def deed(desk: Desk, tracker: Tracker, name: str) -> Any:
        """One method, ready to be called on what was laid out anew."""
        laid = desk.lay()
        if name == "check":
            return lambda opened: opened.check()
        return dict(desk.deeds(laid, tracker.capabilities))[name]

    def count(self, desk: Desk, tracker: Tracker, name: str) -> int:
        """How many calls the method makes when all is well."""
        self.deed(desk, tracker, name)(desk.tracker())
        return len(desk.wire.calls)
