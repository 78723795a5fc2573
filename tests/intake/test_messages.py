"""Every kind of mail ends as it must, and is readable where it can be read."""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable

from sqlalchemy import func, select

from hub.core.connections.models import Delivery
from hub.core.conversation.addresses import mint
from hub.core.conversation.models import Mail
from hub.core.files import Attachment
from hub.core.history import HistoryEntry
from hub.core.work.models import ServiceRequest
from tests.intake.conftest import Fate, Mailroom
from tests.intake.messages import MESSAGES, PLAIN, _dsn, _multi, charsets, mail


def test_every_kind_of_mail_ends_as_it_must(
    mailroom: Mailroom, record_property: Callable[[str, object], None]
) -> None:
    fates = {made.kind: (made, mailroom.take(made.raw)) for made in MESSAGES}
    assert len(fates) == len(MESSAGES) >= 60
    lines = [f"  {kind:34} {fate.kind:10} {fate.reason or ''}" for kind, (_, fate) in fates.items()]
    total = dict(Counter(fate.kind for _, fate in fates.values()))
    lost = len(MESSAGES) - mailroom.count(Delivery, Delivery.status != "unread")
    counted = f"{len(fates)} kinds of hand-made mails: {total}, lost {lost}"
    record_property("counted", mailroom.table(counted, lines))
    wrong = [
        f"{kind}: {fate.kind} ({fate.reason})"
        for kind, (made, fate) in fates.items()
        if fate.kind != made.becomes
    ]
    assert wrong == []
    for kind, (made, fate) in fates.items():
        missing = [word for word in made.says if word not in fate.words]
        assert missing == [], f"{kind}: {fate.words[:300]!r}"
        assert [word for word in made.silent if word in fate.words] == [], kind
        assert "\ufffd" not in fate.words or kind == "random bytes", f"{kind}: {fate.words[:300]!r}"
    # Whatever came is still there, raw.
    assert lost == 0
    assert mailroom.count(Delivery) == len(MESSAGES)
    assert mailroom.count(Delivery, Delivery.status == "unread") == 0


# What a label means to everybody who uses it (GB18030 under gb2312) is no wrong label.
MISNAMED = {
    "GB18030 labelled iso-8859-1": ("iso-8859-1", "GB18030"),
    "GB18030 labelled us-ascii": ("us-ascii", "GB18030"),
    "GB18030 labelled utf-8": ("utf-8", "GB18030"),
    "UTF-8 labelled big5": ("big5", "UTF-8"),
    "UTF-8 labelled gb2312": ("gb2312", "UTF-8"),
    "UTF-8 labelled iso-8859-1": ("iso-8859-1", "UTF-8"),
    "UTF-8 with an unknown label": ("x-mystery", "UTF-8"),
    "Big5 labelled gb2312": ("gb2312", "Big5"),
    "Latin 1 labelled utf-8": ("utf-8", "Windows-1252"),
}


def test_a_wrong_label_is_said_at_the_mail_and_a_right_one_is_not(mailroom: Mailroom) -> None:
    said = {}
    for made in charsets():
        fate = mailroom.take(made.raw)
        assert fate.mail is not None
        notes = [note for note in fate.mail.notes if "labelled wrongly" in note["en"]]
        assert all("标注有误" in note["zh"] for note in notes)
        if notes:
            (note,) = notes
            said[made.kind] = tuple(re.findall(r"says (\S+) and was read as (\S+)\.$", note["en"])[0])
    assert said == MISNAMED


def test_a_subject_with_a_wrong_label_is_said_too(mailroom: Mailroom) -> None:
    subject = f"=?big5?B?{base64.b64encode('打印机坏了'.encode()).decode()}?="
    fate = mailroom.take(mail(1, subject, b"words"))
    assert fate.mail is not None and fate.request is not None
    assert fate.request.title == "打印机坏了"
    assert [note["en"] for note in fate.mail.notes] == [
        "Its text was labelled wrongly: it says big5 and was read as UTF-8."
    ]


def test_what_is_cut_is_attached_as_it_came(mailroom: Mailroom) -> None:
    for made in MESSAGES:
        if made.kind in ("nested 50 deep", "1000 parts", "30 files", "nested 1,500 deep"):
            fate = mailroom.take(made.raw)
            assert fate.mail is not None
            assert fate.mail.notes, made.kind
            wanted = Attachment.owner_id == fate.mail.id, Attachment.owner_kind == "mails"
            assert mailroom.count(Attachment, *wanted, Attachment.name == "message.eml") == 1, made.kind
            assert mailroom.count(Attachment, *wanted) <= 20


def test_the_same_mail_in_two_mailboxes_is_one_request(mailroom: Mailroom) -> None:
    other = mailroom.connect("sales")
    raw = mail(1, "once", b"please help")
    assert mailroom.take(raw).kind == "request"
    # Each server writes headers of its own on top.
    assert mailroom.take(b"Delivered-To: sales@example.org\r\n" + raw, box=other).kind == "kept"
    assert mailroom.count(ServiceRequest) == 1
    assert mailroom.take(mail(1, "once", b"another text under the same id"), box=other).kind == "request"


def test_a_bounce_marks_the_contact_it_was_sent_to(mailroom: Mailroom) -> None:
    opened = mailroom.take(mail(1, "help", b"please"))
    assert opened.request is not None
    contact = mailroom.contact("li@acme.example")
    mailroom.send(opened.request.id, contact.id, "<ours@hub>", "li@acme.example")
    kind, body = _dsn("<ours@hub>", "li@acme.example", "4.2.0", "delayed")
    assert mailroom.take(mail(2, "Delayed", body, kind)).kind == "bounce"
    assert mailroom.contact("li@acme.example").bounced_at is None
    assert mailroom.count(HistoryEntry, HistoryEntry.verb == "mail_bounced") == 0
    with mailroom.database.reading() as session:
        (note,) = session.scalars(select(Mail.notes).where(Mail.nature == "bounce")).one()
    assert note["en"].startswith("That mail is only late")
    kind, body = _dsn("<ours@hub>", "somebody@else.example")
    mailroom.take(mail(3, "Undelivered", body, kind))
    assert mailroom.contact("li@acme.example").bounced_at is None
    kind, body = _dsn("<ours@hub>", "li@acme.example")
    fate = mailroom.take(mail(4, "Undelivered", body, kind))
    assert (fate.kind, fate.request and fate.request.id) == ("bounce", opened.request.id)
    marked = mailroom.contact("li@acme.example")
    assert marked.bounced_at is not None
    assert "no such user" in (marked.bounce_reason or "")


def test_whoever_calls_our_mail_abuse_gets_no_more_and_a_stranger_s_report_does_nothing(
    mailroom: Mailroom,
) -> None:
    opened = mailroom.take(mail(1, "help", b"please"))
    assert opened.request is not None
    contact = mailroom.contact("li@acme.example")
    mailroom.send(opened.request.id, contact.id, "<ours@hub>", "li@acme.example")

    def complain(number: int, about: str) -> Fate:
        kind, body = _multi(
            "report; report-type=feedback-report",
            b"Content-Type: text/plain\r\n\r\nThis is an abuse report.",
            b"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n",
            f"Content-Type: message/rfc822\r\n\r\nMessage-ID: {about}\r\n\r\nours\r\n".encode(),
        )
        return mailroom.take(mail(number, "complaint", body, kind))

    assert complain(2, "<not-ours@x>").kind == "kept"
    assert mailroom.contact("li@acme.example").no_mail_since is None
    fate = complain(3, "<ours@hub>")
    assert (fate.kind, fate.reason) == ("kept", "a report, no message")
    assert fate.request is not None and fate.request.id == opened.request.id
    since = mailroom.contact("li@acme.example").no_mail_since
    assert since == mailroom.database.now()
    assert mailroom.count(HistoryEntry, HistoryEntry.verb == "mails_unwanted") == 1


def test_our_own_mail_that_comes_back_is_dropped_with_its_reason(mailroom: Mailroom) -> None:
    loop = mailroom.core.opener.keys.derive("mail loop")[:24]
    fate = mailroom.take(mail(1, "ours", b"x", f"X-Hub-Loop: {loop}"))
    assert (fate.kind, fate.reason) == ("kept", "own mail")
    assert mailroom.take(mail(2, "theirs", b"x", "X-Hub-Loop: another hub")).kind == "request"
    assert mailroom.count(ServiceRequest) == 1


def test_an_answering_machine_never_becomes_a_comment(mailroom: Mailroom) -> None:
    opened = mailroom.take(mail(1, "help", b"please"))
    assert opened.request is not None
    mailroom.send(opened.request.id, mailroom.contact("li@acme.example").id, "<ours@hub>", "li@acme.example")
    away = ("Auto-Submitted: auto-replied", "In-Reply-To: <ours@hub>")
    for number in range(2, 12):
        fate = mailroom.take(mail(number, "Automatic reply: away", b"away %d" % number, *away))
        assert (fate.kind, fate.comment) == ("auto_reply", None)
        assert fate.request is not None
    assert mailroom.count(ServiceRequest) == 1
    assert mailroom.count(Mail, Mail.nature == "auto_reply") == 10


def test_quotes_are_folded_and_nothing_is_lost(mailroom: Mailroom) -> None:
    opened = mailroom.take(mail(1, "help", b"please"))
    assert opened.request is not None
    quotes = (
        "On Sat, 21 Nov 2026 at 09:00, Hub wrote:\r\n> please",
        "-----原始邮件-----\r\n发件人: hub\r\nplease",
        '------------------ 原始邮件 ------------------\r\n发件人: "hub"\r\nplease',
        "发件人: hub\r\n发送时间: 2026年11月21日\r\n收件人: li\r\n主题: help\r\n\r\nplease",
        "在 2026年11月20日，张三 写道：\r\n> please",
        '在 2026-11-20 10:00:00，"hub" <hub@x.org> 写道：\r\nplease',
        "-- 请在此行以上回复 / Reply above this line --\r\nplease",
        "From: hub\r\nSent: today\r\nTo: li\r\nSubject: help\r\n\r\nplease",
        "________________________________\r\nFrom: hub\r\nplease",
    )
    for number, quote in enumerate(quotes, 2):
        body = f"我的回答 {number}\r\nsecond line\r\n\r\n{quote}\r\n".encode()
        fate = mailroom.take(mail(number, "Re: help", body, PLAIN, "In-Reply-To: <m1@acme.example>"))
        assert fate.words == f"我的回答 {number}\nsecond line", quote
        assert fate.mail is not None
        assert "please" in (fate.mail.text or "")
    below = b"> please\r\n\r\nThe answer stands below.\r\n"
    fate = mailroom.take(mail(90, "Re: help", below, "In-Reply-To: <m1@acme.example>"))
    assert "The answer stands below." in fate.words
    with mailroom.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ServiceRequest)) == 1


def test_a_mail_without_an_id_in_two_mailboxes_is_one_request(mailroom: Mailroom) -> None:
    other = mailroom.connect("sales")
    raw = mail(1, "once", b"please help").replace(b"Message-ID: <m1@acme.example>\r\n", b"")
    assert mailroom.take(raw).kind == "request"
    fate = mailroom.take(b"Delivered-To: sales@example.org\r\n" + raw, box=other)
    assert (fate.kind, fate.reason) == ("kept", "the same mail is already kept")
    assert mailroom.take(raw.replace(b"08:00:00", b"09:00:00"), box=other).kind == "request"


def test_a_bounce_is_known_by_the_address_it_comes_to_whatever_it_says(mailroom: Mailroom) -> None:
    opened = mailroom.take(mail(1, "help", b"please"))
    assert opened.request is not None
    contact = mailroom.contact("li@acme.example")
    token = mint(mailroom.core.opener.keys, opened.request.ref, contact.id, "b")
    kind, body = _dsn("<rewritten@relay.example>", "an.alias@elsewhere.example")

    def bounce(number: int, to: str) -> Fate:
        head = f"From: mailer-daemon@acme.example\r\nTo: bounce+{to}@example.org\r\n".encode()
        return mailroom.take(mail(number, "Undelivered", body, kind, head=head))

    forged = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert bounce(2, forged).kind == "kept"
    assert mailroom.contact("li@acme.example").bounced_at is None
    fate = bounce(3, token)
    assert (fate.kind, fate.request and fate.request.id) == ("bounce", opened.request.id)
    assert mailroom.contact("li@acme.example").bounced_at is not None


def test_our_own_mail_is_known_by_its_id_where_a_relay_took_its_marks(mailroom: Mailroom) -> None:
    opened = mailroom.take(mail(1, "help", b"please"))
    assert opened.request is not None
    contact = mailroom.contact("li@acme.example")
    mailroom.send(opened.request.id, contact.id, "<m2@acme.example>", "li@acme.example")
    fate = mailroom.take(mail(2, "Re: help", b"as we wrote"))
    assert (fate.kind, fate.reason) == ("kept", "own mail")
