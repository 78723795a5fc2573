"""A mapping as people see it, and its way into settings and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.core.execute.settings import SyncSettings
from hub.core.values import CANONICAL_FIELDS, TASK_STATES


@dataclass(frozen=True, slots=True)
class Wanted:
    """One choice for each thing a person decides: an empty one means nothing is chosen.

    ``written``: the far state that is written for a task state. ``read``: the task state that is read
    from a far state. ``people``: the account of a person.
    """

    directions: Mapping[str, str] = field(default_factory=dict)
    policies: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    read: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)
    default_person: int | None = None

    @classmethod
    def of(cls, settings: SyncSettings) -> Wanted:
        """The choices these settings stand for."""
        table = settings.status_map
        read = {far: state for state in reversed(TASK_STATES) for far in table.get(state, ())}
        return cls(
            {name: settings.direction(name) for name in CANONICAL_FIELDS},
            {name: settings.policies.get(name, "ask") for name in CANONICAL_FIELDS},
            {state: names[0] for state in TASK_STATES if (names := table.get(state))},
            {**read, **settings.read_as},
            dict(settings.people_map),
            settings.default_person,
        )

    def settings(self) -> dict[str, Any]:
        """These choices as the settings store them."""
        table: dict[str, list[str]] = {}
        for state in TASK_STATES:
            first = [self.written[state]] if self.written.get(state) else []
            others = sorted(far for far, as_ in self.read.items() if as_ == state and far not in first)
            if first or others:
                table[state] = first + others
        shared = _shared(table)
        return {
            "directions": dict(self.directions),
            "policies": {name: policy for name, policy in self.policies.items() if policy != "ask"},
            "status_map": table,
            "read_as": {far: state for far, state in self.read.items() if state and far in shared},
            "people_map": {person: account for person, account in self.people.items() if account},
            "default_person": self.default_person,
        }


def _shared(table: Mapping[str, list[str]]) -> set[str]:
    every = [far for names in table.values() for far in names]
    return {far for far in every if every.count(far) > 1}
