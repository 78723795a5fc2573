"""Facts of a mail: whatever stands in its headers, it is read; what is the same mail has the same id."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.plugins.email.reading import draft_of
from hub.sdk import IncomingMessage

TOKEN = "support+r-sr-12-7-abcdefghijklmnop@example.org"


def read(*headers: str, body: str = "words", head: str = "From: Li Hua <li@acme.example>") -> IncomingMessage:
    """The message of a mail with these headers."""
    raw = "\r\n".join((head, *headers, "", body)).encode("utf-8", "surrogateescape")
    found = draft_of(raw, "1", "1").message
    assert found is not None
    return found


@pytest.mark.parametrize(
    "name", ["To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To"]
)
def test_an_address_is_looked_for_wherever_servers_write_it(name: str) -> None:
    assert TOKEN in read(f"{name}: {TOKEN}").recipients


def test_of_ten_thousand_recipients_the_last_one_still_leads_home() -> None:
    many = ",\r\n ".join(f"person{number}@customer.example" for number in range(10_000))
    found = read(f"To: {many},\r\n {TOKEN}").recipients
    assert (found[0], len(found)) == (TOKEN, 200)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("All", True), ("OOF, AutoReply", True), ("dr,oof", True), ("DR; RN", True),
        ("OOF", False), ("None", False), ("", False), ("Allways", False),
    ],
)  # fmt: skip
def test_who_asks_for_no_answers_is_heard(said: str, wanted: bool) -> None:
    found = read(f"X-Auto-Response-Suppress: {said}")
    assert (found.nature, found.wants_no_answer) == ("human", wanted)


def test_a_mail_without_an_id_is_the_same_in_every_mailbox() -> None:
    given = ("Date: Sat, 21 Nov 2026 08:00:00 +0800", "Subject: help")
    here = read("Received: from a", "Delivered-To: support@example.org", *given).message_id
    assert here == read("Delivered-To: sales@example.org", *given).message_id
    others = [
        read("Date: Sat, 21 Nov 2026 08:00:01 +0800", "Subject: help"),
        read(given[0], "Subject: help!"),
        read(*given, body="other words"),
        read(*given, head="From: Mei <mei@acme.example>"),
    ]
    assert len({here, *(other.message_id for other in others)}) == 5


def test_without_a_date_nothing_tells_two_mails_apart_but_all_of_them() -> None:
    # A monitor that says the same each day: its mails differ by what servers wrote on top.
    first, second = (read(f"Received: {day}", "Subject: disk full").message_id for day in ("one", "two"))
    assert first != second
    assert first == read("Received: one", "Subject: disk full").message_id


# What takes the library or us time by its square, or makes it fail.
HOSTILE = {
    "comments within comments": ("Subject: x", "From: " + "(" * 5000),
    "beginnings of words": ("References: " + "=?a?b?x " * 100_000,),
    "a subject of beginnings": ("Subject: " + "=?utf-8*en?q?x " * 50_000,),
    "a type without end": ('Content-Type: text/plain; x="' + ";" * 200_000,),
    "a number of 5,000 digits": (f"Content-Type: multipart/mixed; boundary*{'9' * 5000}=x",),
    "a report with such a number": (f"Content-Type: multipart/report; report-type*{'9' * 5000}=x",),
    "a file with such a number": (f"Content-Disposition: attachment; filename*{'9' * 5000}=x",),
    "a date of digits": ("Date: " + "9" * 5000,),
    "a verdict without end": ("Authentication-Results: " + "mx;" * 100_000,),
}


@pytest.mark.parametrize("headers", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_header_holds_up_or_breaks_the_reading(headers: tuple[str, ...]) -> None:
    raw = "\r\n".join((*headers, "Message-ID: <1@acme.example>", "", "the words")).encode()
    draft = draft_of(raw, "1", "1", "mx.example.org")
    assert draft.message is not None
    assert draft.message.message_id == "<1@acme.example>"
    # All of it is there: as words, or as the mail itself.
    assert "the words" in draft.body or any(b"the words" in file.data for file in draft.files)


NAMES = ("From", "To", "Subject", "Date", "References", "Content-Type", "Content-Disposition", "Return-Path")
PIECES = st.sampled_from([
    "=?", "?=", "=?gb2312?B?", "(", ")", "<", ">", '"', "\\", ";", ",", "@", "multipart/", "report", "mixed",
    "; boundary=", "; charset=", "; filename*0*=", "*1=", "''", "li@acme.example", "\r\n ", "\udcff", "\0",
    "99999", "Mon, ", "1 Jan ", "+9999",
])  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.lists(PIECES, max_size=12)), max_size=6))
def test_no_mail_is_beyond_reading(headers: list[tuple[str, list[str]]]) -> None:
    assert read(*(f"{name}: {''.join(pieces)}" for name, pieces in headers)).message_id
