"""Two people edit the same thing: the second one sees both texts."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from hub.core.values import Refusal
from hub.web.forms import Form, row_number

Theirs = list[tuple[str, str]]


def mark(stored: Mapping[str, object]) -> int:
    """A version for rows that carry none: another number wherever one of these values is another."""
    return zlib.crc32(repr(sorted(stored.items())).encode())


def guard(form: Form, ref: str, version: int) -> None:
    """Refuse where the form was filled in on another version than the present one."""
    typed = row_number(form.version.data)
    if typed is not None and typed != version:
        raise Refusal("version_conflict", ref=ref, yours=typed, current=version)


def theirs(form: Form, version: int, stored: Mapping[str, object]) -> Theirs:
    """What stands there now, where somebody was faster; the next saving replaces it."""
    if row_number(form.version.data) in (None, version):
        return []
    form.version.data = version
    return [
        (str(form[name].label.text), _said(form[name], value))
        for name, value in stored.items()
        if str(form[name].data or "").replace("\r\n", "\n").strip() != str(value or "").strip()
    ]


def _said(field: Any, value: object) -> str:
    """A stored value as the form would show it."""
    if isinstance(value, bool):
        return "✓" if value else ""
    for choice in getattr(field, "choices", None) or ():
        key, label = choice if isinstance(choice, tuple) else (choice.value, choice.label)
        if str(key) == str(value or ""):
            return str(label)
    return str(value or "")
