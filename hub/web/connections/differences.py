"""The fields of an item as lines of a table: what stands here, what there, and what happens to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.render import Reader, words
from hub.render.sync import because

LONGEST = 300
# What a person should look at first.
TONES = {
    "conflict": "bad",
    "over": "bad",
    "declined": "warn",
    "send": "info",
    "take": "info",
    "merge": "info",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field: its name, both values in words, and the step between them."""

    name: str
    here: str
    there: str
    step: str
    said: str
    tone: str


def lines(fields: Mapping[str, Any] | None, people: Mapping[int, str], reader: Reader) -> list[Line]:
    """The lines of an item's fields, in their own order."""
    return [_line(name, one, people, reader) for name, one in (fields or {}).items()]


def _line(name: str, one: Mapping[str, Any], people: Mapping[int, str], reader: Reader) -> Line:
    step = one["step"]
    said = reader.say(words.IMPORT_STEPS[step])
    if one.get("reason"):
        said = f"{said}: {because(one['reason'], reader)}"
    return Line(
        reader.say(words.FIELDS.get(name, name)), _here(name, one["here"], people, reader),
        _shown(one["there"], reader), step, said, TONES.get(step, ""),
    )  # fmt: skip


def _here(name: str, value: Any, people: Mapping[int, str], reader: Reader) -> str:
    if name == "assignee" and value is not None:
        return people.get(value, str(value))
    if name == "status":
        return reader.say(words.STATES.get(value, str(value)))
    return _shown(value, reader)


def _shown(value: Any, reader: Reader) -> str:
    if isinstance(value, Mapping):
        return reader.show(value["set"]) or "–"
    text = "–" if value in (None, "") else str(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
