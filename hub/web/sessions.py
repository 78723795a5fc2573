"""Signing in and out; every endpoint needs a signed-in person unless it says otherwise."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Flask,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import lazy_gettext as _l
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import bindparam, select
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired

from hub.core import history, rights
from hub.core.directory.models import Person
from hub.core.directory.people import actor_of, check_password
from hub.core.values import Actor, Refusal
from hub.web import htmx
from hub.web.context import core, forget_reader
from hub.web.forms import Form
from hub.web.guards import limiter, public
from hub.web.preferences import local

blueprint = Blueprint("sessions", __name__)
# Asked for every page: to make it costs more than its answer.
_PERSON = select(Person).where(Person.id == bindparam("number"))


class SignedIn(UserMixin):  # type: ignore[misc]  # flask_login has no types
    """The person of this session, read once a request."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.name, self.language, self.time_zone = person.name, person.language, person.time_zone
        self.actor = actor_of(person)

    def get_id(self) -> str:
        """Carries the epoch, so that a changed password ends older sessions."""
        return f"{self.person.id}.{self.person.session_epoch}"


def init_app(app: Flask) -> None:
    """Teach the application who is signed in."""
    manager = LoginManager(app)
    manager.user_loader(_load)
    app.before_request(_require_sign_in)
    app.context_processor(lambda: {"may": may})


def _load(token: str) -> SignedIn | None:
    number, _, epoch = token.partition(".")
    if not number.isdigit():
        return None
    with core().database.reading() as reading:
        person = reading.scalars(_PERSON, {"number": int(number)}).one_or_none()
    return SignedIn(person) if person and person.active and str(person.session_epoch) == epoch else None


def _require_sign_in() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static" or getattr(view, "is_public", False):
        return None
    if current_user.is_authenticated:
        return None
    target = url_for("sessions.new", next=request.full_path.rstrip("?") if request.method == "GET" else None)
    if htmx.asked():
        return htmx.respond(status=401, redirect=target)
    return redirect(target, 303)


def actor() -> Actor:
    """The signed-in person as an actor."""
    if not current_user.is_authenticated:
        raise Refusal("not_allowed")
    return current_user.actor  # type: ignore[no-any-return]


def may(verb: str, thing: Any = None) -> bool:
    """Whether the signed-in person may do this."""
    user = current_user._get_current_object()  # the proxy looks it up at every touch
    return bool(user.is_authenticated) and rights.may(user.actor, verb, thing)


def enter(person: Person) -> None:
    """Begin a session for this person."""
    session.clear()  # what was put into it before sign-in is worth nothing afterwards
    g.pop("csrf_token", None)
    login_user(SignedIn(person))
    forget_reader()


class SignIn(Form):
    """E-mail and password."""

    email = EmailField(_l("E-mail"), [InputRequired()])
    password = PasswordField(_l("Password"), [InputRequired()])


@blueprint.get("/sign-in")
@public
def new() -> Response:
    """The sign-in page."""
    if current_user.is_authenticated:
        return redirect(local(request.args.get("next")), 303)
    return _page(SignIn(), request.args.get("next", ""))


@blueprint.post("/sign-in")
@public
# An argon2 hash costs a sixth of a second of one core: guessing must not become a way to stop the hub.
# Who knows the password is not counted: a whole office in the morning comes from one address.
@limiter.limit("10 per minute; 60 per hour", deduct_when=lambda answer: answer.status_code != 303)
def create() -> Response:
    """Sign in, or say that it failed without saying what was wrong."""
    form = SignIn()
    person = None
    if form.validate():
        with core().database.reading() as reading:
            person = check_password(reading, form.email.data, form.password.data)
        if person is None:
            form.refuse(Refusal("sign_in_failed"))
    if person is None:
        return _page(form, request.form.get("next", ""), 422)
    enter(person)
    with core().database.transaction() as writing:
        history.record(writing, core().database.now(), actor_of(person), "signed_in", person)
    return redirect(local(request.form.get("next")), 303)


def _page(form: SignIn, target: str, status: int = 200) -> Response:
    return make_response(render_template("sessions/new.html", form=form, next=target), status)


@blueprint.post("/sign-out")
def delete() -> Response:
    """Sign out."""
    logout_user()
    session.clear()
    return redirect(url_for("sessions.new"), 303)
