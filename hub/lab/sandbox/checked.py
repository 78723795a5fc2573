"""What the sandbox tracker takes as a value, and how it keeps it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any


class Wrong(Exception):
    """A value the tracker does not take; ``field`` names it."""

    def __init__(self, field: str, reason: str) -> None:
        """``reason`` is what the API answers."""
        super().__init__(reason)
        self.field = field
        self.reason = reason


def _day(value: Any) -> str | None:
    try:
        return dt.date.fromisoformat(value).isoformat() if value else None
    except (TypeError, ValueError):
        raise Wrong("due", f"no such day: {value}") from None


def _minutes(value: Any) -> int | None:
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not str(value).isascii() or not str(value).isdigit() or len(str(value)) > 7:
        raise Wrong("estimate", "an estimate is a number of minutes")
    return int(value) or None


CHECKED: Mapping[str, Callable[[Any], Any]] = {"due": _day, "estimate": _minutes}


def trimmed(name: str, text: Any) -> str:
    """The text with LF alone and without outer blanks."""
    if not isinstance(text, str):
        raise Wrong(name, f"{name} must be a text")
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def labels_of(labels: Any) -> set[str]:
    """The labels, without blanks around them."""
    if not isinstance(labels, list | tuple | set | frozenset) or not all(
        isinstance(one, str) for one in labels
    ):
        raise Wrong("labels", "labels must be a list of texts")
    return {label.strip() for label in labels if label.strip()}
