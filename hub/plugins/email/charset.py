"""Bytes to text where labels lie: what decodes without loss is decoded, whatever it is called."""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from itertools import groupby

# What senders call it, and what it is: Outlook says gb2312 and sends GB18030.
_MEANT = {
    "gb2312": "gb18030", "gb_2312-80": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030",
    "euc-cn": "gb18030", "chinese": "gb18030", "big5": "big5hkscs", "x-big5": "big5hkscs",
    "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "utf-8", "ascii": "utf-8", "utf8": "utf-8",
    "x-sjis": "cp932", "shift_jis": "cp932", "ks_c_5601-1987": "cp949", "euc-kr": "cp949",
    "iso-2022-jp": "iso2022_jp_2",
}  # fmt: skip
# Labels that claim nothing.
_UNSAID = frozenset({"", "unknown-8bit", "x-unknown", "default"})
_CHINESE = ("gb18030", "big5hkscs")
# Names that people know, where the codec's own is another one.
_SHOWN = {
    "utf-8": "UTF-8", "gb18030": "GB18030", "big5hkscs": "Big5", "cp1252": "Windows-1252",
    "cp932": "Shift_JIS", "cp949": "EUC-KR",
}  # fmt: skip
# What a label said, and what the bytes were.
Misnamed = dict[str, str]
_SINGLE = re.compile(r"(?i)^(cp12|windows-12|iso-?8859|iso8859|koi8|mac|latin|cp437|cp850)")
_STATEFUL = re.compile(r"(?i)^(iso-?2022|hz|utf-?7|utf-?16|utf-?32)")
_HIGH = re.compile(rb"[\x80-\xff]+")
_PUNCTUATION = (0xA1, 0xA2, 0xA3)
# RFC 2047, leniently: blanks inside, and the language of RFC 2231. No word holds the beginning of another:
# so a header full of beginnings is read in one go. Possessive repeats would say it, too, and find nothing
# under Python 3.11.2, which Debian 12 has.
_WORD = re.compile(r"=\?([^?*\s]{1,100})(?:\*[^?]{0,100})?\?([bBqQ])\?((?:[^?=]|=(?!\?(?!=))|\?(?!=))*)\?=")


def decode(data: bytes, label: str | None = None, wrong: Misnamed | None = None) -> str:
    """The text of these bytes; a replacement character only where no reading is without loss.

    Where the label was wrong, it and the name of what the bytes really were are added to ``wrong``.
    """
    said = (label or "").strip().strip("\"'").lower()
    named = _codec(said)
    text, codec = _read(data, named)
    if wrong is not None and codec is not None and codec != named and said not in _UNSAID:
        wrong["".join(filter(str.isprintable, clean(said)))[:40]] = _SHOWN.get(codec, codec)
    return text


def header(value: object, wrong: Misnamed | None = None) -> str:
    """A header's text: encoded words, raw bytes, or both; on one line. ``wrong`` as for ``decode``."""
    raw = str(value).encode("utf-8", "surrogateescape").decode("latin-1")
    pieces: list[tuple[str, bytes]] = []  # (charset, bytes): neighbours of one charset may share a character
    end = 0
    for word in _WORD.finditer(raw):
        between = raw[end : word.start()]
        if between.strip() or not pieces:
            pieces.append(("", between.encode("latin-1")))
        pieces.append((word[1].lower(), _unpacked(word[2], word[3])))
        end = word.end()
    pieces.append(("", raw[end:].encode("latin-1")))
    joined = [
        (charset, b"".join(piece for _, piece in group))
        for charset, group in groupby(pieces, key=lambda piece: piece[0])
    ]
    text = "".join(decode(data, charset or None, wrong) for charset, data in joined)
    return clean(" ".join(text.split()))


def _read(data: bytes, named: str | None) -> tuple[str, str | None]:
    """The text and the codec that read it; None where any would have."""
    if named and _STATEFUL.match(named):
        text = _strictly(data, named)
        if text is not None:
            return text, named
    if data.isascii():
        return data.decode("ascii"), None
    as_utf8 = _strictly(data, "utf-8")
    if as_utf8 is not None and (named in (None, "utf-8") or any(letter >= "\u0800" for letter in as_utf8)):
        return as_utf8, "utf-8"
    if named and not _SINGLE.match(named) and (text := _strictly(data, named)) is not None:
        return _likelier(data, named, text) if named in _CHINESE else (text, named)
    if as_utf8 is not None:
        return as_utf8, "utf-8"
    if (guessed := _guess(data)) is not None:
        return guessed
    if named and (text := _strictly(data, named)) is not None:
        return text, named
    if (named and _SINGLE.match(named)) or not _pairs(data):
        return _strictly(data, "cp1252") or data.decode("latin-1"), "cp1252"
    for codec in (*_CHINESE, "cp932", "cp949"):
        if (text := _strictly(data, codec)) is not None:
            return text, codec
    # Damaged: what is lost least.
    readings = [
        (data.decode(codec, "replace"), codec)
        for codec in dict.fromkeys((named or "utf-8", "utf-8", "gb18030"))
    ]
    return min(readings, key=lambda reading: reading[0].count("\ufffd"))


def clean(text: str) -> str:
    """A text without NUL, lone surrogates and byte order marks: what a database takes."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8").replace("\ufeff", "")
    return text.replace("\0", "")


def _unpacked(how: str, text: str) -> bytes:
    if how in "qQ":
        return binascii.a2b_qp(text.replace("_", " ").encode("latin-1"), header=False)
    packed = re.sub(r"[^A-Za-z0-9+/]", "", text)
    with_end = packed[: len(packed) - 1] if len(packed) % 4 == 1 else packed
    return base64.b64decode(with_end + "=" * (-len(with_end) % 4))


def _codec(said: str) -> str | None:
    """What a label means, by the codec's own name; None for one that means nothing here."""
    try:
        codec = codecs.lookup(_MEANT.get(said, said))
    except (LookupError, ValueError):
        return None
    return codec.name if codec._is_text_encoding else None


def _strictly(data: bytes, codec: str) -> str | None:
    """The text, or None; a character cut off at the very end is left out."""
    try:
        decoder = codecs.getincrementaldecoder(codec)("strict")
        text = decoder.decode(data, final=False)
        # Only where there is a whole one to tell that this is the right table.
        return text if not decoder.getstate()[0] or not text.isascii() else None
    except (UnicodeError, LookupError):
        return None


def _pairs(data: bytes) -> bool:
    """Whether high bytes stand together, as they do in Chinese and not in Western text."""
    runs = [len(run) for run in _HIGH.findall(data)]
    return bool(runs) and sum(runs) / len(runs) >= 1.5


def _share(data: bytes, codec: str) -> float:
    """The share of a Chinese text's characters that stand in the everyday part of its table."""
    text = _strictly(data, codec)
    if text is None:
        return 0.0
    usual = total = 0
    for letter in text:
        if letter < "\u0080":
            continue
        total += 1
        packed = letter.encode(codec, "replace")
        if codec == "gb18030":
            # Punctuation and the 3,755 characters of level 1.
            usual += (
                len(packed) == 2
                and packed[1] >= 0xA1
                and (packed[0] in _PUNCTUATION or 0xB0 <= packed[0] <= 0xD7)
            )
        else:
            usual += len(packed) == 2 and (packed[0] in _PUNCTUATION or 0xA4 <= packed[0] <= 0xC6)
    return usual / total if total else 0.0


def _guess(data: bytes) -> tuple[str, str] | None:
    """Chinese that nobody declared, or somebody declared to be Western."""
    if not _pairs(data):
        return None
    best = max(_CHINESE, key=lambda codec: _share(data, codec))
    text = _strictly(data, best) if _share(data, best) > 0.7 else None
    return (text, best) if text is not None else None


def _likelier(data: bytes, named: str, text: str) -> tuple[str, str]:
    """Each Chinese table reads most of the other's bytes: the label counts unless it makes no sense."""
    (other,) = (codec for codec in _CHINESE if codec != named)
    if _share(data, named) < 0.7 and _share(data, other) > 0.9:
        read = _strictly(data, other)
        return (read, other) if read else (text, named)
    return text, named
