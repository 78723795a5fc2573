"""What the imitation of Worktile knows: tasks of one project, their comments; in memory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.core.database import Clock

PROJECT = f"{0x5F0001:024x}"
PEOPLE = {f"{number:032x}": name for number, name in enumerate(("Mei", "Jonas", "Lin", "Anna"), 0xB0)}
STATES = ("未开始", "进行中", "挂起", "已完成", "已取消")


class Wrong(Exception):
    """What it answers with 200 and ``ok: false``."""


@dataclass
class Task:
    """One task."""

    id: str
    number: int
    title: str
    desc: str = ""
    state: str = STATES[0]
    assignee: str | None = None
    tags: list[str] = field(default_factory=list)
    created: int = 0
    updated: int = 0
    comments: list[dict[str, Any]] = field(default_factory=list)


class Board:
    """Everything it knows."""

    def __init__(self, clock: Clock) -> None:
        """``clock`` gives the time."""
        self._clock = clock
        self.tasks: dict[str, Task] = {}
        self.changed: list[dict[str, Any]] = []
        self._made = 0

    def reset(self) -> None:
        """Forget every task."""
        self.tasks.clear()
        self.changed.clear()
        self._made = 0

    def now(self) -> int:
        """Its clock: whole seconds."""
        return int(self._clock.now().timestamp())

    def new_id(self) -> str:
        """24 hexadecimal digits."""
        self._made += 1
        return f"{0x5F << 80 | self._made:024x}"

    def create(self, values: Mapping[str, Any]) -> Task:
        """Make a task."""
        made = Task(self.new_id(), len(self.tasks) + 1, "", created=self.now())
        self._take(made, values)
        self.tasks[made.id] = made
        self._touch(made, "create_task")
        return made

    def change(self, task: Task, values: Mapping[str, Any]) -> None:
        """Change a task."""
        before = (task.title, task.desc, task.state, task.assignee, tuple(task.tags))
        self._take(task, values)
        if before != (task.title, task.desc, task.state, task.assignee, tuple(task.tags)):
            self._touch(task, "update_task")

    def _take(self, task: Task, values: Mapping[str, Any]) -> None:
        title = str(values.get("title", task.title)).strip()
        state, assignee = values.get("state", task.state), values.get("assignee", task.assignee)
        if not title or state not in STATES or assignee not in (None, *PEOPLE):
            raise Wrong
        task.title, task.state, task.assignee = title, state, assignee
        task.desc = str(values.get("desc", task.desc))
        task.tags = sorted(values.get("tag", task.tags))

    def say(self, task: Task, who: str, text: str) -> dict[str, Any]:
        """Add a comment, kept as a tree of nodes."""
        if not text.strip():
            raise Wrong
        made = {"_id": self.new_id(), "content": tree(text), "created_by": who, "created_at": self.now()}
        task.comments.append(made)
        self._touch(task, "comment_task")
        return made

    def comment(self, task: Task, ref: str) -> dict[str, Any]:
        """A comment that is there."""
        return next(one for one in task.comments if one["_id"] == ref)

    def delete(self, task: Task) -> None:
        """It is gone for good."""
        del self.tasks[task.id]
        self._touch(task, "delete_task")

    def _touch(self, task: Task, event: str) -> None:
        task.updated = self.now()
        payload = {"id": task.id, "title": task.title, "identifier": f"DEV-{task.number}"}
        self.changed.append({"event": event, "payload": payload})


def tree(text: str) -> str:
    """The text as the nodes a comment is kept in."""
    lines = [{"type": "paragraph", "children": [{"text": line}]} for line in text.split("\n")]
    return json.dumps(lines, ensure_ascii=False)
