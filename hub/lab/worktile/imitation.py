"""The imitation of Worktile as the lab plays with it: with the made-up writes named in its settings."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hub.core.database import Clock, new_uuid
from hub.core.values import DeliveryValue, FarComment, FarItem, Refused
from hub.lab.worktile.api import Api
from hub.lab.worktile.board import PEOPLE, PROJECT, STATES, Board, Task, Wrong, tree

SECRET, REFRESH = "lab-worktile-secret-01", "lab-worktile-refresh-01"
NAMES = {"body": "desc", "status": "state", "labels": "tag"}
IN_TITLE = re.compile(r"\s*\[hub:[0-9a-f]{12}\]")
IN_COMMENT = re.compile(r"\s*\[hub:([0-9A-Za-z-]+)\]")
BOTH = dict.fromkeys(("title", "body", "status", "assignee", "labels"), "both")


class WorktileImitation:
    """Fulfils ``hub.lab.imitation.Imitation``."""

    settings: Mapping[str, Any] = MappingProxyType(
        {
            "base_url": "https://worktile.invalid",
            "client_id": "lab-client",
            "project": PROJECT,
            "status_map": dict(
                zip(("open", "doing", "waiting", "done", "dropped"), ([name] for name in STATES), strict=True)
            ),
            "directions": BOTH,
            "calls": {
                "create": "POST /made-up/tasks",
                "update": "PUT /made-up/tasks/{id}",
                "comment": "POST /made-up/tasks/{id}/comments",
            },
            "names": {
                "title": "title",
                "body": "desc",
                "status": "state",
                "assignee": "assignee",
                "labels": "tag",
                "project": "project_id",
                "text": "content",
            },
        }
    )
    secrets: Mapping[str, str] = MappingProxyType({"client_secret": SECRET})
    accounts = tuple(PEOPLE)
    states = STATES
    fields = ("title", "body", "status", "assignee", "labels")
    logged: tuple[str, ...] = ()
    quirks = frozenset({"silent", "expire"})
    signature = "none"

    def __init__(self, clock: Clock) -> None:
        """``clock`` gives the time."""
        self._clock = clock
        self.board = Board(clock)
        self.api = Api(self.board, clock, SECRET, REFRESH)
        self.application = self.api.app

    @property
    def breaches(self) -> int:
        """How often its limit was broken."""
        return self.api.breaches

    def reset(self) -> None:
        """Forget every task, fault and delivery."""
        self.heal()
        self.board.reset()
        self.api.reset()

    def see(self, ref: str) -> FarItem | None:
        """The task in the words of the plugin's ``fetch``."""
        task = self.board.tasks.get(ref)
        if task is None:
            return None
        values = {
            "title": IN_TITLE.sub("", task.title),
            "body": task.desc,
            "status": task.state,
            "assignee": task.assignee,
            "labels": frozenset(task.tags),
        }
        return FarItem(ref, "", values, str(task.updated), tuple(_comment(one) for one in task.comments))

    def items(self) -> list[str]:
        """The ids of all tasks."""
        return list(self.board.tasks)

    def edit(self, ref: str, who: str, field: str, value: Any) -> None:
        """Somebody changes one field."""
        task = self._task(ref)
        if field == "title" and (sign := IN_TITLE.search(task.title)):
            value += sign[0]
        try:
            self.board.change(task, {NAMES.get(field, field): value})
        except Wrong:
            raise Refused("not possible there", [field]) from None

    def say(self, ref: str, who: str, text: str) -> str:
        """Somebody comments."""
        return str(self.board.say(self._task(ref), who, text)["_id"])

    def edit_comment(self, ref: str, comment: str, who: str, text: str) -> None:
        """Somebody changes a comment; our line stays."""
        task = self._task(ref)
        found = self.board.comment(task, comment)
        mark = IN_COMMENT.search(_text(found))
        found["content"] = tree(text + (mark[0] if mark else ""))
        self.board.changed.append({"event": "edit", "payload": {"task": {"id": ref}}})

    def delete_comment(self, ref: str, comment: str, who: str) -> None:
        """Somebody takes a comment away."""
        task = self._task(ref)
        task.comments.remove(self.board.comment(task, comment))
        self.board.changed.append({"event": "delete", "payload": {"task": {"id": ref}}})

    def delete(self, ref: str) -> None:
        """Somebody deletes the task."""
        self.board.delete(self._task(ref))

    def move(self, ref: str) -> str:
        """A task keeps its id."""
        return ref

    def deliveries(self) -> list[DeliveryValue]:
        """The hooks it has sent: without a signature."""
        sent, self.board.changed = self.board.changed, []
        return [
            DeliveryValue(new_uuid(), {}, json.dumps(event).encode(), self._clock.now()) for event in sent
        ]

    def ail(self, quirk: str) -> None:
        """``silent``: the next write does nothing; ``expire``: every token ends."""
        if quirk == "silent":
            self.api.silent += 1
        elif quirk == "expire":
            self.api.revoke()

    def heal(self) -> None:
        """Work as one should."""
        self.api.silent = 0

    def close(self) -> None:
        """Nothing is held."""

    def _task(self, ref: str) -> Task:
        return self.board.tasks[ref]


def _text(comment: Mapping[str, Any]) -> str:
    return "\n".join(line["children"][0]["text"] for line in json.loads(comment["content"]))


def _comment(one: Mapping[str, Any]) -> FarComment:
    text = _text(one)
    mark = IN_COMMENT.search(text)
    at = dt.datetime.fromtimestamp(one["created_at"], dt.UTC)
    return FarComment(
        one["_id"], one["created_by"], IN_COMMENT.sub("", text).strip("\n"), at, mark[1] if mark else None
    )
