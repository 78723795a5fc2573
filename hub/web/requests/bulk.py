"""Bulk edits: one change to all picked requests of the list, what became of each, and the way back."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from hub.core import rights
from hub.core.values import Refusal
from hub.core.work.models import BulkEdit
from hub.core.workflow import bulk as verbs
from hub.render.sync import because
from hub.web import htmx
from hub.web.context import core, reader
from hub.web.requests import listed
from hub.web.requests.bulk_form import BulkForm, outcome
from hub.web.requests.choices import kept_of
from hub.web.sessions import actor

blueprint = Blueprint("bulk", __name__, url_prefix="/bulk-edits")
blueprint.add_app_template_global(lambda reason: because(reason, reader()), "refused_because")


@blueprint.post("/")
def create() -> Response:
    """Change the picked requests; back at the list stands what became of each."""
    rights.require(actor(), "edit_request")
    form, picked = BulkForm(), request.form.getlist("ref")
    with core().database.reading() as session:
        form.offer(session)
    made: int | None = None
    if form.validate():
        try:
            made = verbs.change(core(), actor(), picked, form.change.data, form.value())
        except Refusal as refusal:
            if refusal.message in ("not_allowed", "not_found"):
                raise
            form.refuse(refusal)
    if made is None:
        return listed.show(_back(form), form=form, picked=picked, status=422)
    return _to_list(_back(form), made)


@blueprint.get("/<int:number>")
def show(number: int) -> str:
    """Everything an edit did, request by request."""
    with core().database.reading() as session:
        found = outcome(session, number)
    if found is None:
        raise Refusal("not_found")
    return render_template("bulk/show.html", edited=found)


@blueprint.post("/<int:number>/undoing")
def undo(number: int) -> Response:
    """Take an edit back wherever nobody has changed the same since."""
    undone = verbs.undo(core(), actor(), number)
    if htmx.wants_fragment():
        return _toast(undone)
    return _to_list(_back(BulkForm()), undone)


def _back(form: BulkForm) -> dict[str, str]:
    given = dict(parse_qsl((form.back.data or "")[:4000]))
    place = {name: given[name] for name in ("after", "before") if given.get(name)}
    return kept_of(given) | place


def _toast(number: int) -> Response:
    """What became of an undo in a toast; what the page shows is asked for again at once."""
    with core().database.reading() as session:
        edit = session.get_one(BulkEdit, number)
    refused = [line for line in edit.lines if line["state"] == "refused"]
    said = because(refused[0]["reason"], reader()) if refused else _("Taken back")
    return htmx.respond(htmx.toast(said, "warn" if refused else "ok"), events={"pulseNow": number})


def _to_list(back: dict[str, Any], number: int) -> Response:
    with core().database.reading() as session:
        found = outcome(session, number)
    assert found is not None  # we have just written it
    changed = len(found.lines("changed"))
    said = ngettext("%(num)s request changed", "%(num)s requests changed", changed)
    flash(_("Taken back: %(said)s", said=said) if found.edit.undoes_id else said, "ok" if changed else "warn")
    return redirect(url_for("requests.index", **back, edit=number), 303)
