"""Every recorded event has a sentence in both languages."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.render.history import ASSIGNED, SENTENCES, TAKEN, told
from hub.render.reader import Reader

HUB = Path(__file__).parents[2] / "hub"
NOW = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)


def _recorded() -> Iterator[tuple[str, str]]:
    for path in sorted([*(HUB / "core").rglob("*.py"), *(HUB / "web").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called not in ("record", "_record") or len(node.args) < 3:
                continue
            # Where the verb stands depends on whose ``record`` it is; nothing before it is a text.
            verb = next(
                (one for one in node.args if any(isinstance(p, ast.Constant) for p in ast.walk(one))), node
            )
            for part in ast.walk(verb):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield f"{path.relative_to(HUB)}:{node.lineno}", part.value


def test_every_recorded_verb_has_a_sentence() -> None:
    recorded = list(_recorded())
    assert len({verb for _, verb in recorded}) > 30
    missing = [f"{place}: {verb}" for place, verb in recorded if verb not in SENTENCES]
    assert not missing, "\n".join(["Not in hub/render/history.py:", *missing])


def test_no_sentence_is_left_over() -> None:
    assert not set(SENTENCES) - {verb for _, verb in _recorded()}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_values_are_named_and_escaped(language: str) -> None:
    reader = Reader.of(language, None, NOW)
    names = {("person", 1): "<Ann>", ("person", 2): "Bob"}
    said = told("task_assigned", ("person", 1), {"ref": "SR-1-1", "before": None, "after": 2}, names, reader)
    assert "<strong>&lt;Ann&gt;</strong>" in said
    assert "<strong>Bob</strong>" in said
    moved = told("request_moved", ("person", 7), {"before": "identify", "after": "assign"}, names, reader)
    assert ("需求识别" if language == "zh" else "Identify") in moved


def test_a_first_assignment_is_no_hand_over() -> None:
    assert re.findall(r"%\((\w+)\)", ASSIGNED) == ["who", "ref", "after"]
    assert re.findall(r"%\((\w+)\)", TAKEN) == ["who", "ref", "before"]


@pytest.mark.parametrize(("language", "door"), [("zh", "公开表单"), ("en", "public form")])
def test_the_door_by_which_a_request_came_is_named(language: str, door: str) -> None:
    reader = Reader.of(language, None, NOW)
    assert door in told("request_created", ("connection", 1), {"source": "form"}, {}, reader)
