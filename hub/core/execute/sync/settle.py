"""What became of a value we wrote there, judged by content: never by who is said to have written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hub.core.execute.sync.fields import UNSET, Base, Clash, Declined, FieldState, Rule, Sent, is_empty, tidy

KEPT = {"id": "sync_kept"}  # the tracker said yes and kept its old value


def settle(rule: Rule, state: FieldState, now: Any, log: Sequence[Any], answered: bool) -> FieldState:
    """The field's state after a look at the far value ``now``.

    ``log`` are the values of this field in the far change log since our last look (empty where there
    is none), ``answered`` tells whether the tracker said yes to our write.
    """
    sent = state.sent
    if sent is None:
        return state
    done = replace(state, sent=None)
    if rule.kind == "set":
        return _settle_set(done, sent, now, log, answered)
    old = state.base.there
    before, ours = _before_ours(log, old, sent.there)
    foreign = [value for value in before if tidy(value) not in (tidy(old), tidy(sent.there))]
    if _took(old, sent.there, now):
        agreed = FieldState(Base(sent.here, now))
        return replace(agreed, clash=_overwritten(sent, foreign[-1], now)) if ours and foreign else agreed
    if ours:
        # Somebody went on from our value: that is an ordinary change there, seen against ours.
        later = FieldState(Base(sent.here, sent.there))
        return replace(later, clash=_overwritten(sent, foreign[-1], now)) if foreign else later
    if old is UNSET and (answered or log):
        # Just made: what the tracker began with is set right; what somebody has changed since comes in.
        # No tracker begins with a long text of its own: that one was written by somebody.
        written = log or (rule.kind == "text" and not is_empty(now))
        return FieldState(Base(sent.here, sent.there) if written else Base(UNSET, now))
    if not answered:
        return done
    if now == old:
        return replace(done, declined=Declined(KEPT, sent.there))
    if log:
        return replace(done, clash=Clash("both", sent.here, now, now))
    return FieldState(Base(sent.here, sent.there))


def _settle_set(
    state: FieldState, sent: Sent, now: frozenset[str], log: Sequence[frozenset[str]], answered: bool
) -> FieldState:
    old: frozenset[str] = state.base.there if isinstance(state.base.there, frozenset) else frozenset()
    added, removed = sent.there - old, old - sent.there
    # What the log has seen happen was done, whatever somebody made of it since.
    missing = {member for member in added - now if not any(member in value for value in log)}
    stuck = {member for member in removed & now if all(member in value for value in log)}
    if not answered and len(missing) + len(stuck) == len(added) + len(removed):
        return state
    # What did not get across was not agreed: it stays a change of ours.
    base = Base((sent.here - missing) | stuck, (sent.there - missing) | stuck)
    kept = answered and (missing or stuck)
    return FieldState(base, declined=Declined(KEPT, sent.there) if kept else None)


def _took(old: Any, wanted: Any, now: Any) -> bool:
    if tidy(wanted) == tidy(now):
        return True
    if not (isinstance(now, str) and isinstance(wanted, str)):
        return False
    # A long text cut at the tracker's limit is its own doing, not somebody's edit; but where we only
    # added to the end, the old text is such a beginning too.
    return len(now) > 100 and wanted.startswith(now) and tidy(now) != tidy(old)


def _before_ours(log: Sequence[Any], old: Any, wanted: Any) -> tuple[list[Any], bool]:
    """The log before our write, as far as it is later than our look, and whether our write is in it."""
    places = [at for at, value in enumerate(log) if _took(old, wanted, value)]
    if not places:
        return [], False
    seen = [at for at in range(places[-1]) if tidy(log[at]) == tidy(old)]
    return list(log[seen[-1] + 1 if seen else 0 : places[-1]]), True


def _overwritten(sent: Sent, lost: Any, now: Any) -> Clash:
    return Clash("overwritten", sent.here, lost, now)
