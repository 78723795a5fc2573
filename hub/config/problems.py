"""What is wrong with a configuration: where it stands and what to write instead."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from hub.config.settings import WEEKDAYS, Config

Keys = tuple[str | int, ...]
_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a place (file and line, or the key alone) and what to do."""

    text: str
    key: str = ""
    file: Path | None = None
    line: int | None = None

    def __str__(self) -> str:
        """Place, key and text in one line."""
        place = f"{self.file}:{self.line}" if self.file and self.line else str(self.file or "")
        return ": ".join(part for part in (place, self.key, self.text) if part)


class ConfigError(Exception):
    """The hub cannot start with this configuration."""

    def __init__(self, *problems: Problem) -> None:
        """Hold every problem found, so that they can be mended in one go."""
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def problem(error: ErrorDetails, source: str, file: Path | None, overrides: dict[Keys, str]) -> Problem:
    """Say one validation error the way an administrator needs it."""
    keys: Keys = tuple(key for key in error["loc"] if not _is_branch(key))
    if keys in overrides:
        return Problem(_advice(error, keys), overrides[keys])
    line = line_of(source, keys)
    return Problem(_advice(error, keys), dotted(keys), file, line)


def _is_branch(key: str | int) -> bool:
    # The validator names the branch of a union (literal['']) and keys ([key]) as steps of the way.
    return isinstance(key, str) and ("[" in key or key.startswith("function-"))


def dotted(keys: Keys) -> str:
    """The keys as one name; list positions count from 1, as people do."""
    return ".".join(str(key + 1) if isinstance(key, int) else key for key in keys)


def _advice(error: ErrorDetails, keys: Keys) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown key; " + _closest(str(keys[-1]), _known(keys[:-1]))
    if "[key]" in error["loc"]:
        return "unknown key; " + _closest(str(keys[-1]), WEEKDAYS)
    if error["type"] == "missing":
        return "is missing"
    text = error["msg"].replace("Input should", "should").replace("String should", "should")
    example = _example(keys)
    return f"{text}; for example {example}" if example else text


def _closest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f'did you mean "{near[0]}"?'
    homes = [name for name, field in Config.model_fields.items() if word in _fields(field.annotation)]
    return f"it belongs in [{homes[0]}]" if homes else f"known here: {', '.join(known)}"


def _fields(annotation: Any) -> dict[str, FieldInfo]:
    for found in (annotation, *get_args(annotation)):
        if isinstance(found, type) and issubclass(found, BaseModel):
            return found.model_fields
    return {}


def _known(keys: Keys) -> tuple[str, ...]:
    fields = Config.model_fields
    for key in keys:
        if isinstance(key, str):
            fields = _fields(fields[key].annotation)
    return tuple(fields)


def _example(keys: Keys) -> str:
    fields, field = Config.model_fields, None
    for key in keys:
        if isinstance(key, str) and key in fields:
            field = fields[key]
            fields = _fields(field.annotation)
    if field is None or field.is_required():
        return ""
    example = field.examples[0] if field.examples else field.default
    return json.dumps(example, ensure_ascii=False) if isinstance(example, str | int | float | list) else ""


def line_of(source: str, keys: Keys) -> int | None:
    """The line of the deepest of these keys that the text spells out."""
    best, depth = None, 0
    table: Keys = ()
    seen: dict[str, int] = {}
    for number, text in enumerate(source.splitlines(), 1):
        if header := _HEADER.fullmatch(text):
            name = header[2]
            table = _split(name)
            if header[1] == "[[":
                seen[name] = seen.get(name, -1) + 1
            if table[0] in seen:
                table = (table[0], seen[str(table[0])], *table[1:])
            here = table
        elif key := _KEY.match(text):
            here = (*table, *_split(key[1]))
        else:
            continue
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(here, keys, strict=False)))
        if shared > depth:
            best, depth = number, shared
    return best


def _split(name: str) -> Keys:
    return tuple(part.strip().strip("\"'") for part in name.split("."))
