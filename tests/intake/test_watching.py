"""A mailbox whose server speaks: heard at once, by one process, and looked into all the same."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable

from hub.core.connections import collecting
from hub.core.connections.models import Connection
from hub.core.connections.watching import LEASE, RENEW, WATCHED, Watcher
from tests.intake.conftest import ON_BOTH, Mailroom, connect
from tests.intake.dovecot import Server
from tests.intake.messages import mail
from tests.intake.proxy import breaking


def watcher_of(mailroom: Mailroom) -> Watcher:
    """What listens in one process."""
    return Watcher(mailroom.database, mailroom.core.opener)


def hinted(mailroom: Mailroom, box: int) -> bool:
    """Whether a look is promised."""
    return mailroom.core.jobs.is_pending(collecting.COLLECT, f"collect:{box}")


def done(mailroom: Mailroom) -> None:
    """Let what is promised be done."""
    mailroom.core.jobs.handler(collecting.COLLECT)(lambda job: mailroom.collect(job.args[0]) and None)
    _work(mailroom)


def _work(mailroom: Mailroom) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=mailroom.core.jobs.run_workers, args=(1, stop))
    thread.start()
    until_true(lambda: mailroom.core.jobs.waiting_count() == 0)
    stop.set()
    thread.join()


def until_true(asked: Callable[[], bool]) -> None:
    """Wait for something that comes."""
    until = time.monotonic() + 30
    while not asked():
        assert time.monotonic() < until
        time.sleep(0.02)


@ON_BOTH
def test_new_mail_is_heard_at_once_and_other_words_are_not(mailroom: Mailroom, imap: Server) -> None:
    box, watcher = connect(mailroom, imap), watcher_of(mailroom)
    try:
        assert watcher.look() == 1
        assert hinted(mailroom, box)  # what came before
        mailroom.core.jobs.handler("read_deliveries")(lambda _job: None)
        mailroom.core.jobs.handler("look")(lambda _job: None)
        done(mailroom)
        watcher.attend(0)
        assert not hinted(mailroom, box)
        imap.put(mail(1, "one", b"1"))
        watcher.attend(30)
        assert hinted(mailroom, box)
        _work(mailroom)
        with imap.client() as client:
            client.select("INBOX")
            client.store("1", "+FLAGS", "\\Flagged")
        watcher.attend(2)
        assert not hinted(mailroom, box)
    finally:
        watcher.close()


def test_one_process_listens_and_another_when_it_is_gone(mailroom: Mailroom, imap: Server) -> None:
    box, one, other = connect(mailroom, imap), watcher_of(mailroom), watcher_of(mailroom)
    try:
        assert (one.look(), one.look(), other.look()) == (1, 0, 0)
        mailroom.clock.advance(seconds=LEASE.total_seconds() / 2 + 1)
        one.attend(0)  # its sign of life
        mailroom.clock.advance(seconds=LEASE.total_seconds() / 2 + 1)
        assert other.look() == 0
        mailroom.clock.advance(seconds=LEASE.total_seconds() + 1)
        assert other.look() == 1  # the first one gave no sign
        one.attend(0)  # and sees that it is no longer asked
        assert mailroom.health(box).state[WATCHED]["by"] == other._name
        other.close()
        assert WATCHED not in mailroom.health(box).state
        assert one.look() == 1
    finally:
        one.close()
        other.close()


def test_listening_begins_anew_before_the_servers_patience_ends(mailroom: Mailroom, imap: Server) -> None:
    connect(mailroom, imap)
    watcher = watcher_of(mailroom)
    try:
        assert watcher.look() == 1
        mailroom.clock.advance(seconds=RENEW.total_seconds() + 1)
        watcher.attend(0)
        imap.put(mail(1, "one", b"1"))
        (held,) = watcher._held.values()
        assert select.select([held.watch], [], [], 30)[0]
        assert held.watch.heard()
    finally:
        watcher.close()


def test_a_lost_connection_and_a_pause_end_the_listening(mailroom: Mailroom, imap: Server) -> None:
    with breaking(imap) as (behind, cut):
        box, watcher = connect(mailroom, behind), watcher_of(mailroom)
        try:
            assert watcher.look() == 1
            cut()
            watcher.attend(30)
            assert not watcher._held
            assert hinted(mailroom, box)
            assert watcher.look() == 1  # the next connection holds
            with mailroom.database.transaction() as session:
                session.get_one(Connection, box).paused = True
            mailroom.clock.advance(seconds=LEASE.total_seconds() / 2 + 1)
            watcher.attend(0)
            assert not watcher._held
            assert watcher.look() == 0
        finally:
            watcher.close()


def test_who_cannot_be_listened_to_is_left_alone_for_a_while(mailroom: Mailroom, imap: Server) -> None:
    connect(mailroom, imap, "wrong")
    connect(mailroom, imap, idle=False)
    watcher = watcher_of(mailroom)
    assert [watcher.look() for _ in range(5)] == [0] * 5
    assert imap.log.read_text().count("auth failed") <= 1
    watcher.start()
    assert watcher._thread is None
    watcher.close()


def test_the_thread_ends_with_the_work(mailroom: Mailroom, imap: Server) -> None:
    connect(mailroom, imap)
    watcher = watcher_of(mailroom)
    watcher.look()
    watcher.start()
    assert watcher._thread is not None
    watcher.close()
    assert not watcher._thread.is_alive()
    assert not watcher._held
