"""How every form of the request page is answered: in place for htmx, by going back for everybody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core.values import Refusal
from hub.render import mails, words
from hub.render.sync import because
from hub.web import bell, htmx
from hub.web.context import core, reader
from hub.web.forms import Form, fresh
from hub.web.requests import forms as f
from hub.web.requests.loading import Page, load

Verb = Callable[[Session, dt.datetime], object]
# What a change or a pulse renews; a part in which somebody writes is left alone by the browser.
PANE = ("head", "way", "tasks", "links", "conversation", "line")
PARTS = {
    "page": (*PANE, "steer", "facts", "needs", "goals", "evaluation", "findings", "files"),
    "pane": PANE,
}
# The form of each name, alone: what htmx gets back when it is refused, and fresh when it is done.
FORMS = {
    "comment": "comments/_form.html",
    "need": "needs/_form.html",
    "goal": "goals/_form.html",
    "task": "tasks/_new.html",
    "state": "requests/_state_form.html",
    "file": "files/_form.html",
    "rating": "samples/_form.html",
}
_KINDS: dict[str, type[Form]] = {
    "comment": f.CommentForm,
    "need": f.NeedForm,
    "goal": f.GoalForm,
    "score": f.ScoreForm,
    "state": f.StateForm,
    "file": f.FileForm,
    "rating": f.RatingForm,
}


def view() -> str:
    """Where the form stands: on the request's page, in the pane beside the board, on a task's page."""
    found = request.values.get("view", "page")
    return found if found in ("page", "pane", "task") else "page"


def attempt(form: Form, verb: Verb) -> bool:
    """Do a verb in one transaction; False where the form must be shown again with what is wrong."""
    if not form.validate():
        return False
    try:
        with core().database.transaction() as session:
            verb(session, core().database.now())
    except Refusal as refusal:
        if refusal.message in ("not_allowed", "not_found"):
            raise
        form.refuse(refusal)
        return False
    return True


def do(verb: Verb) -> None:
    """Do the verb of a button; a refusal is told as a toast or a page of its own."""
    with core().database.transaction() as session:
        verb(session, core().database.now())


def show(ref: str, *, status: int = 200, before: int | None = None, **replaced: Form) -> Response:
    """The request's page, or its pane where htmx asks; ``replaced`` forms keep what was typed."""
    page = load(ref, before)
    bell.look_at(page.request.id)
    pane = htmx.wants_fragment()
    template = "requests/_pane.html" if pane else "requests/show.html"
    values = surroundings(page, "pane" if pane else "page", replaced)
    return make_response(render_template(template, **values), status)


def done(
    ref: str, said: str, form: str | None = None, *, answer: str = "", undo: str | None = None
) -> Response:
    """After a change: back to the page, or the parts it touched, a fresh form and a word.

    ``undo`` is an address that takes the change back.
    """
    if not htmx.wants_fragment():
        flash(said, "ok")
        return redirect(url_for("requests.show", ref=ref), 303)
    page = load(ref)
    values = surroundings(page, view(), {})
    if form is not None:
        answer += render_template(FORMS[form], form=values["forms"][form], **values)
    return htmx.respond(answer, *parts(values), htmx.toast(said, undo=undo), events={"requestChanged": ref})


def go(address: str) -> Response:
    """To another page, for htmx and for everybody else."""
    return htmx.respond(redirect=address) if htmx.wants_fragment() else redirect(address, 303)


def again(ref: str, name: str, form: Form) -> Response:
    """A refused form: in place, with what was typed and why."""
    if not htmx.wants_fragment():
        return show(ref, status=422, **{name: form})
    values = surroundings(load(ref), view(), {name: form})
    return make_response(render_template(FORMS[name], form=form, **values), 422)


def show_part(ref: str, part: str, **replaced: Form) -> Response:
    """A part of the page with a refused form in it."""
    if not htmx.wants_fragment():
        return show(ref, status=422, **replaced)
    values = surroundings(load(ref), view(), replaced)
    return make_response(render_template(f"requests/_{part}.html", **values), 422)


def parts(values: dict[str, Any]) -> list[str]:
    """The parts of the page or pane, each to be put in its place."""
    wanted = PARTS.get(values["view"], ())
    return [render_template(f"requests/_{name}.html", **{**values, "oob": True}) for name in wanted]


def surroundings(page: Page, where: str, replaced: dict[str, Form]) -> dict[str, Any]:
    """What the templates of a request find around them."""
    return {
        "page": page,
        "sr": page.request,
        "view": where,
        "forms": _Forms(page, replaced),
        "words": words,
        "because": lambda reason: because(reason, reader()),
        "told_because": lambda reason: mails.because(reason, reader()),
        "oob": False,
    }


class _Forms(dict[str, Form]):
    """The forms of a request's page, each made when the page first shows it."""

    def __init__(self, page: Page, replaced: dict[str, Form]) -> None:
        super().__init__(replaced)
        self._page = page

    def __missing__(self, name: str) -> Form:
        # Fresh ones: what was posted to one of them must not appear in the others.
        if name == "task":
            with core().database.reading() as session:
                form: Form = fresh(f.TaskForm, ("team", f.teams(session)))
        elif name == "stage":
            form = fresh(f.StageForm, stage=self._page.request.stage)
        else:
            form = fresh(_KINDS[name])
        self[name] = form
        return form
