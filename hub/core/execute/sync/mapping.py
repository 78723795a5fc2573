"""From a connection's settings to the rules of a plan: translating states and people, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from hub.core.execute.settings import SyncSettings
from hub.core.execute.sync.fields import KINDS, Rule, Unmapped
from hub.core.values import TASK_STATES


def rules(settings: SyncSettings) -> dict[str, Rule]:
    """The rule of each canonical field under these settings."""
    made = {
        name: Rule(kind, settings.directions.get(name, "both"), settings.policies.get(name, "ask"))
        for name, kind in KINDS.items()
    }
    for name in ("title", "body"):
        made[name] = replace(made[name], outward=partial(settings.kept, name))
    states, people = (
        _States(settings.status_map, settings.read_as),
        _People(settings.people_map, settings.default_person),
    )
    made["status"] = replace(made["status"], inward=states.inward, outward=states.outward)
    made["assignee"] = replace(made["assignee"], inward=people.inward, outward=people.outward)
    return made


class _States:
    """Task states and the tracker's states; several far states may mean one of ours."""

    def __init__(self, table: Mapping[str, list[str]], read_as: Mapping[str, str]) -> None:
        self._outward = {state: names[0] for state, names in table.items() if names}
        # A far state listed twice means the first of our states, in their own order, unless it is said.
        listed = {name: state for state in reversed(TASK_STATES) for name in table.get(state, ())}
        self._inward = {**listed, **read_as}

    def inward(self, value: Any) -> Any:
        """The task state a far state means."""
        return self._inward.get(value, Unmapped("sync_unmapped_state_there", value))

    def outward(self, value: Any) -> Any:
        """The far state that is written for a task state."""
        return self._outward.get(value, Unmapped("sync_unmapped_state_here", value))


class _People:
    """Person ids and far accounts; nobody is nobody on both sides."""

    def __init__(self, table: Mapping[int, str], otherwise: int | None) -> None:
        self._otherwise = otherwise
        self._outward = dict(table)
        self._inward = {account: person for person, account in table.items()}

    def inward(self, value: Any) -> Any:
        """The person behind a far account."""
        if value is None or value == "":
            return None
        unknown = Unmapped("sync_unmapped_person_there", value)
        return self._inward.get(value, unknown if self._otherwise is None else self._otherwise)

    def outward(self, value: Any) -> Any:
        """The far account of a person."""
        if value is None:
            return None
        return self._outward.get(value, Unmapped("sync_unmapped_person_here", value))
