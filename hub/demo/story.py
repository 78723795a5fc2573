"""A story: what happens to one request, when, by whom. Told once, played by verbs or by rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from hub.demo.cast import Asker

Verb = Literal[
    "take",
    "look",
    "say",
    "note",
    "reply",
    "start",
    "finish",
    "hold",
    "log",
    "score",
    "answer",
    "wait",
    "drop",
    "reopen",
    "dismiss",
]


class Step(NamedTuple):
    """One thing that happens. ``at`` is whole seconds since 1970, so that very many steps are cheap.

    Who does it follows from the verb: the customer replies and answers; the task's owner says,
    starts, finishes, holds, logs and scores; the lead notes, waits, drops, reopens and dismisses.
    """

    verb: Verb
    at: int
    text: str = ""
    number: int = 0
    task: int = 0


def answers(happy: int, words: str) -> dict[str, Any]:
    """What a customer answers to the satisfaction survey."""
    given = {"satisfaction": happy, "effort": max(happy - 1, 1)}
    return {**given, "comment": words} if words else given


@dataclass(slots=True)
class Story:
    """One request from its first word on. ``uid`` decides the quality lot, so both players share it."""

    key: str
    uid: str
    asker: Asker
    title: str
    body: str
    goals: tuple[str, ...] = ()
    wanted_by: dt.date | None = None
    labels: tuple[str, ...] = ()
    category: str | None = None
    priority: int | None = None
    steps: list[Step] = field(default_factory=list)

    def then(self, steps: Iterable[Step]) -> Story:
        """The story with more steps at its end."""
        self.steps.extend(steps)
        return self
