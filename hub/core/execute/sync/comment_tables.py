"""Comments of a link in the hub's tables: what came from there, and what is known of each copy."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.conversation import comments
from hub.core.conversation.models import Comment
from hub.core.execute.models import CommentLink, Link
from hub.core.execute.sync.marks import new_mark
from hub.core.execute.sync.of_link import OfLink, actor_of
from hub.core.execute.sync.store import CommentCopy
from hub.core.execute.sync.stored import copy_of
from hub.core.values import FarComment, Refusal


class CommentTables(OfLink):
    """The part of the store protocol that keeps comments; each call is one short transaction."""

    def comment_here(self, comment: FarComment) -> None:
        """Take over a comment from there, together with its copy row; again changes nothing."""
        with self._database.transaction() as session:
            link = session.get_one(Link, self._link_id)
            if any(row.far_ref == comment.ref for row in link.comments):
                return
            made = comments.say(
                session,
                self._database.now(),
                actor_of(link),
                request_id=link.task.request_id,
                text=_sayable(comment.text),
                stream="internal" if comment.internal else "public",
                task_id=link.task_id,
                author_name=comment.author,
                source=link.connection.name,
            )
            copy = CommentCopy(made.id, new_mark(), "there", comment.ref, made.text, comment.text, "copied")
            self._keep(session, copy)

    def edit_here(self, copy: CommentCopy, text: str) -> None:
        """Change our comment to the text that came from there."""
        with self._database.transaction() as session:
            link, comment = self._both(session, copy)
            # Taken back meanwhile: the next look sees it.
            with suppress(Refusal):
                comments.edit(session, self._database.now(), actor_of(link), comment, _sayable(text))
            self._keep(session, replace(copy, text_here=comment.text))

    def delete_here(self, copy: CommentCopy) -> None:
        """Mark our comment as taken back."""
        with self._database.transaction() as session:
            link, comment = self._both(session, copy)
            with suppress(Refusal):
                comments.take_back(session, self._database.now(), actor_of(link), comment)
            self._keep(session, copy)

    def _both(self, session: Session, copy: CommentCopy) -> tuple[Link, Comment]:
        return session.get_one(Link, self._link_id), session.get_one(Comment, copy.comment_id)

    def keep_copy(self, copy: CommentCopy) -> None:
        """Write or renew a copy row."""
        with self._database.transaction() as session:
            self._keep(session, copy)

    def _keep(self, session: Session, copy: CommentCopy) -> None:
        row = session.scalars(
            select(CommentLink).where(
                CommentLink.link_id == self._link_id, CommentLink.comment_id == copy.comment_id
            )
        ).first()
        self._notes.comment(session, copy_of(row) if row else None, copy)
        if row is None:
            row = CommentLink(link_id=self._link_id, comment_id=copy.comment_id, mark=copy.mark)
            session.add(row)
        row.origin, row.far_ref, row.state = copy.origin, copy.far_ref, copy.state
        row.text_here, row.text_there = copy.text_here, copy.text_there
        row.reason = dict(copy.reason) if copy.reason else None


def _sayable(text: str) -> str:
    # What is empty or longer than our limit is still shown to have been said.
    return text.strip()[: comments.MAX_COMMENT] or "…"
