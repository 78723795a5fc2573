"""Template filters of the request pages: fixed words, and the values of two sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context

from hub.core.execute.sync.stored import decode
from hub.render.words import PRIORITIES, STATES
from hub.web.context import reader


@pass_context
def word(_context: Context, key: Any, words: Mapping[Any, str] | None = None) -> str:
    """A word of a fixed vocabulary in the reader's language."""
    return reader().say(words.get(key, str(key)) if words else str(key))


@pass_context
def side(_context: Context, value: Any, field: str, people: Iterable[Any] = ()) -> str:
    """One side's value of a field as a person reads it; a far side speaks in its own words."""
    plain = decode(value)
    if isinstance(plain, frozenset):
        return ", ".join(sorted(plain))
    if field == "status":
        return reader().say(STATES.get(plain, str(plain)))
    if field == "assignee":
        names = {choice.value: choice.label for choice in people}
        return names.get(str(plain), str(plain)) if plain is not None else "–"
    if field == "priority":
        return reader().say(PRIORITIES[plain]) if plain in PRIORITIES else "–"
    return "" if plain is None else str(plain)
