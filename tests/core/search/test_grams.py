"""How text is folded and cut for the search."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.search.grams import MOST_TERMS, asked, folded, terms

HAN = st.text("登录失败网络连线重启数据库", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Login", "login"),
        ("ＬＯＧＩＮ　１２", "login 12"),
        ("Müller", "muller"),
        ("登錄失敗", "登录失败"),
        ("ﾛｸﾞ", "ログ"),
        ("a\n\t b\0c", "a bc"),
        ("한국어", "한국어"),
    ],
)
def test_case_width_accents_and_traditional_forms_do_not_matter(written: str, meant: str) -> None:
    assert folded(written) == folded(meant)


def test_chinese_is_kept_in_pairs_and_words_whole() -> None:
    assert terms(folded("VPN断线，foo_bar")) == ["vpn", "断线", "线", "foo", "bar"]


def test_a_single_character_is_asked_for_as_a_beginning() -> None:
    assert asked("登") == [("登", True)]
    assert asked("vpn断线") == [("vpn", True), ("断线", False)]
    assert asked("->") == []


@given(before=HAN, word=HAN, after=HAN)
def test_whatever_stands_in_a_text_meets_its_terms(before: str, word: str, after: str) -> None:
    there = set(terms(folded(before + word + after)))
    for term, begins in asked(folded(word)):
        assert term in there or (begins and any(one.startswith(term) for one in there))


@given(text=st.text(max_size=200))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_a_very_long_text_is_cut() -> None:
    text = "".join(chr(0x4E00 + n % 20_000) + chr(0x4E00 + n * 7 % 20_000) for n in range(60_000))
    assert len(terms(folded(text))) == MOST_TERMS
