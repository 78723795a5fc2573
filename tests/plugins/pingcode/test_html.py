"""HTML and CommonMark: what comes back from a pass there and back stays as it is."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.plugins.pingcode.html import kept_out, to_html, to_text
from hub.plugins.pingcode.tree import blocks, read

SIGNS = "*_`~#>-+=!|&;.()[]{}<\\/\"'^1: "
markdown_like = st.lists(
    st.one_of(
        st.text(SIGNS + "ab\n", max_size=12),
        st.sampled_from(
            [
                "\n\n",
                "\n- ",
                "\n1. ",
                "\n> ",
                "    ",
                "\n```\n",
                "**",
                "[a](b)",
                "<p>",
                "&amp;",
                "中文，",
                "\t",
            ]
        ),
        st.text(max_size=6),
    ),
    max_size=12,
).map("".join)

inline = st.deferred(
    lambda: st.one_of(
        st.text(SIGNS + "ab 中，", max_size=8).map(
            lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        ),
        st.just("<br>"),
        st.just('<img src="/x.png" alt="a*b">'),
        st.builds(
            lambda tag, inside: f"<{tag}>{inside}</{tag}>",
            st.sampled_from(
                ["b", "strong", "i", "em", "code", "span", "u", "s", 'a href="https://x.cn/a_b"']
            ),
            st.lists(inline, max_size=3).map("".join),
        ).map(lambda text: text.replace('</a href="https://x.cn/a_b">', "</a>")),
    )
)
line = st.lists(inline, max_size=4).map("".join)
html_like = st.recursive(
    st.one_of(
        st.builds("<p>{}</p>".format, line),
        st.builds("<h2>{}</h2>".format, line),
        st.builds("<pre><code>{}</code></pre>".format, line),
        st.just("<hr>"),
        line,
    ),
    lambda inside: st.one_of(
        st.lists(inside, max_size=3).map("".join),
        st.lists(inside, max_size=3).map(
            lambda parts: "<ul>" + "".join(f"<li>{p}</li>" for p in parts) + "</ul>"
        ),
        st.lists(inside, max_size=3).map(
            lambda parts: "<ol>" + "".join(f"<li>{p}</li>" for p in parts) + "</ol>"
        ),
        st.builds("<blockquote>{}</blockquote>".format, inside),
        st.builds("<div>{}</div>".format, inside),
    ),
    max_leaves=6,
)
words = st.text(string.ascii_letters + string.digits + "中文，。：！？（）“” ,", min_size=1, max_size=20)


@given(markdown_like)
def test_commonmark_settles_after_one_pass(text):
    once = to_text(to_html(text))
    assert to_text(to_html(once)) == once


@given(html_like)
def test_html_is_read_as_text_that_comes_back_unchanged(html):
    text = to_text(html)
    assert to_text(to_html(text)) == text


@given(st.text(max_size=60))
def test_any_text_at_all_can_be_read(html):
    text = to_text(html)
    assert to_text(to_html(text)) == text


@given(st.lists(st.lists(words, min_size=1, max_size=3), max_size=3))
def test_plain_lines_come_back_as_they_were(paragraphs):
    lines = [[" ".join(part.split(" ")).strip() for part in paragraph] for paragraph in paragraphs]
    lines = [[" ".join(part.split()) for part in paragraph if part.strip()] for paragraph in lines]
    text = "\n\n".join("\n".join(paragraph) for paragraph in lines if paragraph)
    assert to_text(to_html(text)) == text


@example('<ul><li><ul><li><hr><p><img src="/x.png" alt="a*b"></p></li></ul></li></ul>')
@given(html_like)
def test_no_word_is_lost_or_made_up(html):
    def letters(text):
        return [letter for letter in text if letter in "ab中，"]

    def shown(source):
        return letters("".join(_texts(blocks(read(source)))))

    assert shown(to_html(to_text(html))) == shown(html)


def _texts(found):
    for block in found:
        yield block.text
        for run in block.runs:
            if run.kind in ("text", "code"):
                yield run.value
        for item in block.items:
            yield from _texts(item)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a<br>b</p><p>c</p>", "a\nb\n\nc"),
        ("<h2>H</h2><ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>", "## H\n\n- a\n- b\n  1. c"),
        ('<pre><code class="language-py">a\n b</code></pre>', "```py\na\n b\n```"),
        ("<blockquote><p>q</p></blockquote><hr>", "> q\n\n---"),
        ('<p><a href="https://x.cn">t</a> <b>a <i>b</i></b></p>', "[t](https://x.cn) **a *b***"),
        ("<p>1. x</p><p># y</p>", "1\\. x\n\n\\# y"),
        ("<p>2 * 3 &amp; x_y &lt; z</p>", "2 * 3 & x_y < z"),
        ("no tags\nat all", "no tags\nat all"),
        ("<script>alert(1)</script><p onclick='x()'>a</p>", "a"),
        ('<p><a href="javascript:alert(1)">a</a></p>', "a"),
        ("", ""),
        # CommonMark cannot say this; the words stay.
        ("<p><strong>注意：</strong>请</p>", "注意：请"),
    ],
)
def test_what_its_editor_makes_reads_well(html, text):
    assert to_text(html) == text


def test_html_in_commonmark_stays_text():
    assert to_html("<script>alert(1)</script>") == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


def test_names_what_commonmark_has_no_word_for():
    assert kept_out("<table><tr><td>a</td></tr></table><p><u>b</u></p>") == ["table", "td", "tr"]
    assert kept_out("<p>a <span style='color:red'>b</span></p>") == []
