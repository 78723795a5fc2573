"""What became of a set we wrote there: each member by itself."""

from __future__ import annotations

from collections.abc import Sequence

from hub.core.execute.sync.fields import Base, Declined, FieldState, Sent
from hub.core.values import FarChange

KEPT = {"id": "sync_kept"}  # the tracker said yes and kept its old value


def settle_set(
    state: FieldState, sent: Sent, now: frozenset[str], log: Sequence[FarChange], answered: bool
) -> FieldState:
    """The state of a set after a look at it: member by member; see ``settle``."""
    old: frozenset[str] = state.base.there if isinstance(state.base.there, frozenset) else frozenset()
    added, removed = sent.there - old, old - sent.there
    # What the log has seen happen was done, whatever somebody made of it since.
    missing = {member for member in added - now if not any(member in one.value for one in log)}
    stuck = {member for member in removed & now if all(member in one.value for one in log)}
    if log and not answered:
        ours = _changed_by_us(log, old)
        missing, stuck = set(added - ours), set(removed - ours)
    if not answered and len(missing) + len(stuck) == len(added) + len(removed):
        return state
    # What did not get across was not agreed: it stays a change of ours.
    base = Base((sent.here - missing) | stuck, (sent.there - missing) | stuck)
    kept = answered and (missing or stuck)
    return FieldState(base, declined=Declined(KEPT, sent.there) if kept else None)


def _changed_by_us(log: Sequence[FarChange], old: frozenset[str]) -> set[str]:
    befores = [old, *(one.value for one in log)]
    pairs = zip(log, befores, strict=False)
    return {member for one, before in pairs if not one.foreign for member in one.value ^ before}
