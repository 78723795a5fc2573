"""Every text of the pages exists in both languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from hub.render.translations import FOLDER

ROOT = Path(__file__).parents[2]
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_l": None}
NAMED = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def used() -> dict[str | tuple[str, ...], str]:
    """Every message of the sources, with a place where it is used."""
    with (ROOT / "babel.cfg").open() as lines:
        methods, options = parse_mapping_cfg(lines)  # type: ignore[no-untyped-call]
    found = extract_from_dir(ROOT / "hub", methods, options, keywords=KEYWORDS)
    return {message: f"{file}:{line}" for file, line, message, _comments, _context in found}


@pytest.fixture(scope="module")
def chinese() -> Catalog:
    """The committed Chinese catalogue."""
    with (FOLDER / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as lines:
        return read_po(lines, locale="zh")


def _forms(value: str | Sequence[str] | None) -> tuple[str, ...]:
    return (value or "",) if value is None or isinstance(value, str) else tuple(value)


def test_every_message_is_said_in_chinese(used: dict[str | tuple[str, ...], str], chinese: Catalog) -> None:
    assert len(used) > 100
    missing = []
    for message, place in used.items():
        entry = chinese.get(message if isinstance(message, str) else message[0])
        if entry is None or entry.fuzzy or not all(_forms(entry.string)):
            missing.append(f"{place}: {message}")
    assert not missing, "\n".join(["Run `make translations`, then say these in Chinese:", *missing])


def test_no_value_gets_lost_in_translation(chinese: Catalog) -> None:
    for entry in chinese:
        if entry.id and entry.string:
            wanted = {name for form in _forms(entry.id) for name in NAMED.findall(form)}
            for form in _forms(entry.string):
                assert set(NAMED.findall(form)) == wanted, entry.id


def test_messages_are_written_in_english(used: dict[str | tuple[str, ...], str]) -> None:
    chinese = [
        m for m in used if any("\u4e00" <= letter <= "\u9fff" for form in _forms(m) for letter in form)
    ]
    assert not chinese
