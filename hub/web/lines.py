"""Pairs written one a line as ``name: value``: how maps are shown and typed in forms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hub.core.values import Refusal

_COMMA = re.compile(r"[,，、;；]")


def written(pairs: Mapping[Any, Any]) -> str:
    """A map as lines; a list becomes words parted by commas."""
    return "\n".join(f"{key}: {_joined(value)}" for key, value in pairs.items())


def _joined(value: Any) -> str:
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    return ", ".join(map(str, value)) if listed else str(value)


def read(text: str | None, field: str) -> dict[str, str]:
    """The pairs of such lines, whichever colon was typed; refuses a line without one."""
    pairs: dict[str, str] = {}
    for line in filter(str.strip, (text or "").splitlines()):
        key, colon, value = line.replace("：", ":", 1).partition(":")
        if not colon or not key.strip() or not value.strip():
            raise Refusal("not_readable_lines", field=field, line=line.strip()[:80])
        pairs[key.strip()] = value.strip()
    return pairs


def words(text: str | None) -> list[str]:
    """The words between commas, whichever comma was typed, or line ends."""
    return [word.strip() for word in _COMMA.sub("\n", text or "").splitlines() if word.strip()]


def levels(text: str | None, field: str) -> dict[str, int]:
    """Pairs whose values are whole numbers."""
    found = {}
    for key, value in read(text, field).items():
        if not (value.isascii() and value.isdigit() and len(value) < 6):
            raise Refusal("not_a_number", field=field, value=value[:40])
        found[key] = int(value)
    return found
