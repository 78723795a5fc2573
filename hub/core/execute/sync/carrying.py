"""Carrying files both ways: one that cannot be carried is shown and holds up no other."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from hub.core.execute.sync.files import FileCopy, FileWay, OurFile, plan_files, too_large
from hub.core.execute.sync.store import Store
from hub.core.values import FarItem, Held, KeepsFiles, OutgoingFile, Refusal, Refused, Retry


class Carrying:
    """One look at the files of both sides. ``writes`` counts calls that changed the far side."""

    def __init__(
        self, store: Store, tracker: KeepsFiles, far: FarItem, way: FileWay, waiting: dict[str, int]
    ) -> None:
        """``far`` names all files of the item, as they are now. ``waiting`` are left alone, and added to."""
        self._store = store
        self._tracker = tracker
        self._far = far
        self._way = way
        self.writes = 0
        self._waiting = waiting
        self._moved = False

    def run(self) -> bool:
        """Do what is owed; gives whether something moved, so that it is worth another look."""
        files = self._store.files()
        planned = plan_files(files.ours, self._far.files, files.copies, self._way)
        for copy in planned.keep:
            if copy not in files.copies:
                self._store.keep_file(copy)
        for copy in planned.fetch:
            if copy.key not in self._waiting:
                self._fetch(copy, files.copies)
        ours = {file.sha256: file for file in files.ours}
        for copy in planned.send:
            if copy.key not in self._waiting:
                self._send(copy, ours[copy.key])
        return self._moved

    def _fetch(self, copy: FileCopy, copies: Sequence[FileCopy]) -> None:
        sent = [one for one in copies if one.state == "waiting" and one.far_ref is None]
        try:
            data = self._tracker.read_file(self._far.ref, copy.far_ref or "")
        except Refused as no:
            # Nobody can look into it: ours, if it looks like what we sent without an answer.
            same = [one for one in sent if (one.name, one.size) == (copy.name, copy.size)]
            if same:
                self._found(same[0], copy)
            else:
                self._keep(copy, "sync_file_unreadable", no.reason)
            return
        except Retry as ill:
            self._wait(copy, ill)
            return
        if len(data) != copy.size and copy.size:
            self._keep(copy, "sync_file_differs")
            return
        digest = hashlib.sha256(data).hexdigest()
        same = [one for one in sent if one.sha256 == digest]
        if same:
            self._found(same[0], copy)
        elif len(data) > self._way.most:
            self._store.keep_file(too_large(replace(copy, size=len(data)), self._way.most))
        elif self._way.direction == "out":
            stays = replace(copy, sha256=digest, state="ended", reason={"id": "sync_file_stays"})
            self._store.keep_file(stays)
        else:
            come = replace(copy, size=len(data), sha256=digest, state="copied", reason=None)
            self._store.file_here(come, data)
            self._moved = True

    def _found(self, sent: FileCopy, there: FileCopy) -> None:
        """The answer to our call was lost: here it is."""
        self._store.keep_file(replace(sent, far_ref=there.far_ref, state="copied", reason=None))
        self._moved = True

    def _send(self, copy: FileCopy, file: OurFile) -> None:
        # Written down first: an answer that is lost can be told from a file that never went.
        copy = replace(copy, state="waiting", reason=None)
        self._store.keep_file(copy)
        try:
            outgoing = OutgoingFile(file.name, file.media_type, self._store.file_bytes(file.sha256))
            ref = self._tracker.add_file(self._far.ref, outgoing)
        except Refused as no:
            self._keep(copy, "sync_refused", no.reason)
        except Refusal as refusal:
            self._keep(copy, refusal.message)
        except Retry as ill:
            self._wait(copy, ill)
        else:
            self.writes += 1
            self._moved = True
            self._store.keep_file(replace(copy, far_ref=ref, state="copied"))

    def _keep(self, copy: FileCopy, reason: str, text: str = "") -> None:
        self._store.keep_file(replace(copy, state="refused", reason={"id": reason, "text": text}))

    def _wait(self, copy: FileCopy, ill: Retry) -> None:
        """Files often lie elsewhere: that place being ill is no reason to leave the item alone."""
        reason = {"id": "sync_file_waits", "text": ill.reason}
        waits = replace(copy, state="waiting", reason=reason, tries=copy.tries + 1)
        self._store.keep_file(waits)
        self._waiting[copy.key] = waits.tries
        if isinstance(ill, Held) or ill.after is not None:
            raise ill  # the connection as a whole is asked to wait
