"""Text is read as what it is, whatever it is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.plugins.email.charset import Misnamed, clean, decode, header

CHINESE = "打印机坏了，请镕工程师来看看"


@pytest.mark.parametrize(
    "label", [None, "gb2312", "gbk", "iso-8859-1", "us-ascii", "utf-8", "x-mystery", "base64"]
)
def test_chinese_is_read_under_any_label(label: str | None) -> None:
    assert decode(CHINESE.encode("gb18030"), label) == CHINESE
    assert decode(CHINESE.encode(), label) == CHINESE


@pytest.mark.parametrize("label", ["utf-8", "UTF8", '"utf-8"', "utf_8", "us-ascii", "", None, "unknown-8bit"])
def test_a_label_that_is_right_or_claims_nothing_is_not_complained_of(label: str | None) -> None:
    wrong: Misnamed = {}
    assert decode(CHINESE.encode(), label, wrong) == CHINESE
    assert wrong == {}


@pytest.mark.parametrize("label", ["gb2312", "big5", "iso-8859-1", "x-mystery", "koi8-r"])
def test_plain_ascii_is_right_under_every_label(label: str) -> None:
    wrong: Misnamed = {}
    assert decode(b"plain words", label, wrong) == "plain words"
    assert wrong == {}


def test_a_label_is_shown_harmless_and_short() -> None:
    wrong: Misnamed = {}
    decode(CHINESE.encode(), "x-\x07\u202e" + "y" * 100, wrong)
    assert wrong == {"x-" + "y" * 38: "UTF-8"}


def test_western_text_stays_western() -> None:
    assert decode("déjà fermé".encode("latin-1"), "iso-8859-1") == "déjà fermé"
    assert decode("déjà fermé".encode("cp1252"), "utf-8") == "déjà fermé"
    assert decode("“quoted”".encode("cp1252"), "latin1") == "“quoted”"


@given(st.text())
def test_what_is_utf8_comes_back(text: str) -> None:
    assert decode(text.encode(), "utf-8") == text


@given(st.binary(), st.sampled_from([None, "gb2312", "big5", "utf-7", "iso-2022-jp", "utf-16", "rot13"]))
def test_no_bytes_and_no_label_break_it(data: bytes, label: str | None) -> None:
    wrong: Misnamed = {}
    clean(decode(data, label, wrong)).encode()
    assert not data.isascii() or wrong == {}


def test_a_header_is_one_line_in_any_writing() -> None:
    assert header("=?gb2312?B?tPLTobv6?= =?utf-8?q?_A=0D=0AB?=") == "打印机 A B"
    assert header(CHINESE.encode("gb18030").decode("ascii", "surrogateescape")) == CHINESE
    assert header("=?utf-8?B?broken") == "=?utf-8?B?broken"
