"""Verbs on comments."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from hub.core import history
from hub.core.conversation.models import Comment
from hub.core.jobs import promise
from hub.core.values import LOOK, Actor, Refusal

STREAMS = ("public", "internal")
# The source of what a customer writes on the tracking page.
PAGE = "page"
MAX_COMMENT = 100_000
_ALL = select(Comment).where(Comment.request_id == bindparam("request_id")).order_by(Comment.id)
_PUBLIC = _ALL.where(Comment.stream == "public", Comment.task_id.is_(None), Comment.deleted_at.is_(None))


def say(
    session: Session,
    now: dt.datetime,
    actor: Actor,
    *,
    request_id: int,
    text: str,
    stream: str,
    task_id: int | None = None,
    author_name: str | None = None,
    source: str = "hub",
) -> Comment:
    """Add a comment. A contact can only speak publicly; the caller has asked ``rights``."""
    if stream not in STREAMS or (actor.kind == "contact" and stream != "public"):
        raise Refusal("unknown_choice", field="stream", value=stream)
    comment = Comment(
        request_id=request_id,
        task_id=task_id,
        stream=stream,
        author_kind=actor.kind,
        author_id=actor.id,
        author_name=(author_name or actor.name)[:120],
        text=clean(text),
        source=source,
        created_at=now,
    )
    session.add(comment)
    session.flush()
    history.record(
        session,
        now,
        actor,
        "comment_added",
        comment,
        request_id=request_id,
        stream=stream,
        task=task_id,
        source=source,
    )
    _look(session, comment)
    return comment


def edit(session: Session, now: dt.datetime, actor: Actor, comment: Comment, text: str) -> bool:
    """Change one's own comment; gives whether the text really changed."""
    _own(actor, comment)
    text = clean(text)
    if text == comment.text:
        return False
    history.record(
        session,
        now,
        actor,
        "comment_edited",
        comment,
        request_id=comment.request_id,
        stream=comment.stream,
        personal={"before": comment.text},
    )
    comment.text, comment.edited_at = text, now
    comment.version += 1
    _look(session, comment)
    return True


def take_back(session: Session, now: dt.datetime, actor: Actor, comment: Comment) -> None:
    """Take one's own comment back; the row stays, its text is no longer shown."""
    _own(actor, comment)
    if comment.deleted_at is not None:
        return
    comment.deleted_at = now
    comment.version += 1
    history.record(
        session,
        now,
        actor,
        "comment_taken_back",
        comment,
        request_id=comment.request_id,
        stream=comment.stream,
    )
    _look(session, comment)


def stream_of(session: Session, request_id: int, *, internal: bool) -> list[Comment]:
    """A request's comments, oldest first: what the customer sees alone, or all of them.

    Comments on a task are shared with its trackers; the customer never sees those.
    """
    return list(session.scalars(_ALL if internal else _PUBLIC, {"request_id": request_id}))


def _look(session: Session, comment: Comment) -> None:
    promise(session, LOOK, f"request:{comment.request_id}", comment.request_id)


def clean(text: str) -> str:
    """The text of a comment as it is kept; refuses an empty one and one that is too long."""
    text = text.strip()
    if not text:
        raise Refusal("required", field="text")
    if len(text) > MAX_COMMENT:
        raise Refusal("too_long", field="text", most=MAX_COMMENT, length=len(text))
    return text


def _own(actor: Actor, comment: Comment) -> None:
    same = (comment.author_kind, comment.author_id) == (actor.kind, actor.id)
    if not same and actor.kind not in ("connection", "system"):
        raise Refusal("not_your_comment")
    if comment.deleted_at is not None:
        raise Refusal("comment_taken_back")
