"""Walking an item to a state: one step a turn, each written, kept and read back like any other value."""

from __future__ import annotations

from typing import cast

from hub.core.execute.ways import LONGEST, way
from hub.core.values import FarItem, Refused, Steps, Tracker

TRANSITIONS = "transitions"


class Walk:
    """The ways of one round."""

    def __init__(self, tracker: Tracker) -> None:
        """Where its states can follow one another freely, each is one step away."""
        self._tracker = tracker
        self._goal = ""
        # Where the item has been on the way to this goal.
        self._passed: list[str] = []

    def step(self, far: FarItem, goal: str) -> str:
        """What to write next on the way to the goal; the goal itself where no other way is known.

        Then the tracker says what it thinks of it, and that is shown.
        """
        if TRANSITIONS not in self._tracker.capabilities:
            return goal
        here = far.fields["status"]
        if goal != self._goal:
            self._goal, self._passed = goal, []
        self._passed.append(here)
        try:
            moves = cast(Steps, self._tracker).transitions(far.ref, here)
        except Refused:
            return goal
        left = LONGEST + 1 - len(self._passed)
        found = None if moves is None else way(moves, here, goal, self._passed, left)
        return found[0] if found else goal
