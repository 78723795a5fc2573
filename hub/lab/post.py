"""Deliveries on their way from an imitation to the hub: dropped, doubled, shuffled and late at will."""

from __future__ import annotations

from hub.core.values import DeliveryValue, Tracker
from hub.lab.imitation import Imitation


class Post:
    """The hooks of one connection."""

    def __init__(self, imitation: Imitation, tracker: Tracker) -> None:
        """``tracker`` verifies and reads."""
        self._imitation = imitation
        self._tracker = tracker
        self._armed: set[str] = set()
        self._late: list[DeliveryValue] = []
        self.every: list[DeliveryValue] = []

    def arm(self, what: str) -> None:
        """So the next deliveries arrive: ``dropped``, ``doubled``, ``shuffled`` or ``late``."""
        self._armed.add(what)

    def heal(self) -> None:
        """The post is punctual again; what was late arrives now."""
        self._armed.clear()

    def arrived(self) -> list[str]:
        """The references that genuine deliveries mention, in the order of their arrival."""
        fresh = self._imitation.deliveries()
        self.every += fresh
        armed, self._armed = self._armed, set()
        if not fresh and armed:
            self._armed = armed  # nothing has happened to anything yet
        if "dropped" in armed:
            fresh = fresh[1::2]
        if "shuffled" in armed:
            fresh = fresh[::-1]
        if "doubled" in armed:
            fresh = [*fresh, *fresh]
        if "late" in armed:
            self._late, fresh = [*self._late, *fresh], []
        elif self._late:
            fresh, self._late = [*fresh, *self._late], []
        return self.read(fresh)

    def read(self, deliveries: list[DeliveryValue]) -> list[str]:
        """What these deliveries are about."""
        genuine = [one for one in deliveries if self._tracker.verify(one)]
        return [hint.ref for one in genuine for hint in self._tracker.hints(one)]
