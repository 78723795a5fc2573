"""What became of a value we wrote there, judged by content.

Who is said to have written decides nothing but this: where our write was not answered and the log tells
that somebody else wrote the same value, ours did not arrive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hub.core.execute.sync.fields import UNSET, Base, Clash, Declined, FieldState, Rule, Sent, is_empty, tidy
from hub.core.execute.sync.settle_sets import KEPT, settle_set
from hub.core.values import FarChange


def settle(rule: Rule, state: FieldState, now: Any, log: Sequence[FarChange], answered: bool) -> FieldState:
    """The field's state after a look at the far value ``now``.

    ``log`` are the changes of this field in the far change log since our last look (empty where there
    is none), ``answered`` tells whether the tracker said yes to our write.
    """
    sent = state.sent
    if sent is None:
        return state
    done = replace(state, sent=None)
    if rule.kind == "set":
        return settle_set(done, sent, now, log, answered)
    old = state.base.there
    log = _unseen(log, old)
    before, ours = _before_ours(log, old, sent.there)
    foreign = [value for value in before if tidy(value) not in (tidy(old), tidy(sent.there))]
    unasked = not answered or sent.goal is not UNSET
    if unasked and not ours and any(_took(old, sent.there, one.value) for one in log):
        # Somebody else wrote the same before we could: their word, where to us it is but a step.
        return done
    if ours and sent.goal is not UNSET and log[-1].foreign and _took(old, sent.there, now):
        # They went back to it after they had left our step: what they chose, and not our way any more.
        return done
    if _took(old, sent.there, now):
        agreed = _arrived(state, sent, now)
        return replace(agreed, clash=_overwritten(sent, foreign[-1], now)) if ours and foreign else agreed
    if ours:
        # Somebody went on from our value: that is an ordinary change there, seen against ours.
        later = _arrived(state, sent, sent.there)
        return replace(later, clash=_overwritten(sent, foreign[-1], now)) if foreign else later
    if old is UNSET and (answered or log):
        # Just made: what the tracker began with is set right; what somebody has changed since comes in.
        # No tracker begins with a long text of its own: that one was written by somebody.
        written = log or (rule.kind == "text" and not is_empty(now))
        return FieldState(Base(sent.here, sent.there) if written else Base(UNSET, now))
    if not answered:
        return done
    if now == old:
        return replace(done, declined=Declined(KEPT, sent.wanted))
    if log:
        return replace(done, clash=Clash("both", sent.here, now, now))
    if rule.kind == "text" and _holds(old, sent.there, now):
        return FieldState(Base(sent.here, sent.there))
    # Somebody went on from our value, or wrote before us and ours was dropped: nobody there can tell.
    return done


def _arrived(state: FieldState, sent: Sent, there: Any) -> FieldState:
    """Ours stands there: both agree on it, or after a step we still owe what stands here."""
    if sent.goal is UNSET:
        return FieldState(Base(sent.here, there))
    restore = state.restore and replace(state.restore, ours=there)
    return FieldState(Base(UNSET, there), restore=restore)


def _holds(old: Any, wanted: Any, now: Any) -> bool:
    """Our change of the lines is in the text."""
    before, ours, lines = (set(str(text or "").split("\n")) for text in (old, wanted, now))
    return ours - before <= lines and not (before - ours) & lines


def _took(old: Any, wanted: Any, now: Any) -> bool:
    if tidy(wanted) == tidy(now):
        return True
    if not (isinstance(now, str) and isinstance(wanted, str)):
        return False
    # A long text cut at the tracker's limit is its own doing, not somebody's edit; but where we only
    # added to the end, the old text is such a beginning too.
    return len(now) > 100 and wanted.startswith(now) and tidy(now) != tidy(old)


def _before_ours(log: Sequence[FarChange], old: Any, wanted: Any) -> tuple[list[Any], bool]:
    """The values before our write, as far as they are later than our look; whether it is in the log."""
    values = [one.value for one in log]
    places = [at for at, one in enumerate(log) if not one.foreign and _took(old, wanted, one.value)]
    if not places:
        return [], False
    seen = [at for at in range(places[-1]) if tidy(values[at]) == tidy(old)]
    return values[seen[-1] + 1 if seen else 0 : places[-1]], True


def _unseen(log: Sequence[FarChange], old: Any) -> Sequence[FarChange]:
    """The log without what our look may have seen: up to the last that left what we saw."""
    seen = [at for at, one in enumerate(log, 1) if one.maybe_seen and tidy(one.value) == tidy(old)]
    return log[seen[-1] :] if seen else log


def _overwritten(sent: Sent, lost: Any, now: Any) -> Clash:
    return Clash("overwritten", sent.here, lost, now)
