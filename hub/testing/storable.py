"""Texts that no database stores: JSON can spell them, so whoever reads a body may be handed one."""

from __future__ import annotations

import json
from collections.abc import Iterator


def spoilt(body: bytes) -> Iterator[bytes]:
    """The same message with such characters in each of its texts."""
    try:
        message = json.loads(body)
    except ValueError:
        return
    for name, value in message.items() if isinstance(message, dict) else ():
        if isinstance(value, str):
            for odd in ("\0", "\ud800"):
                yield json.dumps({**message, name: f"{value}{odd}x"}).encode()


def storable(text: str) -> bool:
    """Whether a database takes the text: no zero byte, no half of a surrogate pair."""
    return "\0" not in text and text == text.encode("utf-8", "replace").decode()
