"""What a round does besides the fields: comments and files both ways, logged time one way."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random
from typing import cast

from hub.core.execute.sync.carrying import Carrying
from hub.core.execute.sync.comments import Copying
from hub.core.execute.sync.file_notes import FileNotes, Note
from hub.core.execute.sync.files import FileWay
from hub.core.execute.sync.store import Look, Store
from hub.core.execute.sync.waiting import pause
from hub.core.values import FarItem, FarWork, KeepsFiles, Tracker

FILES, WORKLOGS = "files", "worklogs"
# A year of one entry is a slip of the keys.
MOST_MINUTES = 365 * 24 * 60


class Besides:
    """Of one round. ``writes`` counts calls that changed the far side."""

    def __init__(self, store: Store, tracker: Tracker, way: FileWay, note: Note | None = None) -> None:
        """``way``: which files are carried; ``note``: what is said of one where the tracker takes none."""
        self._store = store
        self._tracker = tracker
        self._way = way
        self._note = note
        self._edited: set[int] = set()
        # How often each file was tried that waits; it is not tried twice in one round.
        self._waiting: dict[str, int] = {}
        self.writes = 0

    def run(self, look: Look, far: FarItem) -> bool:
        """Do what is owed, one kind after the other; gives whether it is worth another look."""
        self._take_work(far)
        if FILES in self._tracker.capabilities:
            files: KeepsFiles = cast(KeepsFiles, self._tracker)  # its capability says so
            return self._copy(look, far) or self._carry(files, far, self._way)
        notes = FileNotes(self._store, self._tracker, look.mark, self._note)
        far = notes.apart(far)
        return self._copy(look, far) or self._carry(notes, far, notes.way(self._way))

    def again(self, chance: Random) -> dt.timedelta | None:
        """How long a file waits that could not be carried; None where none does."""
        tries = max(self._waiting.values(), default=0)
        return pause(tries - 1, None, chance) if tries else None

    def _copy(self, look: Look, far: FarItem) -> bool:
        copying = Copying(self._store, self._tracker, look, far, self._edited)
        try:
            return copying.run()
        finally:
            self.writes += copying.writes

    def _carry(self, files: KeepsFiles, far: FarItem, way: FileWay) -> bool:
        if way.direction == "off":
            return False
        carrying = Carrying(self._store, files, far, way, self._waiting)
        try:
            return carrying.run()
        finally:
            self.writes += carrying.writes

    def _take_work(self, far: FarItem) -> None:
        if WORKLOGS not in self._tracker.capabilities:
            return
        there = {work.ref: _kept(work) for work in far.worklogs}
        if self._store.worklogs() != there:
            self._store.keep_worklogs(tuple(there.values()))


def _kept(work: FarWork) -> FarWork:
    """As it is kept: whoever writes a novel into a work log is quoted in part."""
    minutes = min(max(work.minutes, 0), MOST_MINUTES)
    return replace(work, author=work.author[:120], note=work.note[:300], minutes=minutes)
