"""How one is told: a channel for each kind of notice, quiet hours, the hour of the digest."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField, TimeField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from hub.core import rights
from hub.core.directory.models import Person
from hub.core.notices import consent, wishes
from hub.core.notices.office import channel_of
from hub.web.context import core
from hub.web.forms import Form
from hub.web.requests.answering import attempt
from hub.web.sessions import actor, may

blueprint = Blueprint("notices", __name__, url_prefix="/profile/notices")
CHANNELS = [
    SelectChoice("bell", _l("only by the bell")),
    SelectChoice("mail", _l("by mail, too, at once")),
    SelectChoice("digest", _l("by mail, too, once a day")),
]


class WishesForm(Form):
    """How the hub tells somebody."""

    assignment = RadioField(_l("I am given a task"), choices=CHANNELS)
    mention = RadioField(_l("Somebody mentions me as @name"), choices=CHANNELS)
    unseen = RadioField(_l("Somebody has not seen their task for a day of work"), choices=CHANNELS)
    quiet_from = TimeField(_l("No mails from"), [Optional()])
    quiet_to = TimeField(_l("until"), [Optional()])
    weekends = BooleanField(_l("Mails at weekends, too"))
    digest_at = TimeField(_l("The daily mail comes at"), [InputRequired()])
    mails = BooleanField(_l("Send me mails at all"))


@blueprint.get("/")
def show() -> str:
    """What one has chosen."""
    rights.require(actor(), "edit_own_profile")
    with core().database.reading() as session:
        person = session.get_one(Person, actor().id)
        chosen = wishes.of(session, person.id)
        form = WishesForm(
            formdata=None,
            **{kind: wishes.channel(chosen, kind) for kind in wishes.KINDS},
            quiet_from=_clock(chosen.quiet_from), quiet_to=_clock(chosen.quiet_to),
            weekends=chosen.weekends, digest_at=_clock(chosen.digest_at), mails=consent.wants(person),
        )  # fmt: skip
    return _page(form)


@blueprint.post("/")
def update() -> Response | tuple[str, int]:
    """Choose anew."""
    form = WishesForm()
    if not may("see_unseen"):
        # Only leads are asked, for only they are told.
        form.unseen.validators, form.unseen.validate_choice = (), False
    if not attempt(
        form,
        lambda session, now: wishes.choose(
            session, now, actor(), core().office, session.get_one(Person, actor().id),
            mails=form.mails.data,
            channels={kind: form[kind].data or wishes.USUAL[kind] for kind in wishes.KINDS},
            quiet_from=_minutes(form.quiet_from.data), quiet_to=_minutes(form.quiet_to.data),
            weekends=form.weekends.data, digest_at=_minutes(form.digest_at.data) or 0,
        ),
    ):  # fmt: skip
        return _page(form), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("notices.show"), 303)


def _minutes(time: dt.time | None) -> int | None:
    return None if time is None else time.hour * 60 + time.minute


def _clock(minutes: int | None) -> dt.time | None:
    return None if minutes is None else dt.time(*divmod(minutes, 60))


def _page(form: WishesForm) -> str:
    with core().database.reading() as session:
        person = session.get_one(Person, actor().id)
        connected = channel_of(session) is not None
    zone = wishes.zone_of(person, core().office)
    return render_template("notices/show.html", form=form, one=person, zone=zone, connected=connected)
