"""Schedules: what people do on both sides and what goes wrong meanwhile, made from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

FIELDS = ("title", "body", "status", "assignee", "labels", "priority", "due", "estimate")
COMMENTS = ("say", "edit", "take_back")
PAPERS = ("attach", "attach", "attach", "hide", "detach", "work", "unlog")
# Their numbers begin here: no other step has one.
FIRST_PAPER = 1000
# What the wire and the hub do by themselves; the rest are quirks of an imitation.
ON_CALLS = ("too_many", "unavailable", "after_effect", "lost", "crash", "crash_after", "second", "between")
ON_HOOKS = ("dropped", "doubled", "shuffled", "late")
IN_STORE = ("crash_store", "between_here")

LEAST_EDITS, LEAST_FAULTS, LEAST_KINDS = 20, 8, 3

Kind = Literal["here", "there", "fault", "hooks", "work", "sweep"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens. ``link`` says at which tracker, ``value`` is a number no other step has.

    ``here`` and ``there``: a person does ``what`` (a field, say, edit, take_back, note, delete, move,
    attach, hide, detach, work, unlog).
    ``fault``: ``what`` happens at the ``after``-th call from now. ``hooks``: so the next ones arrive.
    ``work``: hooks arrive and the hub does what is due. ``sweep``: it asks the change feed.
    """

    kind: Kind
    what: str = ""
    link: int = 0
    value: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """A story for a number of trackers; ``existing`` says which items people had made before."""

    seed: int
    existing: tuple[bool, ...]
    steps: tuple[Step, ...]


def make_schedule(seed: int, quirks: Sequence[frozenset[str]]) -> Schedule:
    """The schedule of this seed for trackers with these quirks, one entry a tracker."""
    chance = Random(seed)
    writer = _Writer(chance, quirks)
    existing = tuple(chance.random() < 0.2 for _ in quirks)
    edits, faults = LEAST_EDITS + chance.randrange(6), LEAST_FAULTS + chance.randrange(5)
    kinds = writer.kinds()
    # Making the item is where twins come from: half of the schedules go wrong there.
    first = [writer.fault(ON_CALLS, at_once=True)] if chance.random() < 0.5 else []
    steps: list[Step] = [*first, Step("work")]
    plan = [0] * edits + [1] * faults
    chance.shuffle(plan)
    for number, is_fault in enumerate(plan):
        steps.append(writer.fault(kinds) if is_fault else writer.edit())
        if chance.random() < 0.3:
            steps.append(Step("work"))
        if number % 17 == 16:
            steps.append(Step("sweep", link=chance.randrange(len(quirks))))
    steps.append(Step("work"))
    return Schedule(seed, existing, tuple(_with_papers(seed, steps, len(quirks))))


def _with_papers(seed: int, steps: list[Step], links: int) -> list[Step]:
    """Files and logged time in between, drawn by themselves: the rest of a seed's story stays as it was."""
    chance, told = Random(f"papers {seed}"), list(steps)
    for number in range(chance.randrange(6)):
        side: Kind = "here" if chance.random() < 0.5 else "there"
        what = chance.choice(PAPERS)
        step = Step(side, what, chance.randrange(links), FIRST_PAPER + number)
        told.insert(chance.randrange(1, len(told)), step)
    return told


class _Writer:
    """Draws steps; the numbers it hands out make every text unlike any other."""

    def __init__(self, chance: Random, quirks: Sequence[frozenset[str]]) -> None:
        self._chance = chance
        self._quirks = quirks
        self._written = 0
        self._ended = chance.random() < 0.06
        self._moves = chance.random() < 0.1

    def kinds(self) -> list[str]:
        """At least three kinds of faults for one schedule."""
        own = sorted(set().union(*self._quirks))
        known = [*ON_CALLS, *ON_HOOKS, *IN_STORE, *own]
        return self._chance.sample(known, self._chance.randint(LEAST_KINDS, min(7, len(known))))

    def edit(self) -> Step:
        """Somebody does something on one side."""
        self._written += 1
        chance, link = self._chance, self._chance.randrange(len(self._quirks))
        what = chance.choice(FIELDS if chance.random() < 0.75 else COMMENTS)
        if chance.random() < 0.5:
            return Step("here", "note" if chance.random() < 0.04 else what, link, self._written)
        if self._ended and self._written > 15:
            self._ended = False
            return Step("there", "delete", link, self._written)
        if self._moves and self._written > 6:
            self._moves = False
            return Step("there", "move", link, self._written)
        return Step("there", what, link, self._written)

    def fault(self, kinds: Sequence[str], *, at_once: bool = False) -> Step:
        """Something goes wrong soon."""
        self._written += 1
        what, link = self._chance.choice(kinds), self._chance.randrange(len(self._quirks))
        if what in ON_HOOKS:
            return Step("hooks", what, link, self._written)
        return Step("fault", what, link, self._written, self._chance.randint(0, 1 if at_once else 4))
