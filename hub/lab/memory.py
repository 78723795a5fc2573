"""A link kept in dicts: our side and the round's memory, with the same guards as the real tables."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hub.core.execute.sync.fields import Base, Declined, Fields, FieldState, FieldStates
from hub.core.execute.sync.files import FileCopy, OurFile
from hub.core.execute.sync.marks import new_mark
from hub.core.execute.sync.plan import Decided
from hub.core.execute.sync.store import CommentCopy, Files, LinkState, Look, OurComment, Reason, worst
from hub.core.files import media_type
from hub.core.values import FarComment, FarParent, FarWork


@dataclass(frozen=True)
class MemoryFile:
    """A file at a task; one that is not public never leaves."""

    file: OurFile
    data: bytes
    public: bool = True


ORDER = ("title", "body", "labels", "priority", "due", "estimate", "assignee", "status")


@dataclass
class MemoryTask:
    """A task as far as a round sees it."""

    title: str
    body: str = ""
    status: str = "open"
    assignee: int | None = None
    labels: frozenset[str] = frozenset()
    priority: int | None = None
    due: str | None = None
    estimate: int | None = None
    version: int = 1
    comments: dict[int, OurComment] = field(default_factory=dict)
    files: list[MemoryFile] = field(default_factory=list)

    def edit(self, **changes: Any) -> None:
        """Somebody changes the task here."""
        for name, value in changes.items():
            setattr(self, name, value)
        self.version += 1

    def say(self, author: str, text: str, *, internal: bool = False) -> int:
        """Somebody comments here."""
        made = max(self.comments, default=0) + 1
        self.comments[made] = OurComment(made, author, text, internal=internal)
        self.version += 1
        return made

    def attach(self, name: str, data: bytes, *, public: bool = True) -> None:
        """Somebody puts a file to the task here."""
        file = OurFile(hashlib.sha256(data).hexdigest(), name, len(data), media_type(data))
        self.files.append(MemoryFile(file, data, public))
        self.version += 1

    def fields(self) -> dict[str, Any]:
        """The canonical fields."""
        return {name: getattr(self, name) for name in ORDER}


class MemoryStore:
    """Fulfils the store protocol for one link."""

    def __init__(self, task: MemoryTask, ref: str | None = None, mark: str | None = None) -> None:
        """``ref`` None means that the far item is still to be made."""
        self.task = task
        self.ref = ref
        self.mark = mark or new_mark()
        self.creating_since: dt.datetime | None = None
        self.state: LinkState = "waiting"
        self.reason: Reason | None = None
        self.due_at: dt.datetime | None = None
        self.resting_until: dt.datetime | None = None
        self.attempts = 0
        self.url: str | None = None
        self.parent: FarParent | None = None
        self.states: dict[str, FieldState] = {}
        self.copies: dict[int, CommentCopy] = {}
        self.decisions: list[tuple[str, Decided]] = []
        self.file_copies: dict[tuple[str, str], FileCopy] = {}
        self.work: dict[str, FarWork] = {}
        self.changed: dict[str, dt.datetime] = {}
        # A file waits: when to look again.
        self.again: dt.timedelta | None = None

    def look(self) -> Look:
        """Read our side and everything remembered."""
        return Look(
            self.ref,
            self.mark,
            self.creating_since,
            self.state == "paused",
            self.attempts,
            self.task.version,
            self.task.fields(),
            dict(self.states),
            tuple(self.task.comments.values()),
            tuple(self.copies.values()),
        )

    def write_here(
        self, version: int, changes: Fields, states: FieldStates, decided: Mapping[str, Decided]
    ) -> bool:
        """Write what came from there, unless our side has moved on."""
        if version != self.task.version:
            return False
        states = dict(states)
        for name in (name for name in ORDER if name in changes):
            reason = self.set_field(name, changes[name])
            if reason is None:
                base = states[name].base
                if base.here == changes[name]:
                    states[name] = replace(states[name], base=Base(getattr(self.task, name), base.there))
            else:
                declined = Declined({"id": reason}, states[name].base.there)
                state = self.states.get(name, FieldState())
                states[name] = replace(state, sent=None, restore=None, declined=declined)
        self.remember(states, {name: one for name, one in decided.items() if not states[name].declined})
        return True

    def set_field(self, name: str, value: Any) -> str | None:
        """Change one field as the task's verbs would; gives why they refuse."""
        reason = self._guard(name, value)
        if reason is None:
            self._set(name, value)
        return reason

    def _guard(self, name: str, value: Any) -> str | None:
        if name == "title" and not value.strip():
            return "required"
        if name == "title" and len(value.strip()) > 300:
            return "too_long"
        if name == "status" and value in ("doing", "done") and self.task.assignee is None:
            return "task_without_owner"
        return None

    def _set(self, name: str, value: Any) -> None:
        value = value.strip() if isinstance(value, str) and name in ("title", "body") else value
        if getattr(self.task, name) != value:
            if name == "assignee" and value is None and self.task.status == "doing":
                self.task.status = "open"
            self.task.edit(**{name: value})

    def changed_at(self, field: str) -> dt.datetime | None:
        """When this field was last changed here, where a test has said so."""
        return self.changed.get(field)

    def remember(self, states: FieldStates, decided: Mapping[str, Decided]) -> None:
        """Keep the state of these fields."""
        self.states.update(states)
        self.decisions.extend(decided.items())

    def creating(self, states: FieldStates, since: dt.datetime) -> None:
        """Say that we are about to make the far item."""
        self.states.update(states)
        self.creating_since = since

    def found(self, ref: str) -> None:
        """Keep the far reference."""
        self.ref = ref
        self.creating_since = None

    def comment_here(self, comment: FarComment) -> None:
        """Take over a comment from there."""
        made = self.task.say(comment.author, comment.text.strip(), internal=comment.internal)
        self.copies[made] = CommentCopy(
            made, new_mark(), "there", comment.ref, self.task.comments[made].text, comment.text, "copied"
        )

    def edit_here(self, copy: CommentCopy, text: str) -> None:
        """Change our comment."""
        comment = replace(self.task.comments[copy.comment_id], text=text.strip())
        self.task.comments[copy.comment_id] = comment
        self.task.version += 1
        self.copies[copy.comment_id] = replace(copy, text_here=comment.text)

    def delete_here(self, copy: CommentCopy) -> None:
        """Mark our comment as deleted."""
        self.task.comments[copy.comment_id] = replace(self.task.comments[copy.comment_id], deleted=True)
        self.task.version += 1
        self.copies[copy.comment_id] = copy

    def keep_copy(self, copy: CommentCopy) -> None:
        """Write or renew a copy row."""
        self.copies[copy.comment_id] = copy

    def files(self) -> Files:
        """The files of our side that may leave, each content once, and the copies."""
        ours = {one.file.sha256: one.file for one in self.task.files if one.public}
        return Files(tuple(ours.values()), tuple(self.file_copies.values()))

    def file_here(self, copy: FileCopy, data: bytes) -> None:
        """Take over a file from there."""
        if all(one.sha256 != copy.sha256 for one in self.files().ours):
            self.task.attach(copy.name, data)
        self.keep_file(copy)

    def file_bytes(self, sha256: str) -> bytes:
        """The bytes of a file here."""
        return next(one.data for one in self.task.files if one.file.sha256 == sha256)

    def keep_file(self, copy: FileCopy) -> None:
        """Write or renew a copy; another one of the same far file gives way."""
        for key, other in list(self.file_copies.items()):
            if copy.far_ref and other.far_ref == copy.far_ref:
                del self.file_copies[key]
        self.file_copies[copy.origin, copy.key] = copy

    def worklogs(self) -> Mapping[str, FarWork]:
        """The time that came from there."""
        return dict(self.work)

    def keep_worklogs(self, worklogs: Collection[FarWork]) -> None:
        """Take it over as it is now."""
        self.work = {one.ref: one for one in worklogs}
        self.task.version += 1

    def rest(
        self,
        states: FieldStates,
        decided: Mapping[str, Decided],
        url: str | None,
        at: dt.datetime,
        again: dt.timedelta | None = None,
        parent: FarParent | None = None,
    ) -> LinkState:
        """End of a round that reached its end."""
        self.remember(states, decided)
        files = (copy.state for copy in self.file_copies.values())
        self.state, self.again = worst(self.states, self.copies.values(), files=files), again
        self.url, self.reason, self.due_at, self.attempts = url, None, None, 0
        self.parent = parent
        return self.state

    def wait(self, state: LinkState, reason: Reason, due_at: dt.datetime, resting: bool = False) -> None:
        """Look again when due, and count the attempt."""
        if resting:
            self.resting_until = due_at
        self.state, self.reason, self.due_at = state, reason, due_at
        self.attempts += 1

    def stop(self, state: LinkState, reason: Reason) -> None:
        """The link as a whole is gone, refused or paused."""
        self.state, self.reason, self.due_at = state, reason, None
