"""A real IMAP server: nothing twice, nothing lost, nothing marked, and what is wrong is said."""

from __future__ import annotations

from hub.core.connections import collecting
from hub.core.connections.models import Connection, Delivery
from hub.core.conversation.models import Mail
from hub.core.work.models import ServiceRequest
from hub.core.workflow import chores
from tests.intake.conftest import ON_BOTH, Mailroom, connect
from tests.intake.dovecot import Server
from tests.intake.messages import MESSAGES, mail


@ON_BOTH
def test_takes_what_came_once_and_leaves_no_trace(mailroom: Mailroom, imap: Server) -> None:
    box = connect(mailroom, imap)
    imap.put(mail(1, "one", b"1"), mail(2, "two", b"2"))
    with imap.client() as reader:  # somebody reads one of them before the hub does
        reader.select("INBOX")
        reader.store("1", "+FLAGS", r"(\Seen)")
    assert mailroom.collect(box) == 2
    # “n:*” gives the last mail again and again.
    assert mailroom.collect(box) == 0
    imap.put(mail(3, "three", b"3"))
    assert mailroom.collect(box) == 1
    assert mailroom.count(ServiceRequest) == 3
    assert (imap.count(), imap.count(criteria="UNSEEN")) == (3, 2)


@ON_BOTH
def test_every_hand_made_mail_survives_the_server(mailroom: Mailroom, imap: Server) -> None:
    # An empty mail, and NUL bytes, no server takes; pymap fails at the deepest one, which it takes apart.
    beyond = {"nested 1,500 deep"} if imap.name == "pymap" else set()
    sent = [
        made for made in MESSAGES if made.raw.strip() and b"\0" not in made.raw and made.kind not in beyond
    ]
    imap.put(*(made.raw for made in sent))
    assert mailroom.collect(connect(mailroom, imap)) == len(sent)
    assert mailroom.count(Delivery, Delivery.status != "read") == 0


@ON_BOTH
def test_moves_what_it_has_taken_and_leaves_what_it_has_not(mailroom: Mailroom, imap: Server) -> None:
    box = connect(mailroom, imap, done_folder="Processed", large_folder="Large", largest_mb=1)
    imap.put(mail(1, "small", b"1"), mail(2, "large", b"x" * 1_500_000), mail(3, "after", b"3"))
    assert mailroom.collect(box) == 3
    assert [imap.count(folder) for folder in ("INBOX", "Processed", "Large")] == [0, 2, 1]
    with mailroom.database.reading() as session:
        large = session.query(Mail).filter_by(subject="large").one()
    assert "too large (15" in large.notes[0]["en"]
    assert len(large.text or "") < 300_000


def test_a_crash_after_keeping_repeats_nothing(mailroom: Mailroom, imap: Server) -> None:
    box = connect(mailroom, imap, done_folder="Processed")
    imap.put(*(mail(number, f"m{number}", b"x") for number in range(1, 6)))
    source = mailroom.core.opener.by_id(box).object
    batch = next(source.collect({}, mailroom.database.now().date()))
    # The process ends right after this, before the mails are moved.
    collecting._keep(mailroom.database, mailroom.core.files, box, batch)
    assert imap.count() == 5
    with mailroom.database.transaction() as session:
        row = session.get_one(Connection, box)
        row.state = {}  # and even the cursor is lost
    assert mailroom.collect(box) == 0
    assert mailroom.count(ServiceRequest) == 5
    assert imap.count("Processed") == 5


def test_a_renumbered_mailbox_brings_nothing_twice(mailroom: Mailroom, imap: Server) -> None:
    box = connect(mailroom, imap)
    imap.put(*(mail(number, f"m{number}", b"x") for number in range(1, 4)))
    assert mailroom.collect(box) == 3
    last = mailroom.health(box).state[collecting.CURSOR]["uid"]
    with mailroom.database.transaction() as session:
        row = session.get_one(Connection, box)
        row.state = {**row.state, collecting.CURSOR: {"validity": 1, "uid": 7000}}
    imap.put(mail(4, "m4", b"x"))
    mailroom.collect(box)
    assert mailroom.count(ServiceRequest) == 4
    assert mailroom.health(box).state[collecting.CURSOR]["uid"] == last + 1


@ON_BOTH
def test_a_wrong_password_is_said_once_and_rests(mailroom: Mailroom, imap: Server) -> None:
    box = connect(mailroom, imap, "wrong")
    chores.check_connection(mailroom.core, box)
    state = mailroom.health(box).state["checked"]
    assert (state["ok"], "password" in state["text"]["en"]) == (False, True)
    assert mailroom.collect(box) == 0
    row = mailroom.health(box)
    assert "password" in (row.last_error or "")
    assert row.breaker_until is not None
    assert row.breaker_until >= mailroom.database.now() + collecting.REFUSED
    failures = row.failures
    for _ in range(5):
        collecting.collect_due(mailroom.database, mailroom.core.opener)
        mailroom.collect(box)
    assert mailroom.health(box).failures == failures
    mailroom.clock.advance(hours=7)
    assert collecting.collect_due(mailroom.database, mailroom.core.opener) >= 1


def test_a_server_that_is_away_is_asked_again_later(mailroom: Mailroom, imap: Server) -> None:
    box = connect(mailroom, imap)
    imap.put(mail(1, "one", b"1"))
    imap.process.terminate()
    imap.process.wait(20)
    assert mailroom.collect(box) == 0
    row = mailroom.health(box)
    assert row.failures == 1
    assert row.breaker_until is not None
    assert row.breaker_until <= mailroom.database.now() + 2 * collecting.RETRY


@ON_BOTH
def test_checks_the_mailbox_and_names_a_missing_folder(mailroom: Mailroom, imap: Server) -> None:
    def checked(box: int) -> str:
        chores.check_connection(mailroom.core, box)
        return str(mailroom.health(box).state["checked"]["text"]["en"])

    assert "holds 0 mails" in checked(connect(mailroom, imap))
    assert "no folder “Nowhere”" in checked(connect(mailroom, imap, done_folder="Nowhere"))
