"""Markdown on its way to a tracker and back: our mark, and what must not call anybody or link anything.

``@name`` in a mirrored text would notify strangers, ``#12`` and ``owner/repo#1`` would link or close. A
zero-width joiner behind the sign stops that; it is taken out again on the way back. Whatever already holds
one gets one more, so that ``inward(outward(text))`` is the text for every text.

Code and addresses are left as they are, since an invisible character would break them where they are copied.
Where it is not certain that the tracker sees code, too (after raw HTML or a stray backtick), the text is
escaped.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid

JOINER = "\u200d"

_MARK = re.compile(r"<!-- hub:v1 id=([0-9A-Za-z-]{1,64}) -->\n?")
_LIKE_A_MARK = re.compile(rf"<!--(?={JOINER}* hub:v1)")
_LIKE_A_MARK_ESCAPED = re.compile(rf"<!--{JOINER}(?={JOINER}* hub:v1)")

# Signs may be written as character references, too; "a@b" is an address, not a mention.
MENTION = r"(?<![A-Za-z0-9])(?:@|&\#0*64;|&\#[xX]0*40;|&commat;)(?=\u200d*[A-Za-z0-9&])"
NUMBER = r"(?:\#(?!(?<=&\#)[0-9]{1,7};)|&\#0*35;|&\#[xX]0*23;|&num;)(?=\u200d*[0-9&])"

_ADDRESS = (
    r"(?<![^\s(\[<])https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::\d+)?"
    r"(?:[/?\#][A-Za-z0-9\-._~:/?\#@!$&+,;=%]*)?"
)
_FENCE = (
    r"(?:(?<=\n\n)|\A)(?P<fence>`{3,}|~{3,})[^`\n]*\n"
    r"(?:(?!\ {0,3}(?P=fence)[`~]*[\ \t]*(?:\n|\Z)).*\n)*?"
    r"\ {0,3}(?P=fence)[`~]*[\ \t]*(?=\n|\Z)"
)
_CODE = r"(?<![`\\])(?P<tick>`+)(?!`)[^`\n|<]*[^`\n|<\\](?P=tick)(?!`)"


class Escaping:
    """What one tracker makes of texts: ``signs`` are expressions for what calls or links there."""

    def __init__(self, *signs: str) -> None:
        """``MENTION`` and ``NUMBER`` are signs everywhere; each is written for ``re.VERBOSE``."""
        sign = "|".join(signs)
        self._token = re.compile(
            rf"(?P<skip>{_FENCE}|{_CODE}|{_ADDRESS})|(?P<doubt>[`<])|(?P<sign>{sign})",
            re.VERBOSE | re.MULTILINE,
        )
        self._only_signs = re.compile(rf"(?P<skip>{_ADDRESS})|(?P<sign>{sign})", re.VERBOSE)

    def outward(self, text: str) -> str:
        """The text as it may stand there."""
        text = _LIKE_A_MARK.sub(f"<!--{JOINER}", _lines(text))
        return "".join(piece + (JOINER if sign else "") for piece, sign in self._pieces(text))

    def inward(self, text: str) -> str:
        """The text as people here see it: without marks and joiners of ours, line ends as LF."""
        text = _MARK.sub("", _lines(text))
        plain = []
        after_sign = False
        for piece, sign in self._pieces(text):
            plain.append(piece.removeprefix(JOINER) if after_sign else piece)
            after_sign = sign
        return _LIKE_A_MARK_ESCAPED.sub("<!--", "".join(plain))

    def marked(self, text: str, mark: str) -> str:
        """The text with the mark in front: an HTML comment that is not shown.

        In front, because behind an unfinished code block it would be shown, and people write on at the end.
        """
        return f"<!-- hub:v1 id={mark} -->\n{self.outward(text)}"

    def _pieces(self, text: str) -> list[tuple[str, bool]]:
        """The text in pieces; True where a piece ends with a sign that calls or links."""
        pieces: list[tuple[str, bool]] = []
        token, at, start = self._token, 0, 0
        while found := token.search(text, at):
            at = found.end()
            if found["sign"]:
                pieces.append((text[start:at], True))
                start = at
            elif not found["skip"]:
                token = self._only_signs
                at = found.start()
        pieces.append((text[start:], False))
        return pieces


def mark_in(text: str) -> str | None:
    """The mark a text carries."""
    found = _MARK.search(_lines(text))
    return found[1] if found else None


def mark_made_at(mark: str) -> dt.datetime | None:
    """When a mark was made, where it tells (UUIDv7, RFC 9562): nothing that carries it is older."""
    try:
        found = uuid.UUID(mark)
    except ValueError:
        return None
    return dt.datetime.fromtimestamp((found.int >> 80) / 1000, dt.UTC) if found.version == 7 else None


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
