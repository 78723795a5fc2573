"""What nobody can read as words is kept as a file, and the mail says so."""

from __future__ import annotations

import pytest

from hub.plugins.email.parts import ENCRYPTED, INVITATION, SEALED
from hub.plugins.email.reading import draft_of
from hub.sdk import Text


@pytest.mark.parametrize(
    ("kind", "name", "media", "note"),
    [
        ("text/calendar; method=REQUEST", "text-1.ics", "text/calendar", INVITATION),
        ("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", "smime.p7m",
         "application/pkcs7-mime", ENCRYPTED),
        ("application/x-pkcs7-mime; name=smime.p7m", "smime.p7m", "application/x-pkcs7-mime", ENCRYPTED),
        ("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", "smime.p7m",
         "application/pkcs7-mime", SEALED),
        ("application/ms-tnef; name=winmail.dat", "winmail.dat", "application/ms-tnef", None),
        ("image/png", "image-1", "image/png", None),
    ],
    ids=["invitation", "smime", "old-smime", "signed", "tnef", "inline-image"],
)  # fmt: skip
def test_what_is_no_text_is_kept_as_a_file(kind: str, name: str, media: str, note: Text | None) -> None:
    raw = f"From: li@acme.example\r\nContent-Type: {kind}\r\nContent-ID: <a>\r\n\r\nbytes"
    draft = draft_of(raw.encode(), "1", "1")
    (file,) = draft.files
    assert (file.name, file.media_type, file.data) == (name, media, b"bytes")
    assert draft.message is not None
    assert draft.message.notes == ((note,) if note else ())


def test_an_invitation_beside_its_words_is_said_once() -> None:
    part = "--b\r\nContent-Type: text/{}\r\n\r\n{}\r\n"
    parts = [("plain", "come"), ("html", "<b>come</b>"), ("calendar", "BEGIN:VCALENDAR")]
    body = "".join(part.format(*one) for one in parts)
    raw = f"From: li@acme.example\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n{body}--b--\r\n"
    draft = draft_of(raw.encode(), "1", "1")
    assert (draft.body, [file.media_type for file in draft.files]) == ("come", ["text/calendar"])
    assert draft.message is not None
    assert draft.message.notes == (INVITATION,)
