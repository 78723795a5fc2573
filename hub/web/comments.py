"""Comments: say something, mend it, take it back."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from hub.core import rights, workflow
from hub.core.conversation import comments as verbs
from hub.core.conversation.models import Comment
from hub.core.notices import bell
from hub.core.values import Refusal
from hub.core.work.models import ServiceRequest
from hub.web import htmx
from hub.web.context import core
from hub.web.requests import answering
from hub.web.requests.forms import CommentForm
from hub.web.requests.loading import find
from hub.web.sessions import actor

blueprint = Blueprint("comments", __name__)


@blueprint.post("/requests/<ref>/comments")
def create(ref: str) -> Response:
    """Say something in one of the two streams."""
    form = CommentForm()
    with core().database.reading() as session:
        form.task.offer([(task.id, task.ref) for task in find(session, ref).tasks])

    def say(session: Session, now: dt.datetime) -> None:
        row, stream = find(session, ref), form.stream.data
        workflow.say(
            core(), session, now, actor(), row, text=form.text.data, stream=stream, task_id=form.task.data
        )

    if answering.attempt(form, say):
        said = (
            _("The customer can read it now.") if form.stream.data == "public" else _("The team can read it.")
        )
        return answering.done(ref, said, "comment")
    return answering.again(ref, "comment", form)


@blueprint.get("/comments/<int:number>/edit")
def edit(number: int) -> Response:
    """One's own comment as a form."""
    with core().database.reading() as session:
        comment, ref = _own(session, number)
    form = CommentForm(text=comment.text, stream=comment.stream)
    return htmx.page("comments/edit.html", "form", form=form, comment=comment, ref=ref, view=answering.view())


@blueprint.post("/comments/<int:number>")
def update(number: int) -> Response:
    """Save the new text of one's own comment."""
    with core().database.reading() as session:
        comment, ref = _own(session, number)
    form = CommentForm(stream=comment.stream)
    del form.task, form.stream

    def save(session: Session, now: dt.datetime) -> None:
        said, _ref = _own(session, number)
        if verbs.edit(session, now, actor(), said, form.text.data):
            bell.mention(session, now, core().office, said)

    if answering.attempt(form, save):
        return answering.done(ref, _("Saved."))
    values = {"form": form, "comment": comment, "ref": ref, "view": answering.view()}
    return htmx.page("comments/edit.html", "form", status=422, **values)


@blueprint.post("/comments/<int:number>/withdrawal")
def withdraw(number: int) -> Response:
    """Take one's own comment back."""
    refs: list[str] = []

    def take_back(session: Session, now: dt.datetime) -> None:
        comment, ref = _own(session, number)
        refs.append(ref)
        verbs.take_back(session, now, actor(), comment)

    answering.do(take_back)
    return answering.done(refs[0], _("The comment is taken back."))


def _own(session: Session, number: int) -> tuple[Comment, str]:
    comment = session.get(Comment, number)
    if comment is None:
        raise Refusal("not_found")
    if (comment.author_kind, comment.author_id) != ("person", actor().id):
        raise Refusal("not_your_comment")
    row = session.get_one(ServiceRequest, comment.request_id)
    rights.require(actor(), "comment" if comment.stream == "public" else "comment_internally", row)
    return comment, row.ref
