"""The form above the list that changes many requests, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from hub.core.directory.models import Person, Team
from hub.core.values import STAGES
from hub.core.work.models import BulkEdit, ServiceRequest
from hub.core.workflow.bulk import CHANGES
from hub.render.reader import N_
from hub.render.words import PRIORITIES
from hub.web.context import reader
from hub.web.forms import DayField, Form, fresh
from hub.web.requests.forms import IdField, people, teams
from hub.web.sessions import actor, may

NAMES = {
    "owner": N_("Owner"),
    "assignee": N_("Assignee of the open tasks"),
    "team": N_("Team of the open tasks"),
    "priority": N_("Priority"),
    "wanted_by": N_("Wanted by"),
    "label": N_("Add a label"),
    "unlabel": N_("Remove a label"),
    "stage": N_("Stage"),
    "wait": N_("Put on hold"),
    "resume": N_("Go on"),
    "drop": N_("Drop"),
}
assert NAMES.keys() == CHANGES.keys()
# Which field holds the value of a change.
FIELDS = {
    "owner": "person",
    "assignee": "person",
    "team": "team",
    "priority": "priority",
    "wanted_by": "day",
    "label": "label",
    "unlabel": "label",
    "stage": "stage",
    "wait": "reason",
    "drop": "reason",
}


class BulkForm(Form):
    """One change, and the value it takes."""

    change = SelectField(_l("Change"))
    person = IdField(_l("Person"))
    team = IdField(_l("Team"))
    priority = IdField(_l("Priority"))
    day = DayField(_l("Day"), [Optional()])
    label = StringField(_l("Label"))
    # Sent along with every change, and judged by the verb where it is the one.
    stage = SelectField(_l("Stage"), validate_choice=False)
    reason = StringField(_l("Reason"))
    back = HiddenField()

    def __init__(self, *args: Any, allowed: tuple[str, ...] | None = None, **options: Any) -> None:
        """``allowed``: which changes the reader may make, where that is known."""
        super().__init__(*args, **options)
        shown = _allowed() if allowed is None else allowed
        self.change.choices = [SelectChoice(what, _(NAMES[what])) for what in shown]
        self.priority.offer([(level, _(name)) for level, name in PRIORITIES.items()])
        self.stage.choices = [SelectChoice(stage, reader().stage(stage)) for stage in STAGES]

    def offer(self, session: Session) -> None:
        """Fill the selects of people and teams."""
        self.person.offer(people(session))
        self.team.offer(teams(session))

    def value(self) -> Any:
        """What was chosen or typed for this change."""
        field = FIELDS.get(self.change.data or "")
        return self[field].data if field else None


def _allowed() -> tuple[str, ...]:
    return tuple(what for what in NAMES if may(CHANGES[what]))


def untouched(session: Session, people: Iterable[tuple[int, str]]) -> BulkForm:
    """The form in which nobody has chosen yet: the same for all who may change as much, so drawn once."""
    offered = (("person", people), ("team", teams(session)))
    return fresh(BulkForm, *offered, allowed=_allowed())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an edit, in words of the reader."""

    edit: BulkEdit
    said: str
    titles: dict[int, str]

    def lines(self, state: str) -> list[dict[str, Any]]:
        """The lines of one state: changed, same or refused."""
        return [line for line in self.edit.lines if line["state"] == state]

    @property
    def can_undo(self) -> bool:
        """Whether the way back is still open to the reader."""
        mine = self.edit.by_id == actor().id and self.edit.undoes_id is None
        return mine and self.edit.undone_at is None and bool(self.lines("changed"))


def outcome(session: Session, number: int | None) -> Outcome | None:
    """What became of the edit of this number; None where there is none, or none of the reader's."""
    edit = session.get(BulkEdit, number) if number is not None else None
    if edit is None or edit.by_id != actor().id:
        return None
    ids = [line["id"] for line in edit.lines]
    titles = session.execute(
        select(ServiceRequest.id, ServiceRequest.title).where(ServiceRequest.id.in_(ids))
    )
    name, value = _(NAMES[edit.what]), _valued(session, edit)
    return Outcome(edit, f"{name}: {value}" if value else name, {row.id: row.title for row in titles})


def _valued(session: Session, edit: BulkEdit) -> str:
    value: Any = edit.value
    if edit.what in ("owner", "assignee", "team"):
        model: Any = Team if edit.what == "team" else Person
        found = session.get(model, value or 0)
        return str(found.name) if found else _("none") if edit.what == "team" else _("nobody")
    if edit.what == "priority":
        return str(_(PRIORITIES[value]) if value else _("none"))
    if edit.what == "stage":
        return reader().stage(value)
    return str(value or (_("none") if edit.what == "wanted_by" else ""))
