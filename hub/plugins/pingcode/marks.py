"""Our marks in PingCode: in a property, at the end of a title, or as the last line of a comment."""

from __future__ import annotations

import re

IN_TITLE = re.compile(r"\s*\[hub:[0-9a-f]{12}\]")
IN_COMMENT = re.compile(r"\s*\[hub:([0-9a-zA-Z-]{8,40})\]")
MOST_TITLE = 255  # documented for ideas


def sign(mark: str) -> str:
    """The short form of a mark for a title: the last 48 of its random bits."""
    return f"[hub:{mark.replace('-', '')[-12:].lower().rjust(12, '0')}]"


def signed(title: str, mark: str) -> str:
    """A title that ends with the sign of a mark; a long one is cut so that the sign is not."""
    return _ending(title, sign(mark))


def kept(title: str, before: str) -> str:
    """A new title with the sign that the title had before."""
    found = IN_TITLE.search(before)
    return _ending(title, found[0].strip()) if found else title


def _ending(title: str, end: str) -> str:
    return f"{title[: MOST_TITLE - len(end) - 1].rstrip()} {end}"


def bare(title: str) -> str:
    """The title without a sign."""
    return IN_TITLE.sub("", title)


def comment_line(mark: str) -> str:
    """The last line of a comment of ours."""
    return f"\n\n[hub:{mark}]"


def of_comment(text: str) -> tuple[str, str | None]:
    """A comment's text without our line, and the mark in it."""
    found = IN_COMMENT.search(text)
    return (IN_COMMENT.sub("", text).strip("\n"), found[1]) if found else (text, None)
