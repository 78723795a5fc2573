"""Large encoded parts are laid aside before a mail is parsed: what comes out is the same."""

from __future__ import annotations

import base64
import re
from email import message_from_bytes
from email.feedparser import BytesFeedParser
from email.message import Message

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from hub.plugins.email import lumps
from hub.plugins.email.lumps import Lumps
from hub.plugins.email.reading import draft_of
from hub.sdk import IncomingFile

HEAD = b"From: li@acme.example\r\nMessage-ID: <1@acme.example>\r\nSubject: file\r\nMIME-Version: 1.0\r\n"
BYTES = bytes(range(256)) * 4000


def mail(encoded: bytes, how: bytes = b"base64") -> bytes:
    """A mail with words and one file."""
    begins = (
        "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain", "", "see", "--b",
        "Content-Type: application/zip; name=big.zip", f"Content-Transfer-Encoding: {how.decode()}", "", "",
    )  # fmt: skip
    return HEAD + "\r\n".join(begins).encode() + encoded + b"\r\n--b--\r\n"


def file_of(raw: bytes) -> IncomingFile:
    """The one file of a mail."""
    (file,) = draft_of(raw, "1", "1").files
    return file


def lines(data: bytes, end: bytes = b"\r\n") -> bytes:
    """Base64 as mail programs write it."""
    return base64.encodebytes(data).replace(b"\n", end).removesuffix(end)


def test_a_large_file_is_aside_while_the_mail_is_parsed() -> None:
    raw = mail(lines(BYTES))
    assert sum(map(len, Lumps(raw).visible())) < 1000
    assert sum(map(len, Lumps(mail(lines(b"small"))).visible())) == len(mail(lines(b"small")))


@pytest.mark.parametrize("data", [BYTES, BYTES[:-1], BYTES[:-2], BYTES + b"xyz"], ids=["0", "1", "2", "3"])
@pytest.mark.parametrize("end", [b"\r\n", b"\n"], ids=["crlf", "lf"])
def test_a_large_file_comes_out_as_it_went_in(data: bytes, end: bytes) -> None:
    assert file_of(mail(lines(data, end))).data == data


def test_a_file_on_one_line_and_one_with_words_behind_it_come_out_too() -> None:
    assert file_of(mail(base64.b64encode(BYTES))).data == BYTES
    assert file_of(mail(lines(BYTES[:-2]) + b"\r\n\r\nscanned by a gateway\r\n")).data == BYTES[:-2]


def test_what_only_looks_like_base64_stays_as_it_is() -> None:
    encoded = lines(BYTES)
    assert file_of(mail(encoded, b"7bit")).data == encoded
    soft = b"=\r\n".join([b"A" * 75] * 5000)
    assert file_of(mail(soft, b"quoted-printable")).data == b"A" * 375_000
    assert file_of(mail(lines(BYTES), b"quoted-printable")).data.startswith(encoded[:10_000])


def test_a_forwarded_mail_keeps_its_large_file() -> None:
    inner = mail(lines(BYTES))
    outer = (
        HEAD + b"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n"
    )
    forwarded = file_of(outer + inner + b"\r\n--o--\r\n")
    assert file_of(forwarded.data).data == BYTES


def test_a_mark_in_a_mail_cannot_be_forged() -> None:
    raw = mail(lines(BYTES))
    mark = b"".join(Lumps(raw).visible()).splitlines()[-2]
    assert draft_of(raw.replace(b"see", mark), "1", "1").body == mark.decode()


def undecoded(raw: bytes) -> list[str]:
    """Every part as it was sent."""
    return [str(part.get_payload()) for part in message_from_bytes(raw).walk() if not part.is_multipart()]


def payloads(message: Message) -> list[bytes | None]:
    """What the library itself makes of every part."""
    return [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]  # type: ignore[misc]


letters = st.text("AZaz09+/", min_size=40, max_size=160)
marks = ["", "--b", "--b--", "x y", "é", "\r", "\r--b", "\rA", "Subject: x"]
pieces = st.one_of(letters, st.sampled_from(marks))


@settings(max_examples=150)
@example(["--b", "\r", "0" * 70], b"base64")
@given(st.lists(pieces, min_size=1, max_size=40), st.sampled_from([b"base64", b"7bit", b"8bit", b"BASE64"]))
def test_every_part_is_what_the_library_makes_of_it(found: list[str], how: bytes) -> None:
    raw = mail("\r\n".join(found).encode(), how)
    # Where a letter is too many the library gives the letters: here the rest is decoded all the same.
    assume(all(len(re.findall(r"[A-Za-z0-9+/]", text)) % 4 != 1 for text in undecoded(raw)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lumps, "LEAST", 60)
        patch.setattr(lumps, "PIECE", 33)
        patch.setattr(lumps, "_RUN", re.compile(rb"[A-Za-z0-9+/\r\n]{60,}+"))
        aside = Lumps(raw)
        parser = BytesFeedParser()
        for piece in aside.visible():
            parser.feed(piece)
        parts = [part for part in parser.close().walk() if not part.is_multipart()]
        assert [aside.payload(part) for part in parts] == payloads(message_from_bytes(raw))
