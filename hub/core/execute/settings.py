"""The part of a tracker connection's settings that every tracker shares: how values and people map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hub.core.connections.wrong import WrongSetting
from hub.core.values import CANONICAL_FIELDS, PRIORITIES, TASK_STATES, Text

FieldDirection = Literal["both", "out", "in", "off"]


class SyncSettings(BaseModel):
    """Mapping of states, people and fields; a tracker's own settings model extends it."""

    model_config = ConfigDict(extra="forbid")

    status_map: dict[str, list[str]] = Field(
        description="for each task state here the far states that mean it; the first one is written"
    )
    people_map: dict[int, str] = Field(
        default_factory=dict, description="for each person here (id) the account there"
    )
    read_as: dict[str, str] = Field(
        default_factory=dict,
        description="for each far state that stands for several task states: the one that is read from it;"
        " else the first of them",
    )
    default_person: int | None = Field(
        default=None, description="the person here (id) for accounts there that nobody is mapped to"
    )
    priority_map: dict[int, list[str]] = Field(
        default_factory=dict,
        description="for each priority here (1 urgent to 4 low) the priorities there that mean it; the first"
        " one is written; empty: priorities are not synchronised",
    )
    directions: dict[str, FieldDirection] = Field(
        default_factory=dict, description="for each field: both (default), out, in or off"
    )
    policies: dict[str, Literal["ask", "here", "there", "newest"]] = Field(
        default_factory=dict, description="for each field: who decides a conflict; ask is the default"
    )
    files: FieldDirection = Field(
        default="both",
        description="files: both (default), out, in or off; a tracker that takes none gets a link to ours",
    )
    largest_file_mb: int = Field(
        default=5,
        ge=1,
        le=100,
        title="Largest file (MB)",
        description="larger files stay where they are, and the task says so",
    )
    budget_calls: int | None = Field(
        default=None,
        title="Calls allowed",
        ge=1,
        le=1_000_000,
        description="calls the tracker allows in the time below; empty: what is known of this kind",
    )
    budget_seconds: int = Field(
        default=60,
        ge=1,
        le=86_400,
        title="Time for these calls",
        description="the time in which so many calls are allowed, seconds",
    )

    @model_validator(mode="after")
    def _can_be_right(self) -> SyncSettings:
        """Refuse a mapping under which some value could never be right on both sides."""
        for name, keys in (("directions", self.directions), ("policies", self.policies)):
            unknown = sorted(set(keys) - set(CANONICAL_FIELDS))
            if unknown:
                raise _wrong(name, "没有字段 {}", "unknown field {}", unknown)
        unknown = sorted(set(self.status_map) - set(TASK_STATES))
        if unknown:
            raise _wrong("status_map", "没有任务状态 {}", "unknown task state {}", unknown)
        for far, state in self.read_as.items():
            if far not in self.status_map.get(state, ()):
                no = Text(
                    zh=f"状态对应表的 {state} 下没有 {far}",
                    en=f"{far} does not stand under {state} in the status map",
                )
                raise WrongSetting(no, "read_as")
        direction = self.directions.get("status", "both")
        missing = [state for state in TASK_STATES if not self.status_map.get(state)]
        if missing and direction in ("both", "out"):
            raise _wrong("status_map", "{} 没有对应的对方状态", "no far state for {}", missing)
        accounts = list(self.people_map.values())
        if doubled := _doubled(accounts):
            raise _wrong("people_map", "两个人共用了 {}", "two people share {}", doubled)
        self._priorities_can_be_right()
        return self

    def _priorities_can_be_right(self) -> None:
        wanted = self.directions.get("priority", "both" if self.priority_map else "off")
        if wanted == "off":
            return
        if unknown := sorted(set(self.priority_map) - set(PRIORITIES)):
            raise _wrong("priority_map", "没有优先级 {}", "unknown priority {}", unknown)
        if doubled := _doubled([name for names in self.priority_map.values() for name in names]):
            raise _wrong("priority_map", "两个优先级共用了 {}", "two priorities share {}", doubled)
        missing = [str(level) for level in PRIORITIES if not self.priority_map.get(level)]
        if missing and wanted in ("both", "out"):
            raise _wrong("priority_map", "优先级 {} 没有对应值", "nothing there for {}", missing)
        if not any(self.priority_map.values()):
            raise _wrong("priority_map", "没有任何优先级有对应值", "nothing there stands for a priority")

    def direction(self, field: str) -> FieldDirection:
        """Which way this field goes: priorities only where somebody said what they mean."""
        nowhere = field == "priority" and not self.priority_map
        return self.directions.get(field, "off" if nowhere else "both")

    @classmethod
    def part_of(cls, stored: Mapping[str, Any]) -> SyncSettings:
        """The shared part of the stored settings of any tracker connection."""
        return cls.model_validate({name: stored[name] for name in cls.model_fields if name in stored})

    def kept(self, field: str, value: Any) -> Any:
        """What becomes of a far value by being written there: pure, and the same again for its own result.

        A tracker with another markup than Markdown overrides it, so that its own way of saying the same
        thing is no change.
        """
        return value


def _doubled(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _wrong(field: str, zh: str, en: str, names: Iterable[Any] = ()) -> WrongSetting:
    said = [str(name) for name in names]
    return WrongSetting(Text(zh=zh.format("、".join(said)), en=en.format(", ".join(said))), field)
