"""What people write becomes harmless HTML."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.render.markdown import _PLAIN, MOST_CHARACTERS, MOST_LINES, _parsed, is_long, markdown


def test_shows_commonmark_with_tables() -> None:
    html = markdown("**a** `b`\n\n| x | y |\n|---|---|\n| 1 | 2 |")
    assert "<strong>a</strong>" in html and "<code>b</code>" in html and "<td>1</td>" in html


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,hi)",
        '<a href="x" style="position:fixed">y</a>',
        "![pixel](https://elsewhere.example/p.png)",
    ],
)
def test_lets_nothing_act_or_load(source: str) -> None:
    html = markdown(source)
    assert not any(
        word in html for word in ("<script", "<img", 'href="javascript', 'href="data', '<a href="x"')
    )


def test_links_say_nothing_about_the_reader() -> None:
    assert 'rel="noopener noreferrer nofollow"' in markdown("[x](https://example.org)")


# Pieces that mean something at one place and nothing at another.
PIECES = st.sampled_from(
    [*"abZ09 .,;:!?()'\"#$%@^{}=+-*_~`|<>&[]\\/\n\t", "\n\n", "  \n", "1. ", "2) ", "- ", "---", "===", ": ",
     "你", "好", "。", "，", "　", "“", "é", "\u00a0", "\u2028", "\ufeff", "\x0c", "http://a.example", "😀"]
)  # fmt: skip


@given(st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=30)))
@settings(max_examples=3000 if os.environ.get("HUB_PROOF") else 500)
def test_a_text_without_marks_becomes_what_the_parser_makes_of_it(source: str) -> None:
    assert markdown(source) == _parsed(source)


@pytest.mark.parametrize(
    "source", ["It is broken. Please look at it!", "第一行\n第二行\n\n另一段（见 3.2）", 'He said: "no"']
)
def test_such_a_text_is_not_parsed(source: str) -> None:
    assert _PLAIN.fullmatch(source)
    assert markdown(source) == _parsed(source)


@pytest.mark.parametrize("sign", ["a", "字"])
def test_a_text_is_long_by_its_lines_or_by_its_characters(sign: str) -> None:
    lines, words = "\n".join([sign] * MOST_LINES), sign * MOST_CHARACTERS
    assert not any(map(is_long, [None, "", sign, lines, words]))
    assert is_long(f"{lines}\n{sign}") and is_long(words + sign)
