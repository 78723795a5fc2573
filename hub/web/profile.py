"""One's own account: name, language, time zone, password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from hub.core import rights
from hub.core.directory import profiles
from hub.core.directory.models import Person
from hub.web.context import core, forget_reader
from hub.web.forms import Form
from hub.web.guards import limiter
from hub.web.requests.answering import attempt
from hub.web.sessions import SignedIn, actor

blueprint = Blueprint("profile", __name__, url_prefix="/profile")


class ProfileForm(Form):
    """How the hub calls and addresses somebody."""

    name = StringField(_l("Name"), [InputRequired()])
    language = SelectField(
        _l("Language"),
        default="",
        choices=[
            SelectChoice("", _l("as the browser asks")),
            SelectChoice("zh", "中文"),
            SelectChoice("en", "English"),
        ],
    )
    time_zone = StringField(
        _l("Time zone"), description=_l("For instance Asia/Shanghai. Empty: as the browser says.")
    )


class OwnPasswordForm(Form):
    """A new password, and the present one to prove who asks."""

    old = PasswordField(
        _l("Present password"), [InputRequired()], render_kw={"autocomplete": "current-password"}
    )
    password = PasswordField(
        _l("New password"), [InputRequired()], render_kw={"autocomplete": "new-password"}
    )


@blueprint.get("/")
def show() -> str:
    """One's own account."""
    rights.require(actor(), "edit_own_profile")
    return _page()


@blueprint.post("/")
def update() -> Response | tuple[str, int]:
    """Save name, language and zone."""
    form = ProfileForm()
    if not attempt(
        form,
        lambda session, now: profiles.edit_own(
            session, now, actor(), session.get_one(Person, actor().id), name=form.name.data,
            language=form.language.data, zone=(form.time_zone.data or "").strip(),
        ),
    ):  # fmt: skip
        return _page(profile=form), 422
    _sign_in_again()
    flash(_("Saved."), "ok")
    return redirect(url_for("profile.show"), 303)


@blueprint.post("/password")
@limiter.limit("10 per minute; 60 per hour")
def password() -> Response | tuple[str, int]:
    """Change one's own password; this browser stays signed in, all others do not."""
    form = OwnPasswordForm()
    if not attempt(
        form,
        lambda session, now: profiles.change_own_password(
            session, now, actor(), session.get_one(Person, actor().id), form.old.data, form.password.data
        ),
    ):
        return _page(password=form), 422
    _sign_in_again()
    flash(_("The password is changed."), "ok")
    return redirect(url_for("profile.show"), 303)


def _sign_in_again() -> None:
    login_user(SignedIn(_own()))
    forget_reader()


def _own() -> Person:
    with core().database.reading() as session:
        return session.get_one(Person, actor().id)


def _page(**replaced: Form) -> str:
    person = _own()
    profile = ProfileForm(
        formdata=None, name=person.name, language=person.language or "", time_zone=person.time_zone or ""
    )
    forms = {"profile": profile, "password": OwnPasswordForm(formdata=None)} | replaced
    return render_template("profile/show.html", one=person, forms=forms)
