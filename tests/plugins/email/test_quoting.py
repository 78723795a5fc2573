"""What stands above the quote is the answer; nothing a person wrote is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.plugins.email.quoting import above_quote


@pytest.mark.parametrize(
    "quote",
    [
        "On Mon, 2 Nov 2026, Hub wrote:\n> old",
        "On Mon, 2 Nov 2026 at 10:00, The Hub\n<hub@x.example> wrote:\n> old",
        "在 2026年11月2日，张三 写道：\n> old",
        "-----原始邮件-----\nold",
        "From: hub\nSent: today\nTo: li\nold",
        "> old\n> older",
        "— 请在此行以上回复 / Reply above this line —\nold",
        "发自我的iPhone",
    ],
)
def test_the_answer_stands_above(quote: str) -> None:
    assert above_quote(f"my answer\n\nsecond\n\n{quote}") == "my answer\n\nsecond"


@pytest.mark.parametrize(
    "text",
    [
        "> old\n\nthe answer below",
        "> one\nanswer to it\n> two\nanswer to that",
        "From: me\nwith love",
        "On Monday I wrote:",
        "-----Original Message-----\nforwarded without a word",
    ],
)
def test_what_is_no_quote_below_an_answer_stays_whole(text: str) -> None:
    assert above_quote(text) == text


@given(st.text())
def test_never_adds_a_word_and_never_leaves_nothing(text: str) -> None:
    kept = above_quote(text)
    assert bool(kept) == bool(text.strip())
    assert set(kept.split()) <= set(text.split())
