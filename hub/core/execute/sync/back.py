"""The way back for one field: what an undo may still take back there.

A pure function, asked by the preview and by the round, so that both say the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.core.execute.sync.fields import UNSET, FieldState, Restore, Rule, Unmapped, tidy


@dataclass(frozen=True, slots=True)
class Back:
    """What to write on which side; UNSET means leave that side alone."""

    here: Any = UNSET
    there: Any = UNSET


@dataclass(frozen=True, slots=True)
class Stays:
    """It is not ours to take back; the reason is a message id with its values."""

    reason: str
    value: Any = None


def way_back(rule: Rule, here: Any, there: Any, state: FieldState) -> Back | Stays | None:
    """The next step to ``state.restore.back``, or why there is none; None: the ordinary way does the rest.

    Our side goes back first, as if somebody had changed it here; then the far side gets its own old words,
    which may say more than ours (several far states may mean one of ours).
    """
    assert state.restore is not None
    restore = state.restore
    if rule.direction in ("in", "off"):
        return Stays("undo_not_outward")
    if state.clash is not None:
        return Stays("undo_conflict")
    if state.declined is not None:
        return Stays("undo_refused")
    if rule.kind == "set":
        return _members_back(here, there, restore)
    target = rule.inward(restore.back)
    if isinstance(target, Unmapped):
        return Stays(target.reason, target.value)
    if tidy(there) != tidy(restore.ours):
        return Stays("undo_changed_there")
    if tidy(here) == tidy(target):
        return Back(there=restore.back)
    if here != state.base.here:
        return Stays("undo_changed_here")
    return Back(here=target)


def _members_back(here: frozenset[str], there: frozenset[str], restore: Restore) -> Back | Stays | None:
    """Take away what we added and is still there, add what we took away and is still missing."""
    added = (restore.ours - restore.back) & there
    removed = (restore.back - restore.ours) - there
    if not added and not removed:
        return Stays("undo_changed_there")
    wanted = (here - added) | removed
    return None if wanted == here else Back(here=wanted)
