"""People: who is here, what they can do, how much they have to do, and when they are away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from werkzeug.wrappers import Response
from wtforms import (
    EmailField,
    FloatField,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from hub.core import rights
from hub.core.assign.people import candidates
from hub.core.directory import people as verbs
from hub.core.directory import profiles
from hub.core.directory.models import Person, Team
from hub.core.values import Refusal
from hub.render.words import ROLES
from hub.web import editing, guide, lines
from hub.web.context import core
from hub.web.forms import DayField, Form, row_number
from hub.web.requests.answering import attempt, do
from hub.web.requests.forms import teams as active_teams
from hub.web.sessions import actor

blueprint = Blueprint("people", __name__, url_prefix="/people")
WHOLE = (selectinload(Person.skills), selectinload(Person.absences), selectinload(Person.memberships))


class Checkboxes(SelectMultipleField):  # type: ignore[misc]  # wtforms has no types
    """Several of some choices."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PersonForm(Form):
    """A person of the team."""

    name = StringField(_l("Name"), [InputRequired()])
    email = EmailField(_l("E-mail"), [InputRequired()])
    role = SelectField(_l("Role"), default="member")
    capacity_hours = FloatField(_l("Hours a week"), [InputRequired()], default=40.0)
    skills = TextAreaField(
        _l("Skills"),
        description=_l("One a line, with its level from 1 (learning) to 5 (teaches): network: 4"),
    )
    teams = Checkboxes(_l("Teams"), coerce=int)
    version = HiddenField()

    def offer(self, session: Session) -> PersonForm:
        """Fill the choices."""
        self.role.choices = [SelectChoice(role, _(ROLES[role])) for role in verbs.ROLES]
        self.teams.choices = [SelectChoice(number, name) for number, name in active_teams(session)]
        return self


class NewPersonForm(PersonForm):
    """A person who is added, with a first password."""

    password = PasswordField(
        _l("First password"),
        description=_l("Tell it to the person, who can change it. Empty: no sign-in yet."),
        render_kw={"autocomplete": "new-password"},
    )


class PasswordForm(Form):
    """A password that an administrator sets."""

    password = PasswordField(
        _l("New password"), [InputRequired()], render_kw={"autocomplete": "new-password"}
    )


class AbsenceForm(Form):
    """Days away, the last one included."""

    first = DayField(_l("From"), [InputRequired()])
    last = DayField(_l("To (included)"), [InputRequired()])
    reason = StringField(_l("Reason"))


@blueprint.get("/")
def index() -> str:
    """Who is here, with load and absence."""
    rights.require(actor(), "see_people")
    now = core().database.now()
    gone = request.args.get("state") == "inactive"
    with core().database.reading() as session:
        query = select(Person).where(Person.active.is_(not gone)).options(*WHOLE).order_by(Person.name)
        people = list(session.scalars(query))
        loads = {one.id: one for one in candidates(session, now)}
        teams = list(session.scalars(select(Team).order_by(Team.active.desc(), Team.name)))
    names = {team.id: team.name for team in teams}
    members = {team.id: [one for one in people if _belongs(one, team)] for team in teams}
    return render_template(
        "people/index.html", people=people, loads=loads, names=names, teams=teams, members=members, gone=gone,
        roles=ROLES,
    )  # fmt: skip


@blueprint.get("/new")
def new() -> str:
    """The form for a new person."""
    rights.require(actor(), "edit_accounts")
    return _form("people/new.html", NewPersonForm())


@blueprint.post("/")
def create() -> Response | tuple[str, int]:
    """Add a person."""
    rights.require(actor(), "edit_accounts")
    form = NewPersonForm()
    with core().database.reading() as session:
        form.offer(session)
    made: list[int] = []

    def add(session: Session, now: dt.datetime) -> None:
        person = verbs.add_person(
            session,
            now,
            actor(),
            name=profiles.clean_name(form.name.data),
            email=form.email.data,
            role=form.role.data,
            password=form.password.data or None,
            capacity_hours=profiles.hours_a_week(form.capacity_hours.data),
            skills=lines.levels(form.skills.data, "skills"),
            teams=[session.get_one(Team, number) for number in form.teams.data],
        )
        made.append(person.id)

    if not attempt(form, add):
        return _form("people/new.html", form), 422
    flash(_("%(name)s is here.", name=form.name.data), "ok")
    return redirect(guide.following(url_for("people.show", number=made[0])), 303)


@blueprint.get("/<int:number>")
def show(number: int) -> str:
    """A person's page."""
    rights.require(actor(), "see_people")
    return page(number)


@blueprint.get("/<int:number>/edit")
def edit(number: int) -> str:
    """A person's account, skills and teams as a form."""
    with core().database.reading() as session:
        person = find(session, number)
    rights.require(actor(), "edit_people", person)
    form = PersonForm(
        name=person.name,
        email=person.email,
        role=person.role,
        capacity_hours=person.capacity_hours,
        skills=_skills(person),
        teams=[row.team_id for row in person.memberships],
        version=person.version,
    )
    return _form("people/edit.html", form, person)


@blueprint.post("/<int:number>")
def update(number: int) -> Response | tuple[str, int]:
    """Save a person."""
    form = PersonForm()
    with core().database.reading() as session:
        person = find(session, number)
        form.offer(session)
    rights.require(actor(), "edit_people", person)

    def change(session: Session, now: dt.datetime) -> None:
        profiles.edit_person(
            session,
            now,
            actor(),
            find(session, number, hold=True),
            row_number(form.version.data),
            name=form.name.data,
            email=form.email.data,
            role=form.role.data,
            capacity_hours=form.capacity_hours.data,
            skills=lines.levels(form.skills.data, "skills"),
            team_ids=form.teams.data,
        )

    if not attempt(form, change):
        stored = {"name": person.name, "email": person.email, "skills": _skills(person)}
        theirs = editing.theirs(form, person.version, stored)
        return _form("people/edit.html", form, person, theirs), 409 if theirs else 422
    flash(_("Saved."), "ok")
    return redirect(url_for("people.show", number=number), 303)


@blueprint.post("/<int:number>/activation")
def activate(number: int) -> Response:
    """Deactivate a person, or take them back."""
    active = request.form.get("active") == "1"

    def act(session: Session, now: dt.datetime) -> None:
        person = find(session, number, hold=True)
        rights.require(actor(), "edit_accounts", person)
        verbs.set_active(session, now, actor(), person, active)

    do(act)
    flash(_("The account is active.") if active else _("The account is deactivated."), "ok")
    return redirect(url_for("people.show", number=number), 303)


@blueprint.post("/<int:number>/password")
def password(number: int) -> Response | tuple[str, int]:
    """Set somebody's password; their sessions end."""
    form = PasswordForm()

    def act(session: Session, now: dt.datetime) -> None:
        person = find(session, number, hold=True)
        rights.require(actor(), "edit_accounts", person)
        verbs.set_password(session, now, actor(), person, form.password.data)

    if not attempt(form, act):
        return page(number, password=form), 422
    flash(_("The password is set."), "ok")
    return redirect(url_for("people.show", number=number), 303)


def page(number: int, **replaced: Form) -> str:
    """A person's page; ``replaced`` forms keep what was typed."""
    now = core().database.now()
    with core().database.reading() as session:
        person = find(session, number)
        load = next((one for one in candidates(session, now) if one.id == number), None)
        ids = [row.team_id for row in person.memberships]
        teams = session.scalars(select(Team.name).where(Team.id.in_(ids)).order_by(Team.name)).all()
    fresh: dict[str, Any] = {"formdata": None}
    forms = {"absence": AbsenceForm(**fresh), "password": PasswordForm(**fresh)} | replaced
    ahead = sorted((one for one in person.absences if one.ends_at > now), key=lambda one: one.starts_at)
    return render_template(
        "people/show.html", one=person, load=load, teams=teams, absences=ahead, forms=forms, roles=ROLES,
        own=actor().id == number, second=dt.timedelta(seconds=1),
    )  # fmt: skip


def _form(
    template: str, form: PersonForm, one: Person | None = None, theirs: editing.Theirs | None = None
) -> str:
    with core().database.reading() as session:
        form.offer(session)
    return render_template(template, form=form, one=one, theirs=theirs)


def find(session: Session, number: int, *, hold: bool = False) -> Person:
    """The person of this number, whole; held until the commit where they will be changed."""
    person = session.get(Person, number, options=WHOLE, with_for_update=hold or None)
    if person is None:
        raise Refusal("not_found")
    return person


def _belongs(person: Person, team: Team) -> bool:
    rows: Sequence[Any] = person.memberships
    return any(row.team_id == team.id for row in rows)


def _skills(person: Person) -> str:
    return lines.written({row.skill: row.level for row in person.skills})
