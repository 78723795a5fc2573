"""Headers of a mail, with the worst that people can write into them."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.plugins.email.letter import mail
from hub.sdk import OutgoingFile, OutgoingMessage, Refused

NOW = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
KNOWN = {
    "from", "to", "subject", "date", "message-id", "in-reply-to", "references", "reply-to", "auto-submitted",
    "x-auto-response-suppress", "list-id", "x-hub-loop", "x-hub-item", "list-unsubscribe",
    "list-unsubscribe-post", "mime-version", "content-type", "content-transfer-encoding",
}  # fmt: skip
words = st.text(max_size=200) | st.sampled_from(
    [
        "a\r\nBcc: eve@evil.example",
        "a\nBcc: eve@evil.example\n\nbody",
        "a\rBcc: e@e",
        "a\x0bBcc: e@e",
        "a\u2028Bcc: e",
    ]
)


@given(
    subject=words, name=words, ours=words, text=words, file=words, parent=words, loop=words, unsubscribe=words
)
def test_nothing_anybody_writes_makes_a_header(
    subject: str, name: str, ours: str, text: str, file: str, parent: str, loop: str, unsubscribe: str
) -> None:
    made = mail(
        OutgoingMessage(
            id="<a@b>", at=NOW, to="li@acme.example", to_name=name, subject=subject, text=_storable(text),
            html=f"<p>{_storable(text)}</p>", parent=parent, references=(parent, "<x@y>"), loop=loop,
            unsubscribe=unsubscribe, about=subject, files=(OutgoingFile(file, "text/plain", b"x"),),
        ),
        "support@example.org", ours, "support+t@example.org",
    )  # fmt: skip
    raw = made.as_bytes()
    read = message_from_bytes(raw, policy=policy.default)
    assert {key.lower() for key in read} <= KNOWN
    assert [key.lower() for key in read].count("subject") == 1
    assert read["to"].addresses[0].addr_spec == "li@acme.example"
    assert [part.get_content_type() for part in read.walk() if not part.is_multipart()] == [
        "text/plain", "text/html", "text/plain",
    ]  # fmt: skip
    assert raw.isascii()


def _storable(text: str) -> str:
    """What a database can hold: no zero byte, no half of a pair."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def test_what_is_no_message_id_is_not_sent() -> None:
    with pytest.raises(Refused):
        mail(OutgoingMessage("a\r\nBcc: x", NOW, "a@b.example", "s", "t"), "s@x.example", "", "")


def test_a_domain_of_other_letters_is_written_in_ascii() -> None:
    made = mail(OutgoingMessage("<a@b>", NOW, "li@例子.example", "s", "t"), "s@x.example", "", "")
    assert made["To"] == "li@xn--fsqu00a.example"
