"""Who wrote it, told by headers; and what a report says."""

from __future__ import annotations

from email import message_from_string

import pytest

from hub.plugins.email.machines import bounce_of, complaint_of, nature_of


@pytest.mark.parametrize(
    ("headers", "sender", "subject", "is_"),
    [
        ("", "li@acme.example", "help", "human"),
        ("Auto-Submitted: no", "li@acme.example", "help", "human"),
        ("X-Auto-Response-Suppress: All", "li@acme.example", "help", "human"),
        ("Auto-Submitted: Auto-Replied; owner=x", "li@acme.example", "away", "auto_reply"),
        ("X-Autoreply: yes", "li@acme.example", "away", "auto_reply"),
        ("", "li@acme.example", "自动回复：休假", "auto_reply"),
        ("", "li@acme.example", "Automatic reply is broken", "human"),
        ("Auto-Submitted: auto-generated", "monitor@acme.example", "disk", "auto_generated"),
        ("List-Id: <n.example.org>", "news@acme.example", "news", "list"),
        ("", "mailer-daemon@acme.example", "hello", "bounce"),
        ("", "postmaster@acme.example", "Undeliverable: help", "bounce"),
        ("", "postmaster@acme.example", "please help", "auto_generated"),
        ("", "bounce-7@acme.example", "hello", "auto_generated"),
        ("", "bounces+li=x.example@acme.example", "hello", "auto_generated"),
        ("", "no-reply@acme.example", "hello", "auto_generated"),
        ("", "postman@acme.example", "hello", "human"),
        ("Return-Path: <>", "li@acme.example", "hello", "auto_generated"),
        ("Return-Path: <li@acme.example>", "li@acme.example", "hello", "human"),
        ("X-Autorespond: x", "li@acme.example", "away", "auto_reply"),
        ("X-Autoresponder: x", "li@acme.example", "away", "auto_reply"),
        ("X-Mail-Autoreply: x", "li@acme.example", "away", "auto_reply"),
        ("Auto-Reply: yes", "li@acme.example", "away", "auto_reply"),
        ("X-MS-Exchange-Inbox-Rules-Loop: a@b.example", "li@acme.example", "away", "auto_reply"),
        ("X-Autoreply: no", "li@acme.example", "help", "human"),
        ("Precedence: AUTO_REPLY", "li@acme.example", "away", "auto_reply"),
        ("Precedence: bulk", "news@acme.example", "news", "list"),
        ("Precedence: junk", "news@acme.example", "news", "list"),
        ("Precedence: list", "news@acme.example", "news", "list"),
        ("List-Unsubscribe: <https://x.example>", "news@acme.example", "news", "list"),
        ("List-Post: <mailto:l@x.example>", "news@acme.example", "news", "list"),
        ("Feedback-ID: 1:2:3:x", "news@acme.example", "news", "list"),
        ("", "li@acme.example", "Undeliverable: help", "human"),
        ("Return-Path: <>", "li@acme.example", "退信通知", "bounce"),
        ("X-Failed-Recipients: a@b.example", "li@acme.example", "x", "bounce"),
        ("Content-Type: multipart/report; report-type=disposition-notification", "a@b.c", "Read", "report"),
        ("Content-Type: multipart/report; report-type=delivery-status", "a@b.c", "x", "bounce"),
        ("Content-Type: multipart/report; report-type=feedback-report", "a@b.c", "x", "report"),
    ],
)
def test_a_person_is_told_from_a_machine(headers: str, sender: str, subject: str, is_: str) -> None:
    assert nature_of(message_from_string(f"{headers}\n\nx"), sender, subject) == is_


RECIPIENT = "Recipient: rfc822; "
FINAL = f"Final-{RECIPIENT}"


def report(fields: str) -> str:
    return (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
        f"{fields}\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <ours@hub>\n\n--b--\n"
    )


@pytest.mark.parametrize(
    ("fields", "recipient", "action", "permanent"),
    [
        (f"{FINAL}A@x.example\nAction: failed\nStatus: 5.1.1", "a@x.example", "failed", True),
        (f"{FINAL}a@x.example\nAction: failure", "a@x.example", "failed", True),
        (f"{FINAL}a@x.example\nAction: delayed\nStatus: 4.4.1", "a@x.example", "delayed", False),
        (
            f"Original-{RECIPIENT}a@x.example\n{FINAL}b@in.x.example\nAction: failed",
            "a@x.example", "failed", True,
        ),
    ],
)  # fmt: skip
def test_a_report_names_whom_it_did_not_reach(
    fields: str, recipient: str, action: str, permanent: bool
) -> None:
    found = bounce_of(message_from_string(report(fields)), "")
    assert (found.recipient, found.action, found.is_permanent) == (recipient, action, permanent)
    assert found.message_id == "<ours@hub>"


@pytest.mark.parametrize(
    ("fields", "recipient"),
    [
        ("Feedback-Type: abuse\nOriginal-Rcpt-To: <A@x.example>", "a@x.example"),
        ("Feedback-Type: abuse\nOriginal-Rcpt-To: redacted", ""),
        ("Feedback-Type: abuse", ""),
        ("", ""),
    ],
)
def test_an_abuse_report_names_whose_reader_complains(fields: str, recipient: str) -> None:
    text = (
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        f"--b\nContent-Type: message/feedback-report\n\n{fields}\n\n"
        "--b\nContent-Type: message/rfc822\n\nMessage-ID: <ours@hub>\n\nours\n--b--\n"
    )
    found = complaint_of(message_from_string(text))
    assert found is not None
    assert (found.recipient, found.action, found.message_id) == (recipient, "complained", "<ours@hub>")
    assert not found.is_permanent
    assert complaint_of(message_from_string(report("Action: failed"))) is None


def test_a_report_in_words_is_read_as_far_as_it_goes() -> None:
    words = "Write to postmaster@x.example.\n\n<gone@y.example>: 550 5.1.1 no such user\n"
    found = bounce_of(message_from_string("\n"), words)
    assert (found.recipient, found.status) == ("gone@y.example", "5.1.1")
    assert bounce_of(message_from_string("\n"), "nothing").recipient == ""
