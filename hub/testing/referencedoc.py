"""Writes the page on the test kit: ``python -m hub.testing.referencedoc > docs/plugins/testing.md``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from typing import Any

import hub.testing
from hub.testing.areas import AREAS

HEAD = """# The test kit

Generated from the docstrings of `hub.testing` by `python -m hub.testing.referencedoc`; do not edit.

Everything here is imported from `hub.testing`, which comes with `pip install 'service-hub[testing]'`.
Subclass the suite for what your plugin offers and give its fixtures; `hub plugin test` does the same with
what the entry points name. A check counts for one area of the checklist; it is left out only for what a
plugin does not offer.
"""
PARTS: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    ("Suites", lambda thing: hasattr(thing, "plugin")),
    ("The far side", lambda thing: inspect.isclass(thing) and not issubclass(thing, Exception)),
    ("For checks of your own", lambda thing: True),
)


def page() -> str:
    """The whole page."""
    left = {name: getattr(hub.testing, name) for name in hub.testing.__all__}
    parts = [HEAD]
    for title, belongs in PARTS:
        mine = {name: thing for name, thing in left.items() if belongs(thing)}
        left = {name: thing for name, thing in left.items() if name not in mine}
        parts.append(f"## {title}\n")
        parts += [_section(name, thing) for name, thing in sorted(mine.items())]
    return "\n".join(parts)


def _section(name: str, thing: Any) -> str:
    if not inspect.isclass(thing):
        return f"### `{name}{_signature(thing)}`\n\n{_told(thing)}\n"
    lines = [f"### `{name}`", "", _told(thing), ""]
    if hasattr(thing, "plugin"):
        lines += [
            *_fixtures(thing),
            "",
            "| Area | Check | What is looked at |",
            "|---|---|---|",
            *_checks(thing),
            "",
        ]
    else:
        lines += [*_members(thing), ""]
    return "\n".join(lines)


def _fixtures(suite: type) -> Iterator[str]:
    for name, fixture in _inherited(suite):
        if type(fixture).__name__ == "FixtureFunctionDefinition":
            yield f"- fixture `{name}`: {_told(fixture.__wrapped__)}"


def _checks(suite: type) -> list[str]:
    found = [
        (check.hub_area if hasattr(check, "hub_area") else "contract", name, check)
        for name, check in _inherited(suite)
    ]
    checks = [one for one in found if one[1].startswith("test_")]
    checks.sort(key=lambda one: AREAS.index(one[0]))
    return [f"| {area} | {_words(name)} | {_told(check)} |" for area, name, check in checks]


def _members(thing: type) -> Iterator[str]:
    notes = dict(_notes(thing))
    for name, kind in inspect.get_annotations(thing).items():
        yield f"- `{name}: {kind}`" + (f": {notes[name]}" if name in notes else "")
    for name, method in _inherited(thing):
        if inspect.isfunction(method) and inspect.getdoc(method):
            yield f"- `{name}{_signature(method)}`: {_told(method)}"


def _notes(thing: type) -> Iterator[tuple[str, str]]:
    # What a comment above an attribute says of it.
    said: list[str] = []
    for line in map(str.strip, inspect.getsource(thing).splitlines()):
        if line.startswith("# "):
            said.append(line.removeprefix("# "))
        elif said:
            yield line.partition(":")[0], " ".join(said).replace("``", "`")
            said = []


def _inherited(thing: type) -> Iterator[tuple[str, Any]]:
    # In the order in which they are written, the base's first, each once.
    names = {
        name: None for base in reversed(thing.__mro__[:-1]) for name in vars(base) if not name.startswith("_")
    }
    for name in names:
        yield name, inspect.getattr_static(thing, name)


def _signature(function: Any) -> str:
    return str(inspect.signature(function)).replace("'", "").replace("(self, ", "(").replace("(self)", "()")


def _words(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


def _told(thing: Any) -> str:
    return " ".join((inspect.getdoc(thing) or "").replace("``", "`").replace("|", "\\|").split())


if __name__ == "__main__":
    sys.stdout.write(page())
