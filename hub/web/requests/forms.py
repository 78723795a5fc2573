"""The forms of the request page; what they post to are the blueprints of their nouns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from wtforms import (
    BooleanField,
    FloatField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from hub.core.connections.models import Connection
from hub.core.customers.models import Customer
from hub.core.directory.models import Person, Team
from hub.core.values import STAGES, TASK_STATES
from hub.core.work.models import Category, Task
from hub.render.words import NEED_KINDS, PRIORITIES, RESULTS, STATES, STREAMS
from hub.web.context import reader
from hub.web.forms import DayField, Form, row_number

# More names than a browser's list of suggestions can show are of no use.
SUGGESTED = 200


def _row(value: Any) -> int | None:
    if value in (None, "", "None"):
        return None
    found = row_number(str(value))
    if found is None:
        raise ValueError(value)
    return found


def _choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(key, text) for key, text in pairs]


class IdField(SelectField):  # type: ignore[misc]  # wtforms has no types
    """A select of ids, whose first choice may be nothing."""

    def __init__(self, label: str, validators: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(label, list(validators), coerce=_row, choices=_choices([("", "–")]), **options)

    def offer(self, rows: Sequence[tuple[int, str]]) -> None:
        """Set the choices beside nothing."""
        self.choices = _choices([("", "–"), *((str(number), text) for number, text in rows)])


class RequestForm(Form):
    """A new request, or an existing one being edited."""

    title = StringField(_l("Title"), [InputRequired()])
    body = TextAreaField(_l("Description"), description=_l("Markdown works here."))
    customer = StringField(_l("Customer"), description=_l("A name that is new makes a new customer."))
    contact_name = StringField(_l("Contact"))
    contact_email = StringField(_l("E-mail of the contact"))
    category = IdField(_l("Category"))
    priority = IdField(_l("Priority"))
    owner = IdField(_l("Owner"))
    wanted_by = DayField(_l("Wanted by"), [Optional()])
    labels = StringField(_l("Labels"), description=_l("Separate them by commas."))
    goals = TextAreaField(
        _l("Goals"), description=_l("What the result will be measured by: one goal on each line.")
    )
    files = MultipleFileField(_l("Files"))
    version = HiddenField()

    def offer(self, session: Session) -> list[str]:
        """Fill the selects; gives the names of customers to suggest."""
        categories = session.scalars(select(Category).where(Category.active.is_(True)).order_by(Category.id))
        self.category.offer([(row.id, reader().text(row.title)) for row in categories])
        self.owner.offer(people(session, self.owner.data))
        self.priority.offer([(level, _(name)) for level, name in PRIORITIES.items()])
        return list(
            session.scalars(
                select(Customer.name)
                .where(Customer.active.is_(True))
                .order_by(Customer.name)
                .limit(SUGGESTED)
            )
        )

    def label_list(self) -> list[str]:
        """The labels, whichever comma was typed."""
        return [label for label in re.split(r"[,，、;；\n]", self.labels.data or "") if label.strip()]


_PEOPLE = (
    select(Person.id, Person.name)
    .where(Person.active.is_(True) | (Person.id == bindparam("also")))
    .order_by(Person.name)
)
_TEAMS = select(Team.id, Team.name).where(Team.active.is_(True)).order_by(Team.name)


def people(session: Session, also: int | None = None) -> list[tuple[int, str]]:
    """Active people by name (and one more, who may have been deactivated)."""
    return [(number, name) for number, name in session.execute(_PEOPLE, {"also": also})]


def teams(session: Session) -> list[tuple[int, str]]:
    """Active teams by name."""
    return [(number, name) for number, name in session.execute(_TEAMS)]


class StageForm(Form):
    """Where to move a request."""

    stage = SelectField(_l("Stage"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stage.choices = _choices((stage, reader().stage(stage)) for stage in STAGES)


class StateForm(Form):
    """Hold a request, go on with it, or drop it."""

    action = HiddenField()
    reason = StringField(_l("Reason"), description=_l("Everybody sees it."))


class CommentForm(Form):
    """Something to say; internal unless it is said otherwise."""

    text = TextAreaField(
        _l("Comment"),
        [InputRequired()],
        description=_l("Markdown works here. @name calls a person or a team."),
    )
    stream = RadioField(_l("Who sees it?"), default="internal")
    task = IdField(_l("Task"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stream.choices = _choices((key, _(name)) for key, name in STREAMS.items())


class NeedForm(Form):
    """A need for the ledger."""

    kind = SelectField(_l("Kind"))
    text = TextAreaField(_l("Need"), [InputRequired()])
    evidence = StringField(_l("Evidence"), description=_l("Who said it where, or what shows it."))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind.choices = _choices((key, _(name)) for key, name in NEED_KINDS.items())


class GoalForm(Form):
    """What the result will be measured by."""

    text = TextAreaField(_l("Goal"), [InputRequired()])


class ScoreForm(Form):
    """Whether a goal was reached."""

    result = SelectField(_l("Result"))
    note = StringField(_l("Reason"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.result.choices = _choices((key, _(name)) for key, name in RESULTS.items())


class TaskForm(Form):
    """A task."""

    title = StringField(_l("Title"), [InputRequired()])
    body = TextAreaField(_l("Description"))
    hours = FloatField(_l("Hours"), [Optional()])
    priority = IdField(_l("Priority"))
    due = DayField(_l("Due"), [Optional()])
    skill = StringField(_l("Skill"))
    team = IdField(_l("Team"))
    labels = StringField(_l("Labels"), description=_l("Separate them by commas."))
    version = HiddenField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.priority.offer([(level, _(name)) for level, name in PRIORITIES.items()])

    @classmethod
    def of(cls, task: Task) -> TaskForm:
        """The form of this task as it is; saved so, it changes nothing."""
        plain = ("title", "body", "hours", "priority", "due", "skill", "version")
        values = {name: getattr(task, name) for name in plain}
        return cls(formdata=None, team=task.team_id, labels=", ".join(task.labels), **values)


class TaskStateForm(Form):
    """The state of a task; waiting asks for a reason."""

    state = SelectField(_l("State"))
    reason = StringField(_l("Reason"), description=_l("Needed for waiting."))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.state.choices = _choices((key, _(STATES[key])) for key in TASK_STATES)


class AssigneeForm(Form):
    """Who does a task."""

    person = IdField(_l("Assignee"))
    note = StringField(_l("Note for the hand-over"))


class LinkForm(Form):
    """Which far item a task belongs to."""

    connection = IdField(_l("Tracker"), [InputRequired()])
    ref = StringField(_l("Item there"), description=_l("Its number or key; empty makes a new item there."))

    def offer_trackers(self, session: Session) -> None:
        """Fill the select of connections."""
        rows = session.execute(
            select(Connection.id, Connection.name)
            .where(Connection.family == "tracker", Connection.paused.is_(False))
            .order_by(Connection.name)
        )
        self.connection.offer([(number, name) for number, name in rows])


class TimeForm(Form):
    """Minutes of work."""

    minutes = IntegerField(_l("Minutes"), [InputRequired()])
    day = DayField(_l("Day"), [InputRequired()])
    note = StringField(_l("Note"))


class RatingForm(Form):
    """How good the work was, 1 to 5."""

    rating = IntegerField(_l("Quality"), [InputRequired()])
    note = StringField(_l("Note"))


class FileForm(Form):
    """Files for a request."""

    files = MultipleFileField(_l("Files"), [InputRequired()])
    public = BooleanField(_l("The customer may see them"))
