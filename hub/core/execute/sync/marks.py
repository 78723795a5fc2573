"""Marks by which we find our own things again, and the name of the writer on a copied comment."""

from __future__ import annotations

from hub.core.database import new_uuid


def new_mark() -> str:
    """A fresh mark; it leaves the hub inside the far item or comment."""
    return new_uuid()


def with_name(author: str, text: str) -> str:
    """The comment as it stands there: written by one account, so it says who spoke."""
    return f"**{author}**\n\n{text}" if author else text


def without_name(author: str, text: str) -> str:
    """The comment's own text, when it comes back edited."""
    return text.removeprefix(f"**{author}**").lstrip("\r\n") if author else text
