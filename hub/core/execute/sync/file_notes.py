"""Files at a tracker that takes none: each is a comment there with a link to ours, told by its mark."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid5

from hub.core.execute.sync.files import FileWay, OurFile
from hub.core.execute.sync.store import Store
from hub.core.values import FarFile, FarItem, OutgoingFile, Tracker

# The room of these marks (RFC 9562, 5.5).
_NOTES = UUID("d3f1b0a4-6c52-4e0b-9a37-1c8f52e7a9d6")
# What the comment says of a file.
Note = Callable[[OurFile], str]


class FileNotes:
    """Fulfils ``KeepsFiles`` for a tracker without files, so that all rules of files hold for their links.

    The mark of a note follows from the link's own and the file's content: a note whose receipt was lost is
    found again by it, and none is taken for somebody's comment.
    """

    def __init__(self, store: Store, tracker: Tracker, mark: str, note: Note | None) -> None:
        """``mark`` is the link's. Without ``note`` nothing is sent, and what was sent is still known."""
        self._store, self._tracker, self._note = store, tracker, note
        files = store.files()
        sent = [OurFile(copy.key, copy.name, copy.size) for copy in files.copies if copy.origin == "here"]
        self._files = {_mark(mark, file.sha256): file for file in (*sent, *files.ours)}
        self._marks = {file.sha256: mark for mark, file in self._files.items()}
        self._found: dict[str, OurFile] = {}

    def way(self, way: FileWay) -> FileWay:
        """What goes there: links have no weight, and nothing comes back."""
        out = self._note is not None and way.direction in ("both", "out")
        return FileWay("out" if out else "off", sys.maxsize)

    def apart(self, far: FarItem) -> FarItem:
        """The item with our notes among its files in place of its comments."""
        notes: dict[str, str] = {}
        for comment in far.comments:
            if comment.mark in self._files:
                # Whoever copies a note copies its mark as well: what they say is theirs.
                notes.setdefault(comment.mark, comment.ref)
        if not notes:
            return far
        self._found = {ref: self._files[mark] for mark, ref in notes.items()}
        return replace(
            far,
            comments=tuple(comment for comment in far.comments if comment.ref not in self._found),
            files=tuple(FarFile(ref, file.name, file.size) for ref, file in self._found.items()),
        )

    def add_file(self, ref: str, file: OutgoingFile) -> str:
        """Say there where the file is; gives the comment's reference."""
        assert self._note is not None
        mark = self._marks[hashlib.sha256(file.data).hexdigest()]
        return self._tracker.add_comment(ref, self._note(self._files[mark]), mark)

    def read_file(self, _ref: str, file: str) -> bytes:
        """The bytes behind a note: they never left."""
        return self._store.file_bytes(self._found[file].sha256)


def _mark(link: str, sha256: str) -> str:
    return str(uuid5(_NOTES, f"{link}/{sha256}"))
