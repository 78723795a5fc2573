"""Copying comments: never merged, each with a row of its own that is written before the far call."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from hub.core.execute.sync.fields import tidy
from hub.core.execute.sync.marks import new_mark, with_name, without_name
from hub.core.execute.sync.settle_sets import KEPT
from hub.core.execute.sync.store import CommentCopy, Look, OurComment, Store
from hub.core.values import FarComment, FarItem, KeepsNotes, Refused, Tracker

NOTES = "private-notes"


class Copying:
    """One look at the comments of both sides. ``writes`` counts calls that changed the far side."""

    def __init__(
        self, store: Store, tracker: Tracker, look: Look, far: FarItem, answered: set[int] | None = None
    ) -> None:
        """``far`` holds all comments of the item, as they are now.

        ``answered`` are comments whose edit the tracker has said yes to in this round.
        """
        self._answered = set() if answered is None else answered
        self._store = store
        self._tracker = tracker
        self._look = look
        self._far = far
        self._ours = {comment.id: comment for comment in look.comments}
        self._moved = False
        self._found: set[str] = set()
        self.writes = 0

    def run(self) -> bool:
        """Do what is owed; gives whether something moved, so that it is worth another look."""
        copies = {copy.far_ref: copy for copy in self._look.copies if copy.far_ref}
        by_mark = {copy.mark: copy for copy in self._look.copies}
        theirs = {comment.ref: comment for comment in self._far.comments}
        for comment in self._far.comments:
            if comment.ref not in copies:
                self._arrive(comment, by_mark.get(comment.mark or ""), theirs)
        for copy in copies.values():
            if copy.state != "ended" and copy.mark not in self._found:
                self._compare(copy, self._ours.get(copy.comment_id), theirs.get(copy.far_ref or ""))
        marks = {comment.mark for comment in self._far.comments}
        known = {copy.comment_id: copy for copy in self._look.copies}
        for ours in self._look.comments:
            if ours.internal and NOTES not in self._tracker.capabilities:
                continue  # an internal note stays where it is
            known_copy = known.get(ours.id)
            if known_copy is None and not ours.deleted:
                self._send(CommentCopy(ours.id, new_mark(), "here", text_here=ours.text), ours)
            elif known_copy is not None and known_copy.far_ref is None and known_copy.mark not in marks:
                self._send_again(known_copy, ours)
        return self._moved

    def _arrive(
        self, comment: FarComment, copy: CommentCopy | None, theirs: Mapping[str, FarComment]
    ) -> None:
        self._moved = True
        taken = copy is not None and (copy.far_ref in theirs or (copy.state == "ended" and copy.far_ref))
        if copy is None or taken or copy.mark in self._found:
            # Whoever copies a comment of ours copies its mark as well: what they say is theirs.
            self._store.comment_here(comment)
            return
        # The answer to our call was lost, or the item was moved and numbered anew: the mark says it is ours.
        text = comment.text if copy.far_ref is None else copy.text_there
        found = replace(copy, far_ref=comment.ref, text_there=text, state="copied", reason=None)
        self._store.keep_copy(found)
        self._found.add(copy.mark)

    def _compare(self, copy: CommentCopy, ours: OurComment | None, theirs: FarComment | None) -> None:
        if theirs is None:
            self._deleted_there(copy, ours)
        elif ours is None or ours.deleted:
            self._deleted_here(copy)
        elif copy.text_there is None:
            self._store.keep_copy(replace(copy, text_there=theirs.text))
        elif copy.state == "sending":
            self._read_back(copy, ours, theirs)
        elif ours.text != copy.text_here or theirs.text != copy.text_there:
            self._edited(copy, ours, theirs)

    def _deleted_there(self, copy: CommentCopy, ours: OurComment | None) -> None:
        if copy.origin == "there" and ours is not None and not ours.deleted:
            self._store.delete_here(replace(copy, state="ended"))
        else:
            self._end(copy, "sync_comment_deleted_there")

    def _deleted_here(self, copy: CommentCopy) -> None:
        if copy.origin == "there":
            self._end(copy, "sync_comment_deleted_here")
        elif "delete-comment" not in self._tracker.capabilities:
            self._end(copy, "sync_comment_no_delete")
        else:
            try:
                self._tracker.delete_comment(self._far.ref, copy.far_ref or "")
            except Refused as no:
                self._end(copy, "sync_refused", text=no.reason)
                return
            self.writes += 1
            self._end(copy, "sync_comment_deleted_here")

    def _end(self, copy: CommentCopy, reason: str, **values: str) -> None:
        self._store.keep_copy(replace(copy, state="ended", reason={"id": reason, **values}))
        self._moved = True

    def _read_back(self, copy: CommentCopy, ours: OurComment, theirs: FarComment) -> None:
        """What became of an edit we sent, in this round or in one that was cut short."""
        _, text = self._outward(copy, ours)
        sent = copy.reason.get("tried") if copy.reason else None
        if theirs.text != copy.text_there:
            came = without_name(ours.author, theirs.text) if copy.origin == "here" else theirs.text
            said = ours.text if text == sent else came
            done = replace(copy, state="copied", text_here=said, text_there=theirs.text, reason=None)
            self._store.keep_copy(done)
            self._moved = self._moved or said != ours.text
        elif copy.comment_id in self._answered:
            self._store.keep_copy(replace(copy, state="refused", reason={**KEPT, "tried": sent}))
        else:
            self._edit_there(copy, ours, theirs)
        self._answered.discard(copy.comment_id)

    def _edited(self, copy: CommentCopy, ours: OurComment, theirs: FarComment) -> None:
        came = without_name(ours.author, theirs.text) if copy.origin == "here" else theirs.text
        agreed = replace(copy, text_here=ours.text, text_there=theirs.text, state="copied", reason=None)
        if tidy(came) == tidy(ours.text):
            self._store.keep_copy(agreed)
        elif ours.text == copy.text_here:
            self._store.edit_here(agreed, came)
            self._moved = True
        elif theirs.text != copy.text_there:
            self._note(copy, "sync_comment_differs")
        elif "edit-comment" not in self._tracker.capabilities:
            self._note(copy, "sync_comment_no_edit")
        else:
            self._edit_there(copy, ours, theirs)

    def _edit_there(self, copy: CommentCopy, ours: OurComment, theirs: FarComment) -> None:
        text, tried = self._outward(copy, ours)
        if copy.state != "sending" and copy.reason and copy.reason.get("tried") == tried:
            return  # refused once, and it is still the same text
        # Written down first, with what stands there: an answer that is lost can be told from a no.
        sending = {"id": "sync_sending", "tried": tried}
        self._store.keep_copy(replace(copy, state="sending", text_there=theirs.text, reason=sending))
        try:
            self._tracker.edit_comment(self._far.ref, theirs.ref, text, copy.mark)
        except Refused as no:
            refused = {"id": "sync_refused", "text": no.reason, "tried": tried}
            self._store.keep_copy(replace(copy, state="copied", text_there=theirs.text, reason=refused))
            return
        self.writes += 1
        self._answered.add(copy.comment_id)
        self._moved = True

    def _outward(self, copy: CommentCopy, ours: OurComment) -> tuple[str, str]:
        text = with_name(ours.author, ours.text) if copy.origin == "here" else ours.text
        return text, hashlib.sha256(text.encode()).hexdigest()

    def _note(self, copy: CommentCopy, reason: str, **values: str) -> None:
        noted = {"id": reason, **values}
        if copy.reason != noted:
            self._store.keep_copy(replace(copy, reason=noted))

    def _send_again(self, copy: CommentCopy, ours: OurComment) -> None:
        if ours.deleted:
            if copy.state != "ended":
                self._end(copy, "sync_comment_deleted_here")
        elif copy.state == "sending" or (copy.state == "refused" and copy.text_here != ours.text):
            self._send(replace(copy, text_here=ours.text), ours)

    def _send(self, copy: CommentCopy, ours: OurComment) -> None:
        self._store.keep_copy(replace(copy, state="sending", reason=None))
        self._moved = True
        try:
            far_ref = self._add(ours, with_name(ours.author, ours.text), copy.mark)
        except Refused as no:
            reason = {"id": "sync_refused", "text": no.reason}
            self._store.keep_copy(replace(copy, state="refused", reason=reason))
            return
        self.writes += 1
        self._store.keep_copy(replace(copy, far_ref=far_ref, state="copied"))

    def _add(self, ours: OurComment, text: str, mark: str) -> str:
        if not ours.internal:
            return self._tracker.add_comment(self._far.ref, text, mark)
        notes: KeepsNotes = cast(KeepsNotes, self._tracker)  # its capability says so
        return notes.add_note(self._far.ref, text, mark)
