"""Pairs written one a line."""

from __future__ import annotations

import pytest

from hub.core.values import Refusal
from hub.web import lines


def test_what_is_written_is_read_again() -> None:
    pairs = {"a": "1", "键": "值: mit colon"}
    assert lines.read(lines.written(pairs), "f") == pairs
    assert lines.written({"open": ["todo", "new"], 3: "mei"}) == "open: todo, new\n3: mei"


def test_takes_either_colon_and_comma() -> None:
    assert lines.read("甲：乙\r\n\r\n b : c ", "f") == {"甲": "乙", "b": "c"}
    assert lines.words("a，b、c; d\n e,,") == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("text", ["nothing", ": value", "key:", "a: b\nbad"])
def test_refuses_a_line_that_is_no_pair(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        lines.read(text, "field")
    assert (refused.value.message, refused.value.field) == ("not_readable_lines", "field")


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "²", "999999"])
def test_levels_are_whole_numbers(value: str) -> None:
    with pytest.raises(Refusal):
        lines.levels(f"skill: {value}", "skills")
