"""Texts on their way to Redmine and back, in either of its formats, with our mark in them."""

from __future__ import annotations

import re

from hub.sdk import MENTION, NUMBER, Escaping, mark_in

ESCAPING = Escaping(MENTION, NUMBER)
# Textile shows comments of HTML: there our mark is a last line.
_LINE = re.compile(r"(?:\n\n|\A)\[hub:([0-9A-Za-z-]{8,64})\]\s*\Z")


class Texts:
    """One server's texts."""

    def __init__(self, text_format: str) -> None:
        """``text_format`` is ``common_mark`` or ``textile``."""
        self._shown = text_format == "textile"

    def outward(self, text: str, mark: str | None) -> str:
        """A text as it may stand there, with its mark."""
        if mark is None:
            return ESCAPING.outward(text)
        if self._shown:
            return f"{ESCAPING.outward(text)}\n\n[hub:{mark}]"
        return ESCAPING.marked(text, mark)


def inward(text: str) -> str:
    """The text as people here see it, whichever format the server had when it was written."""
    return ESCAPING.inward(_LINE.sub("", _lines(text)))


def mark_of(text: str) -> str | None:
    """The mark a text carries."""
    line = _LINE.search(_lines(text))
    return line[1] if line else mark_in(text)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")
