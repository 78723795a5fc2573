"""HTML as text: what mail programs mark as a quote is one, and no element makes a line without end."""

from __future__ import annotations

import pytest

from hub.plugins.email.plain import text_of
from hub.plugins.email.quoting import above_quote


@pytest.mark.parametrize(
    "quote",
    [
        '<blockquote type="cite">old<br>older</blockquote>',
        '<div class="gmail_quote"><div>old</div><div>older</div></div>',
        '<div class="yahoo_quoted">old</div>',
        '<div class="ntes_quote">old<p>older</p></div>',
        '<div id="divRplyFwdMsg">From the hub</div><div>old</div>',
        '<div id="appendonsend"></div><hr><div>old</div>',
        "<div>------------------ 原始邮件 ------------------</div><div>old</div>",
        "<div>在 2026年11月2日，张三 写道：</div><blockquote>old</blockquote>",
    ],
    ids=["cite", "gmail", "yahoo", "netease", "outlook", "outlook-mobile", "qq", "chinese-head"],
)
def test_what_a_program_marks_as_a_quote_stands_below_the_answer(quote: str) -> None:
    text = text_of(f"<html><body><p>my answer</p><p>second</p>{quote}</body></html>")
    assert "old" in text
    assert above_quote(text) == "my answer\n\nsecond"


def test_nothing_is_folded_where_all_of_a_mail_stands_in_the_frame_of_a_web_mailer() -> None:
    # QQ shows each mail within this element: it is no quote.
    text = text_of('<div id="mailContentContainer" class="qmbox"><p>all of it</p></div>')
    assert above_quote(text) == "all of it"


def test_links_stay_readable_and_what_is_hidden_stays_away() -> None:
    page = (
        '<a href="https://x.example/a">here</a> <a href="https://y.example">https://y.example/</a>'
        '<div style="display: none">preview</div><script>alert(1)</script>'
    )
    assert text_of(page) == "here (https://x.example/a) https://y.example/"


@pytest.mark.parametrize("piece", ["<b>word</b>", '<a href="http://{}"></a>', "word<!-- -->"])
def test_no_line_grows_without_end(piece: str) -> None:
    text = text_of("".join(piece.format(number) for number in range(5000)))
    assert len(text) >= 20_000
    assert max(map(len, text.splitlines())) <= 10_100
