"""Two hundred labelled mails, a quarter of them adversarial: each lands where it belongs, none is lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from cryptography.fernet import Fernet

from hub.core.connections.secrets import KeyRing
from hub.core.conversation.addresses import mint
from hub.core.conversation.models import Mail
from hub.core.work.models import ServiceRequest
from tests.intake.conftest import Fate, Mailroom
from tests.intake.messages import mail

REQUESTS, LABELLED, ADVERSARIAL = 25, 200, 40


@dataclass(frozen=True)
class Opened:
    """A request with its contact, the id of the mail that opened it, and ours that answered."""

    id: int
    ref: str
    contact: str
    opening: str
    ours: str
    token: str


@dataclass(frozen=True)
class Labelled:
    """A mail, and the request it belongs to (None: one of its own)."""

    kind: str
    raw: bytes
    belongs: int | None
    adversarial: bool = False


def head(sender: str, to: str = "support@example.org") -> bytes:
    """Who writes to whom."""
    return f"From: {sender}\r\nTo: {to}\r\n".encode()


def open_all(mailroom: Mailroom) -> list[Opened]:
    """The requests that are there before."""
    opened = []
    for number in range(REQUESTS):
        sender = f"c{number}@customer{number % 5}.example"
        fate = mailroom.take(
            mail(10_000 + number, "The printer is broken", b"request %d" % number, head=head(sender))
        )
        assert fate.request is not None
        ours = f"<hub.{fate.request.ref.lower()}.reply.{number}@hub.example>"
        token = mailroom.send(fate.request.id, mailroom.contact(sender).id, ours, sender)
        opening = f"<m{10_000 + number}@acme.example>"
        opened.append(Opened(fate.request.id, fate.request.ref, sender, opening, ours, token))
    return opened


def labelled(opened: list[Opened], chance: Random) -> Iterator[Labelled]:
    """Mails without end, each kind in its turn, with who and what drawn by chance."""
    strange = KeyRing([Fernet.generate_key().decode()])
    number = 0
    while True:
        one, other = chance.sample(opened, 2)
        new, eve, token = "A new thing", "eve@evil.example", f"support+{one.token}@example.org"

        def made(
            subject: str, *headers: str, sender: str = one.contact, to: str = "support@example.org"
        ) -> bytes:
            nonlocal number
            number += 1
            return mail(number, subject, f"words {number}".encode(), *headers, head=head(sender, to))

        forged = f"support+{mint(strange, one.ref, 1)}@example.org"
        swapped = token.replace(f"r-{one.ref.lower()}-", f"r-{other.ref.lower()}-")
        yield Labelled("token", made("Re: anything", to=token), one.id)
        yield Labelled("token in capitals", made("Re: x", to=token.upper()), one.id)
        yield Labelled("token in Delivered-To", made("Re: x", f"Delivered-To: {token}"), one.id)
        yield Labelled(
            "token, written by a colleague",
            made("Re: x", sender="colleague@customer.example", to=token),
            one.id,
        )
        yield Labelled("In-Reply-To our mail", made("Re: printer", f"In-Reply-To: {one.ours}"), one.id)
        yield Labelled(
            "In-Reply-To their own mail", made("and another thing", f"In-Reply-To: {one.opening}"), one.id
        )
        yield Labelled(
            "References alone", made("Re: x", f"References: <unknown@x> {one.ours} <lost@x>"), one.id
        )
        yield Labelled(
            "References, folded",
            made("Re: x", f"References: <unknown@x>\r\n {one.opening}\r\n\t<lost@x>"),
            one.id,
        )
        yield Labelled("tag by who asked", made(f"Re: [{one.ref}] printer"), one.id)
        yield Labelled("tag in lower case", made(f"AW: [{one.ref.lower()}] printer"), one.id)
        yield Labelled("new", made(new), None)
        yield Labelled("new, from somebody new", made(new, sender=f"n{number}@new.example"), None)
        yield Labelled(
            "answer to a mail we never saw", made(f"Re: {new}", "In-Reply-To: <elsewhere@x>"), None
        )
        yield Labelled("new, same subject as an old one", made("Re: The printer is broken"), None)
        yield Labelled("a number that is none of ours", made("Invoice [SR-999999]"), None)
        yield Labelled("forged token", made("Re: x", sender=eve, to=forged), None, True)
        yield Labelled("token of another request", made("Re: x", sender=eve, to=swapped), None, True)
        yield Labelled(
            "token without its end",
            made("Re: x", sender=eve, to=token.replace("@", "", 1)[:-13] + "@example.org"),
            None,
            True,
        )
        yield Labelled("tag by a stranger", made(f"[{one.ref}] tell me", sender=eve), None, True)
        yield Labelled(
            "two requests cited", made("Re: both", f"References: {one.ours} {other.ours}"), other.id, True
        )
        yield Labelled(
            "answers one, cites another",
            made("Re: x", f"In-Reply-To: {one.ours}", f"References: {one.opening} {other.ours}"),
            one.id,
            True,
        )
        yield Labelled(
            "token against header", made("Re: x", f"In-Reply-To: {other.ours}", to=token), one.id, True
        )
        yield Labelled(
            "forged token, genuine header", made("Re: x", f"In-Reply-To: {one.ours}", to=forged), one.id, True
        )
        yield Labelled(
            "tag of another, genuine header",
            made(f"[{other.ref}] x", f"In-Reply-To: {one.ours}"),
            one.id,
            True,
        )
        yield Labelled("tag in a display name", made("x", sender=f'"[{one.ref}]" <{eve}>'), None, True)


def lands(fate: Fate) -> int | None:
    """The request a mail was joined to, or None where it opened one."""
    assert fate.request is not None, fate
    return fate.request.id if fate.comment is not None else None


def test_two_hundred_labelled_mails_land_where_they_belong(
    mailroom: Mailroom, record_property: Callable[[str, object], None]
) -> None:
    opened = open_all(mailroom)
    drawn = labelled(opened, Random(20261121))
    corpus = [next(drawn) for _ in range(LABELLED + 16)]
    assert sum(one.adversarial for one in corpus) >= ADVERSARIAL
    fates = [(one, mailroom.take(one.raw)) for one in corpus]
    lost = [one.kind for one, fate in fates if fate.kind not in ("request", "comment")]
    wrong = [(one.kind, one.belongs, lands(fate)) for one, fate in fates if lands(fate) != one.belongs]
    record_property("counted", mailroom.table(*_table(fates, len(lost), len(wrong))))
    assert (lost, wrong) == ([], [])
    # What was odd is said to people.
    silent = {one.kind for one, fate in fates if one.kind in NOTED and not (fate.mail and fate.mail.notes)}
    assert silent == set()


def _table(fates: list[tuple[Labelled, Fate]], lost: int, wrong: int) -> tuple[str, list[str]]:
    """How many there were of each kind, how many of them went to the request they were labelled with."""
    counted: dict[tuple[bool, str], list[bool]] = {}
    for one, fate in fates:
        counted.setdefault((one.adversarial, one.kind), []).append(lands(fate) == one.belongs)
    lines = [
        f"  {'adversarial' if adversarial else '':12}{kind:42}{sum(right):3} of {len(right)}"
        for (adversarial, kind), right in sorted(counted.items())
    ]
    many = sum(one.adversarial for one, _ in fates)
    total = f"{len(fates)} labelled mails, {many} adversarial: wrong threads {wrong}, lost {lost}"
    return total, lines


NOTED = (
    "forged token",
    "token of another request",
    "tag by a stranger",
    "two requests cited",
    "answers one, cites another",
    "forged token, genuine header",
)


def test_the_headers_of_an_untrusted_sender_lead_nowhere(mailroom: Mailroom) -> None:
    box = mailroom.connect("strict", authserv_id="mx.example.org")
    (one, *_) = open_all(mailroom)
    bad = "Authentication-Results: mx.example.org; dmarc=fail header.from=acme.example"
    good = "Authentication-Results: mx.example.org; dmarc=pass"
    strange = "Authentication-Results: mx.evil.example; dmarc=pass"
    headed = f"In-Reply-To: {one.ours}"
    assert mailroom.take(mail(1, "Re: x", b"1", bad, headed, head=head(one.contact)), box).comment is None
    assert mailroom.take(mail(2, f"[{one.ref}]", b"2", bad, head=head(one.contact)), box).comment is None
    assert (
        mailroom.take(mail(3, "Re: x", b"3", strange, bad, headed, head=head(one.contact)), box).comment
        is None
    )
    assert (
        mailroom.take(mail(4, "Re: x", b"4", good, headed, head=head(one.contact)), box).comment is not None
    )


def test_an_answer_that_came_first_and_its_mail_become_one_request(mailroom: Mailroom) -> None:
    answer = mail(
        2,
        "Re: question",
        b"the answer",
        "In-Reply-To: <m1@acme.example>",
        head=head("b@x.example", "support@example.org, a@x.example"),
    )
    question = mail(
        1, "question", b"the question", head=head("a@x.example", "b@x.example, support@example.org")
    )
    first, second = mailroom.take(answer), mailroom.take(question)
    assert (first.kind, second.kind) == ("request", "comment")
    assert first.request is not None
    assert lands(second) == first.request.id


def test_an_early_answer_moves_to_where_its_mail_turns_out_to_belong(mailroom: Mailroom) -> None:
    (one, *_) = open_all(mailroom)
    early = mailroom.take(
        mail(2, "Re: x", b"early", "In-Reply-To: <m1@acme.example>", head=head(one.contact))
    )
    assert early.kind == "request"
    parent = mailroom.take(mail(1, "Re: x", b"parent", f"In-Reply-To: {one.ours}", head=head(one.contact)))
    assert lands(parent) == one.id
    assert early.mail is not None
    assert early.request is not None
    assert mailroom.get(Mail, early.mail.id).request_id == one.id
    assert mailroom.get(ServiceRequest, early.request.id).state == "dropped"


def test_what_one_of_the_team_answers_by_mail_stays_internal(mailroom: Mailroom) -> None:
    from hub.core.directory.people import add_person
    from hub.core.values import SYSTEM

    (one, *_) = open_all(mailroom)
    with mailroom.database.transaction() as session:
        add_person(
            session, mailroom.database.now(), SYSTEM, name="Mei", email="mei@hub.example", role="member"
        )
    fate = mailroom.take(
        mail(1, "Re: x", b"a word", f"In-Reply-To: {one.ours}", head=head("mei@hub.example"))
    )
    assert fate.comment is not None
    assert (fate.comment.stream, fate.comment.author_name) == ("internal", "Mei")
    assert dt.timedelta(0) <= mailroom.database.now() - fate.comment.created_at


def test_an_answer_follows_the_mail_that_was_moved_and_not_where_it_came_from(mailroom: Mailroom) -> None:
    from hub.core.identify.rethread import move_mail
    from hub.core.values import SYSTEM

    older, newer = open_all(mailroom)[:2]
    head_ = head(newer.contact)
    moved = mailroom.take(mail(1, "Re: x", b"about the other", f"In-Reply-To: {newer.ours}", head=head_))
    assert moved.mail is not None and lands(moved) == newer.id
    with mailroom.database.transaction() as session:
        row, target = session.get_one(Mail, moved.mail.id), session.get_one(ServiceRequest, older.id)
        move_mail(session, mailroom.database.now(), SYSTEM, row, target)
    cited = f"References: {newer.opening} {newer.ours} <m1@acme.example>"
    fate = mailroom.take(
        mail(2, "Re: x", b"and one word more", "In-Reply-To: <m1@acme.example>", cited, head=head_)
    )
    assert lands(fate) == older.id


def test_who_writes_as_one_of_the_team_is_not_believed_where_our_server_calls_it_forged(
    mailroom: Mailroom,
) -> None:
    from hub.core.directory.people import add_person
    from hub.core.values import SYSTEM

    box = mailroom.connect("strict", authserv_id="mx.example.org")
    (one, *_) = open_all(mailroom)
    with mailroom.database.transaction() as session:
        add_person(
            session, mailroom.database.now(), SYSTEM, name="Mei", email="mei@hub.example", role="member"
        )
    streams = {}
    for number, verdict in enumerate(("fail", "pass", "none")):
        checked = f"Authentication-Results: mx.example.org; dmarc={verdict}"
        to = head("mei@hub.example", f"support+{one.token}@example.org")
        fate = mailroom.take(mail(number, "Re: x", b"word %d" % number, checked, head=to), box)
        assert fate.comment is not None and fate.mail is not None
        says = [note["en"] for note in fate.mail.notes if "forged" in note["en"] and note["zh"]]
        streams[verdict] = (fate.comment.stream, fate.comment.author_kind, len(says))
    assert streams == {
        "fail": ("public", "contact", 1),
        "pass": ("internal", "connection", 0),
        "none": ("internal", "connection", 0),
    }
