"""Files of a task that has several links: what two of them bring at the same time stands here once."""

import hashlib
from contextlib import contextmanager

from sqlalchemy import select

from hub.core.connections.models import Connection
from hub.core.execute.models import FileLink
from hub.core.execute.sync import link_task
from hub.core.execute.sync.files import FileCopy
from hub.core.execute.sync.tables import TableStore
from hub.core.files import Attachment
from hub.core.work.models import Task

PAPER = b"the same bytes at both trackers"
DIGEST = hashlib.sha256(PAPER).hexdigest()


class Beaten:
    """A database whose next transaction begins when somebody else's is through."""

    def __init__(self, database, first):
        self._database, self._first = database, first

    def __getattr__(self, name):
        return getattr(self._database, name)

    @contextmanager
    def transaction(self):
        first, self._first = self._first, lambda: None
        first()
        with self._database.transaction() as session:
            yield session


def copy(far_ref):
    return FileCopy("there", "paper.txt", len(PAPER), DIGEST, far_ref, "copied")


def test_two_links_of_a_task_that_bring_the_same_bytes_attach_them_once(office):
    task_id, first = office.make_task()
    with office.database.transaction() as session:
        other = Connection(name="other", family="tracker", kind="sandbox", slug="other")
        session.add(other)
        session.flush()
        task = session.get_one(Task, task_id)
        second = link_task(session, office.database.now(), office.actor, task, other, None).id
    quicker = TableStore(office.database, second, files=office.files)
    beaten = Beaten(office.database, lambda: quicker.file_here(copy("there 2"), PAPER))
    TableStore(beaten, first, files=office.files).file_here(copy("there 1"), PAPER)
    with office.database.reading() as session:
        assert list(session.scalars(select(Attachment.sha256))) == [DIGEST]
        known = session.execute(select(FileLink.link_id, FileLink.sha256).order_by(FileLink.link_id))
        assert [tuple(row) for row in known] == [(first, DIGEST), (second, DIGEST)]
