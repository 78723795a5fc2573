"""The values a round thinks in: what both sides said, what was sent, refused or clashes, per field."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Kind = Literal["scalar", "set", "text"]
Direction = Literal["both", "out", "in", "off"]
Policy = Literal["ask", "here", "there", "newest"]
Fields = Mapping[str, Any]

KINDS: Mapping[str, Kind] = {
    "title": "scalar",
    "body": "text",
    "status": "scalar",
    "assignee": "scalar",
    "labels": "set",
    "priority": "scalar",
    "due": "scalar",
    "estimate": "scalar",
}


class Unset(enum.Enum):
    """The side has not said anything yet that both agreed on."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A value that has no counterpart on the other side; it is shown, never dropped."""

    reason: str
    value: Any


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field travels. ``inward`` and ``outward`` translate far values to ours and back."""

    kind: Kind
    direction: Direction = "both"
    policy: Policy = "ask"
    inward: Callable[[Any], Any] = _same
    outward: Callable[[Any], Any] = _same


@dataclass(frozen=True, slots=True)
class Base:
    """What each side said, in its own words, when they last agreed."""

    here: Any = UNSET
    there: Any = UNSET


@dataclass(frozen=True, slots=True)
class Sent:
    """What we are about to write there, kept before the call so that a lost answer can be told.

    ``goal``: what ``there`` is only a step to, where the far side does not go there at once.
    """

    here: Any
    there: Any
    since: str
    goal: Any = UNSET

    @property
    def wanted(self) -> Any:
        """What is to stand there in the end."""
        return self.there if self.goal is UNSET else self.goal


@dataclass(frozen=True, slots=True)
class Declined:
    """A value that cannot cross: by our mapping or by the tracker's word. Not tried again as it is."""

    reason: Mapping[str, Any]
    value: Any


@dataclass(frozen=True, slots=True)
class Clash:
    """Two values of which only a person can say which one holds.

    ``both``: both sides changed. ``overwritten``: our write covered a foreign change nobody saw.
    ``far_now`` is what the far side holds at present, ``there`` the far value to choose from.
    """

    kind: Literal["both", "overwritten"]
    here: Any
    there: Any
    far_now: Any
    # Who wrote ``there`` and when, where the change log says so: to be shown, never to decide by.
    by: str | None = field(default=None, compare=False)
    at: dt.datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Restore:
    """A value an undo wants back there, as long as what stands there is still ``ours``.

    ``change`` names the entry of the undo's run that waits for the outcome.
    """

    change: int
    ours: Any
    back: Any


@dataclass(frozen=True, slots=True)
class FieldState:
    """Everything that is remembered about one field of a link."""

    base: Base = field(default_factory=Base)
    sent: Sent | None = None
    declined: Declined | None = None
    clash: Clash | None = None
    restore: Restore | None = None


FieldStates = Mapping[str, FieldState]


def is_unsaid(state: FieldState) -> bool:
    """We made the item without a word about this field, and have not seen yet what it began with."""
    return state.base.there is UNSET and state.base.here is not UNSET


def is_empty(value: Any) -> bool:
    """Nothing was ever said in this field."""
    return value is None or value == "" or value == frozenset()


def tidy(value: Any) -> Any:
    """The value without what trackers commonly change: line ends, trailing blanks, outer blanks."""
    if not isinstance(value, str):
        return value
    lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def alike(rule: Rule, here: Any, there: Any) -> bool:
    """Both sides say the same, in the words of either."""
    return bool(rule.inward(there) == here or rule.outward(here) == there)


def much_alike(rule: Rule, here: Any, there: Any) -> bool:
    """Both sides say the same but for what trackers commonly change."""
    return alike(rule, here, there) or tidy(rule.outward(here)) == tidy(there)
