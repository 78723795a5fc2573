"""Large encoded files of a mail, laid aside before it is parsed.

The parser keeps every line as a string, and decoding makes lines of it once more: a file of 18 MB
took 200 MB. It is given a mark in the place of such a run, and the run is decoded from the raw mail.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator
from email.message import Message
from io import BytesIO

# So many bytes make a run that is worth the trouble, and so many are worked on at a time.
LEAST, PIECE = 256 * 1024, 1024 * 1024
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
# Without the padding: so no quoted-printable text is such a run.
_RUN = re.compile(rb"[A-Za-z0-9+/\r\n]{%d,}+" % LEAST)
# A run may begin in the last line of the headers; the blank line behind them is theirs. To the parser
# a carriage return alone ends a line too.
_BEGINS = re.compile(rb"[\r\n]+")
_JUNK = bytes(set(range(256)) - set(_ALPHABET) - {ord("=")})


class Lumps:
    """One mail: what the parser sees of it, and what lies aside."""

    def __init__(self, raw: bytes) -> None:
        """``raw`` is the mail as it came; it is looked into, never copied."""
        self._raw = memoryview(raw)
        self._spans = [span for run in _RUN.finditer(raw) if (span := _lines_of(raw, run))]
        # No mail can hold its own digest: nobody can forge a mark.
        mark = hashlib.sha256(raw).hexdigest() if self._spans else ""
        self._mark = mark.encode()
        self._place = re.compile(rb"%s-(\d+)" % self._mark)

    def visible(self) -> Iterator[bytes]:
        """The mail for the parser, piece by piece, with marks where runs were."""
        begin = 0
        for number, (start, end) in enumerate(self._spans):
            yield from self._pieces(begin, start)
            yield b"%s-%d" % (self._mark, number)
            begin = end
        yield from self._pieces(begin, len(self._raw))

    def payload(self, part: Message) -> bytes:
        """The decoded bytes of a part that is none of many."""
        if not self._spans or not self._has_mark(part):
            data = part.get_payload(decode=True)
            return data if isinstance(data, bytes) else b""
        if str(part.get("Content-Transfer-Encoding", "")).lower() == "base64":
            return _unpacked(self._filled(str(part.get_payload()).encode("ascii", "replace")))
        data = part.get_payload(decode=True)
        return self.restored(data if isinstance(data, bytes) else b"")

    def restored(self, data: bytes) -> bytes:
        """These bytes with the runs back in their places."""
        return b"".join(self._filled(data)) if self._spans else data

    def _has_mark(self, part: Message) -> bool:
        payload = part.get_payload()
        return isinstance(payload, str) and self._mark.decode() in payload

    def _filled(self, data: bytes) -> Iterator[bytes]:
        begin = 0
        for place in self._place.finditer(data):
            yield data[begin : place.start()]
            yield from self._pieces(*self._spans[int(place[1])])
            begin = place.end()
        yield data[begin:]

    def _pieces(self, start: int, end: int) -> Iterator[bytes]:
        for at in range(start, end, PIECE):
            yield bytes(self._raw[at : min(at + PIECE, end)])


def _lines_of(raw: bytes, run: re.Match[bytes]) -> tuple[int, int] | None:
    """Where the whole lines of a run lie, without the line ends around: they are the parser's to judge."""
    begins = _BEGINS.search(raw, run.start(), run.end())
    if begins is None:
        return None
    start = begins.end()
    end = max(raw.rfind(b"\n", start, run.end()), raw.rfind(b"\r", start, run.end()))
    if end < 0:
        end = run.end()
    while raw[end - 1] in b"\r\n":
        end -= 1
    return (start, end) if end - start >= LEAST else None


def _unpacked(pieces: Iterator[bytes]) -> bytes:
    """Base64 to bytes as the library reads it: what is no letter of it is skipped, padding ends it."""
    out, rest = BytesIO(), b""
    for piece in pieces:
        letters, padding, _ = (rest + piece.translate(None, _JUNK)).partition(b"=")
        whole = len(letters) - len(letters) % 4
        out.write(binascii.a2b_base64(letters[:whole]))
        rest = letters[whole:]
        if padding:
            break
    if len(rest) > 1:
        out.write(binascii.a2b_base64(rest + b"=="[: 4 - len(rest)]))
    return out.getvalue()
