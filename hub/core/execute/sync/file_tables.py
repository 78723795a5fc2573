"""Files and logged time of a link in the hub's tables; the bytes are in the file store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, cast

from sqlalchemy import and_, bindparam, delete, or_, select
from sqlalchemy.orm import Session

from hub.core import files, history
from hub.core.execute.models import FileLink, Link, WorkLog
from hub.core.execute.sync.files import FileCopy, FileState, OurFile
from hub.core.execute.sync.of_link import OfLink, actor_of
from hub.core.execute.sync.store import Files, Origin
from hub.core.files import Attachment, FileStore, StoredFile
from hub.core.values import FarWork, Refusal
from hub.core.work.changes import touch_task
from hub.core.work.models import Task

_link_id: Any = bindparam("link_id")
# What the customer may see may leave, and what came to the task over another link.
_MAY_LEAVE = (
    select(Attachment, StoredFile)
    .join(StoredFile, StoredFile.sha256 == Attachment.sha256)
    .join(Link, Link.id == _link_id)
    .join(Task, Task.id == Link.task_id)
    .where(
        Attachment.public,
        or_(
            and_(Attachment.owner_kind == "tasks", Attachment.owner_id == Task.id),
            and_(Attachment.owner_kind == "requests", Attachment.owner_id == Task.request_id),
        ),
    )
    .order_by(Attachment.id)
)
_COPIES = select(FileLink).where(FileLink.link_id == _link_id).order_by(FileLink.id)
_WORK = select(WorkLog).where(WorkLog.link_id == _link_id)
LONGEST = {"author": 120, "note": 300}


def may_leave(session: Session, link_id: int) -> list[tuple[Attachment, StoredFile]]:
    """The files of a link's task that people outside may have, oldest first."""
    return [(row, stored) for row, stored in session.execute(_MAY_LEAVE, {"link_id": link_id})]


class FileTables(OfLink):
    """The part of the store protocol that keeps files and logged time."""

    # Without one there are no bytes to carry.
    _bytes: FileStore | None = None

    def files(self) -> Files:
        """Read the files of our side and their copies."""
        with self._database.reading() as session:
            ours = self._ours(session)
            copies = session.scalars(_COPIES, {"link_id": self._link_id})
            return Files(tuple(ours.values()), tuple(_copy_of(row) for row in copies))

    def _ours(self, session: Session) -> dict[str, OurFile]:
        return {
            stored.sha256: OurFile(stored.sha256, row.name, stored.size, stored.media_type)
            for row, stored in may_leave(session, self._link_id)
        }

    def file_here(self, copy: FileCopy, data: bytes) -> None:
        """Take over a file from there; its bytes are stored before anything is written."""
        stored = self._store().put(data)
        with self._database.transaction() as session:
            link = session.get_one(Link, self._link_id)
            task = session.get_one(Task, link.task_id, with_for_update=True)
            if any(row.far_ref == copy.far_ref and row.sha256 for row in link.files):
                return
            # Asked while the task is held: another link of it may just have brought the same bytes.
            if stored.sha256 not in self._ours(session):
                now, owner = self._database.now(), ("tasks", task.id)
                made = files.attach(session, stored, copy.name, owner, actor_of(link), now, public=True)
                history.record(
                    session, now, actor_of(link), "file_came", made, request_id=task.request_id,
                    ref=task.ref, connection=link.connection.name, personal={"name": made.name},
                )  # fmt: skip
                touch_task(session, now, task)
        self.keep_file(copy)

    def file_bytes(self, sha256: str) -> bytes:
        """The bytes of a file here."""
        with self._store().open(sha256) as found:
            return found.read()

    def _store(self) -> FileStore:
        if self._bytes is None:
            raise Refusal("file_missing", sha256="")
        return self._bytes

    def keep_file(self, copy: FileCopy) -> None:
        """Write or renew the row of a copy; another one of the same far file gives way."""
        with self._database.transaction() as session:
            rows = list(session.scalars(_COPIES, {"link_id": self._link_id}))
            same = [row for row in rows if (row.origin, row.key) == (copy.origin, copy.key)]
            for other in rows:
                if copy.far_ref and other.far_ref == copy.far_ref and other not in same:
                    session.delete(other)
            session.flush()
            before = _copy_of(same[0]) if same else None
            row = same[0] if same else FileLink(link_id=self._link_id, origin=copy.origin, key=copy.key)
            row.name, row.size, row.state = copy.name[:300], copy.size, copy.state
            row.sha256, row.far_ref, row.tries = copy.sha256, copy.far_ref, copy.tries
            row.reason = dict(copy.reason) if copy.reason else None
            session.add(row)
            self._notes.file(session, before, copy)

    def _file_states(self, session: Session) -> list[FileState]:
        wanted = select(FileLink.state).where(FileLink.link_id == self._link_id).distinct()
        return [cast(FileState, state) for state in session.scalars(wanted)]

    def worklogs(self) -> Mapping[str, FarWork]:
        """The time that came from there, by its reference."""
        with self._database.reading() as session:
            return {
                row.far_ref: FarWork(row.far_ref, row.author, row.day, row.minutes, row.note)
                for row in session.scalars(_WORK, {"link_id": self._link_id})
            }

    def keep_worklogs(self, worklogs: Collection[FarWork]) -> None:
        """Take over the time logged there as it is now."""
        with self._database.transaction() as session:
            session.execute(delete(WorkLog).where(WorkLog.link_id == self._link_id))
            session.add_all(
                WorkLog(
                    link_id=self._link_id, far_ref=one.ref, author=one.author, day=one.day,
                    minutes=one.minutes, note=one.note,
                )
                for one in worklogs
            )  # fmt: skip
            # Whoever looks at the task sees that something came.
            touch_task(session, self._database.now(), session.get_one(Link, self._link_id).task)


def _copy_of(row: FileLink) -> FileCopy:
    origin, state = cast(Origin, row.origin), cast(FileState, row.state)
    return FileCopy(origin, row.name, row.size, row.sha256, row.far_ref, state, row.reason, row.tries)
