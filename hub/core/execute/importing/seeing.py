"""Our side of an item that is looked at: is it linked, being made, or much like a task there is?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.core.directory.models import Person
from hub.core.execute.importing.judging import Judged, steps
from hub.core.execute.importing.making import made_of
from hub.core.execute.importing.models import Import, ImportRow
from hub.core.execute.models import Link
from hub.core.execute.sync import task_writer
from hub.core.execute.sync.fields import FieldState, Rule
from hub.core.execute.sync.links import open_conflicts
from hub.core.execute.sync.stored import state_of
from hub.core.values import FarItem
from hub.core.work.models import Task

_REF = re.compile(r"\b[A-Z]{1,10}-\d+-\d+\b")
Rules = Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class Seen:
    """What will become of the item; ``linked`` is the other way, over the task that is suggested."""

    judged: Judged
    task_id: int | None = None
    linked: Mapping[str, Any] | None = None
    link_id: int | None = None
    made: Mapping[str, Any] | None = None

    def keep(self, row: ImportRow) -> None:
        """Write down what was seen."""
        row.action, row.reason = self.judged.action, dict(self.judged.reason or {}) or None
        row.title, row.fields = self.judged.title[:300], dict(self.judged.fields)
        row.conflicts = self.judged.conflicts
        row.task_id, row.link_id = self.task_id, self.link_id
        row.linked = dict(self.linked) if self.linked is not None else None

    def is_as_shown(self, row: ImportRow) -> bool:
        """Whether the way that was chosen is still the one that was shown."""
        if row.chosen == "link":
            return (row.task_id, row.linked) == (self.task_id, self.linked)
        return (row.action, row.fields) == (self.judged.action, dict(self.judged.fields))


def see(session: Session, held: Import, far: FarItem, rules: Rules, making: Mapping[str, str]) -> Seen:
    """What will become of a far item. ``making``: items the hub has made itself, with their tasks."""
    title = " ".join(str(far.fields.get("title") or "").split())
    may_own = partial(_works_here, session)
    link = session.scalars(
        select(Link).where(Link.connection_id == held.connection_id, Link.ref == far.ref)
    ).first()
    if held.target == "links":
        if link is None:
            return Seen(Judged("skip", title, reason={"id": "import_unlinked"}))
        states = states_of(session, link)
        judged = Judged("round", title, steps(task_writer.read(link.task), far, rules, states, may_own))
        return Seen(judged, link.task_id, link_id=link.id)
    if link is not None:
        reason = {"id": "import_linked", "ref": link.task.ref}
        return Seen(Judged("skip", title, reason=reason), link.task_id, link_id=link.id)
    if far.ref in making:
        return Seen(Judged("skip", title, reason={"id": "import_made_here", "ref": making[far.ref]}))
    if held.only_open and rules["status"].inward(far.fields.get("status")) in ("done", "dropped"):
        return Seen(Judged("skip", title, reason={"id": "import_done_there"}))
    action: Any = "request" if held.target == "requests" else "task"
    made = made_of(far, rules, may_own)
    judged = Judged(action, title, steps(made, far, rules, {}, may_own))
    task = _alike(session, held.connection_id, title)
    if task is None:
        return Seen(judged, made=made)
    return Seen(judged, task.id, steps(task_writer.read(task), far, rules, {}, may_own), made=made)


def states_of(session: Session, link: Link) -> dict[str, FieldState]:
    """What is remembered of each field of a link."""
    clashes = open_conflicts(session, link.id)
    return {row.field: state_of(row, clashes.get(row.field)) for row in link.fields}


def _works_here(session: Session, person_id: int) -> bool:
    person = session.get(Person, person_id)
    return person is not None and person.active


def _alike(session: Session, connection_id: int, title: str) -> Task | None:
    """The only task that bears this title, or whose number stands in it, and that is not linked there yet."""
    linked = select(Link.task_id).where(Link.connection_id == connection_id)
    wanted = select(Task).where(
        or_(Task.title == title, Task.ref.in_(_REF.findall(title.upper()))),
        Task.id.not_in(linked),
        Task.state != "dropped",
    )
    found = session.scalars(wanted.limit(2)).all()
    return found[0] if len(found) == 1 else None
