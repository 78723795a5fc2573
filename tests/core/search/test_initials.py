"""Chinese names by their initials."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.search.initials import LETTERS, WIDTH, begins, initials

# Readings everybody can look up: surnames that are read otherwise are found by both.
KNOWN = {
    "张丽": "zl", "張麗": "zl", "王婷": "wt", "欧阳娜娜": "oynn", "陈晓东": "cxd", "李雯": "lw", "黄鑫": "hx",
    "单雄信": "sxx", "曾国强": "zgq", "解晓东": "xxd", "重庆": "cq", "吕布": "lb", "诸葛亮": "zgl",
}  # fmt: skip


@pytest.mark.parametrize(("name", "asked"), KNOWN.items())
def test_a_name_is_found_by_its_initials(name: str, asked: str) -> None:
    assert begins(name, asked)
    assert begins(name, asked.upper())
    assert begins(name, asked[0])
    assert not begins(name, asked + "x")


@pytest.mark.parametrize(
    ("name", "asked"),
    [("张丽", "l"), ("张丽", "lz"), ("张丽", ""), ("张丽", "z l"), ("Zara Lee", "zl"), ("", "z")],
)
def test_what_are_not_its_initials_finds_nothing(name: str, asked: str) -> None:
    assert not begins(name, asked)


def test_a_given_name_is_found_by_two_letters() -> None:
    assert begins("陈晓东", "xd")


def test_every_character_of_the_table_has_a_letter() -> None:
    assert len(LETTERS) == 72 * WIDTH
    # Rows 16 to 87 hold 6,763 characters; five places of row 55 are empty.
    assert sum(letter.isalpha() for letter in LETTERS) == 6763


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_name_and_any_question_give_an_answer(name: str, asked: str) -> None:
    assert begins(name, asked) in (True, False)
    assert all(initials(name))
