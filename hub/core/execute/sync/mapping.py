"""From a connection's settings to the rules of a plan: translating states and people, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from hub.core.execute.settings import SyncSettings
from hub.core.execute.sync.fields import KINDS, Rule, Unmapped
from hub.core.execute.sync.files import MB, FileWay
from hub.core.values import OPTIONAL_FIELDS, TASK_STATES


def rules(settings: SyncSettings) -> dict[str, Rule]:
    """The rule of each canonical field under these settings."""
    made = {
        name: Rule(kind, settings.direction(name), settings.policies.get(name, "ask"))
        for name, kind in KINDS.items()
    }
    for name in ("title", "body"):
        made[name] = replace(made[name], outward=partial(settings.kept, name))
    states, people = (
        _States(settings.status_map, settings.read_as),
        _People(settings.people_map, settings.default_person),
    )
    urgency = _Priorities(settings.priority_map)
    made["priority"] = replace(made["priority"], inward=urgency.inward, outward=urgency.outward)
    made["status"] = replace(made["status"], inward=states.inward, outward=states.outward)
    made["assignee"] = replace(made["assignee"], inward=people.inward, outward=people.outward)
    return made


def usable(rules: Mapping[str, Rule], capabilities: frozenset[str]) -> dict[str, Rule]:
    """The rules of what every tracker has, and of what this one can besides."""
    return {name: rule for name, rule in rules.items() if name not in OPTIONAL_FIELDS or name in capabilities}


def file_way(settings: SyncSettings) -> FileWay:
    """Which files are carried under these settings."""
    return FileWay(settings.files, settings.largest_file_mb * MB)


class _Priorities:
    """Our four priorities and the tracker's; several there may mean one of ours."""

    def __init__(self, table: Mapping[int, list[str]]) -> None:
        self._outward = {level: names[0] for level, names in table.items()}
        self._inward = {name: level for level, names in table.items() for name in names}

    def inward(self, value: Any) -> Any:
        """The priority a far one means."""
        return value and self._inward.get(value, Unmapped("sync_unmapped_priority_there", value))

    def outward(self, value: Any) -> Any:
        """The far priority that is written for one here."""
        return value and self._outward.get(value, Unmapped("sync_unmapped_priority_here", value))


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
