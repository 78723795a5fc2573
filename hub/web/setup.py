"""The first run: a hub in which nobody is yet makes its administrator, once."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from hub.core.directory.models import Person
from hub.core.directory.people import MIN_PASSWORD, add_person
from hub.core.values import SYSTEM, Refusal
from hub.core.work import numbers
from hub.web import context, sessions
from hub.web.context import core
from hub.web.forms import Form
from hub.web.guards import limiter, public

blueprint = Blueprint("setup", __name__)
# What answers even while nobody is there.
OPEN = ("setup.new", "setup.create", "preferences.save", "health.show", "static")


def init_app(app: Flask) -> None:
    """Lead every page here until the first person exists. The demonstration brings its own people."""
    if not app.config["DEMO"]:
        app.before_request(_lead)


def _lead() -> Response | None:
    # People are never deleted: once somebody is there, this need not be asked again.
    if current_app.extensions.get("hub_has_people"):
        return None
    with core().database.reading() as session:
        current_app.extensions["hub_has_people"] = has_people = _has_people(session)
    if has_people or request.endpoint in OPEN:
        return None
    return redirect(url_for("setup.new"), 303)


def _has_people(session: Session) -> bool:
    return session.scalars(select(Person.id).limit(1)).first() is not None


class Administrator(Form):
    """The first account."""

    name = StringField(_l("Name"), [InputRequired()])
    email = EmailField(_l("E-mail"), [InputRequired()])
    password = PasswordField(_l("Password"), [InputRequired()])
    language = SelectField(
        _l("Language"), choices=[SelectChoice("zh", "中文"), SelectChoice("en", "English")]
    )


@blueprint.get("/setup")
@public
def new() -> Response:
    """The form for the administrator, while nobody is here."""
    with core().database.reading() as session:
        _only_first(session)
    return _page(Administrator(language=context.reader().language))


@blueprint.post("/setup")
@public
@limiter.limit("10 per minute")
def create() -> Response:
    """Make the administrator and sign them in."""
    form = Administrator()
    if form.validate():
        try:
            person = _make(form)
        except Refusal as refusal:
            if refusal.message == "not_found":
                raise
            form.refuse(refusal)
        else:
            sessions.enter(person)
            return redirect(url_for("guide.show"), 303)
    with core().database.reading() as session:
        _only_first(session)
    return _page(form, 422)


def _make(form: Administrator) -> Person:
    with core().database.transaction() as session:
        # The counter's row is locked until the commit: of two at once, the second gets number two.
        if numbers.take(session, "first_person") != 1:
            raise Refusal("not_found")
        _only_first(session)
        return add_person(
            session,
            core().database.now(),
            SYSTEM,
            name=form.name.data,
            email=form.email.data,
            password=form.password.data,
            role="administrator",
            language=form.language.data,
        )


def _only_first(session: Session) -> None:
    if _has_people(session):
        raise Refusal("not_found")


def _page(form: Administrator, status: int = 200) -> Response:
    return make_response(render_template("setup/new.html", form=form, least=MIN_PASSWORD), status)
