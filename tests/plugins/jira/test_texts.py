"""Markdown and Jira's two markups: what people write settles after one pass, what Jira holds is kept."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.lab.jira.prose import is_document
from hub.plugins.jira.adf import markdown
from hub.plugins.jira.document import parsed
from hub.plugins.jira.texts import ADF, WIKI

MARKUPS = pytest.mark.parametrize("markup", [ADF, WIKI], ids=["adf", "wiki"])
WHOLE = """# Title

One **strong**, *soft*, ~~gone~~ and `code` line
and a [link](https://example.org/a_b).

- one
- two
  1. first
  2. second
- three

> said
> again

```py
x = 1
```

---

中文段落，第一行
第二行"""
SNIPPETS = st.sampled_from(
    [
        *("*", "_", "**", "~~", "`", "[", "](", ")", "<", ">", "#", "- ", "1. ", "> ", "\n", "\n\n", "  "),
        *(
            "\\",
            "|",
            "a",
            "b c",
            "中",
            "{code}",
            "{",
            "}",
            "h1. ",
            "----",
            "http://x.y",
            "!",
            "&amp;",
            "[~x]",
        ),
        *("```", "    ", "{{", "}}", "bq. ", "* ", "# ", "-", "+", "=", ":", "\t", "\u00a0", "{quote}"),
    ]
)
WILD = st.lists(SNIPPETS, max_size=14).map("".join)


@MARKUPS
def test_what_people_write_comes_back_as_it_was(markup):
    assert markup.here(markup.there(WHOLE)) == WHOLE


@MARKUPS
@pytest.mark.parametrize(
    "text",
    [
        "",
        "It burns.\nSince noon.\nThird floor.",
        "a_b_c 2 * 3 = 6",
        "**Wang**\n\nsaid",
        "C:\\temp\\new, 50%!",
    ],
)
def test_plain_words_stay_untouched(markup, text):
    assert markup.here(markup.there(text)) == text


@MARKUPS
@settings(max_examples=300, deadline=None)
@given(WILD)
@example("- \n\n# x")
@example("* a\n\n\n\n- b")
@example("> - x\n\n      code")
def test_any_text_settles_after_its_first_pass(markup, text):
    kept = markup.kept(text)
    assert markup.here(markup.there(kept)) == kept
    assert markup.kept(kept) == kept


@settings(max_examples=300, deadline=None)
@given(WILD)
def test_every_text_becomes_a_document_that_jira_takes(text):
    document = ADF.there(text)
    assert document is None or is_document(document)


@MARKUPS
@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.sampled_from("abc中 .,"), min_size=1, max_size=12), min_size=1, max_size=4))
def test_no_word_is_lost(markup, lines):
    # Four leading blanks would mean a block of code.
    text = "\n\n".join(line.strip() for line in lines)
    kept = markup.kept(text)
    assert "".join(kept.split()) == "".join(text.split())


@pytest.mark.parametrize(
    "block",
    [
        {"type": "table", "content": [{"type": "tableRow", "content": []}]},
        {"type": "panel", "attrs": {"panelType": "info"}, "content": [{"type": "paragraph", "content": []}]},
        {"type": "mediaSingle", "content": [{"type": "media", "attrs": {"id": "1"}}]},
        {"type": "somethingOfTomorrow", "attrs": {"x": ["`", "```"]}},
    ],
)
def test_what_has_no_markdown_goes_back_as_it_came(block):
    said = {"type": "paragraph", "content": [{"type": "text", "text": "before"}]}
    document = {"type": "doc", "version": 1, "content": [said, block]}
    text = ADF.here(document)
    assert text.startswith("before\n\n```")
    assert ADF.there(text) == document
    assert ADF.there(text.replace("before", "after"))["content"][1] == block


@pytest.mark.parametrize(
    "raw",
    ["{panel:title=x}\nin *it*\n{panel}", "||a||b||\n|1|2|", "{color:red}\nx\n{color}", "{chart:type=pie}"],
)
def test_macros_and_tables_of_wiki_text_go_back_as_they_came(raw):
    text = WIKI.here(f"before\n\n{raw}\n\nafter")
    assert WIKI.there(text.replace("before", "now")) == f"now\n\n{raw}\n\nafter"


def test_a_mention_survives_there_and_back():
    mention = {"type": "mention", "attrs": {"id": "5b-mei", "text": "@Mei_*"}}
    document = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [mention]}]}
    assert ADF.there(ADF.here(document)) == document
    assert WIKI.there(WIKI.here("ask [~mei] now")) == "ask [~mei] now"


def test_cards_and_signs_are_read_as_their_words():
    content = [
        {"type": "inlineCard", "attrs": {"url": "https://x.y/z"}},
        {"type": "emoji", "attrs": {"shortName": ":smile:", "text": "😄"}},
        {"type": "status", "attrs": {"text": "DONE"}},
        {"type": "unheardOf"},
    ]
    text = ADF.here({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": content}]})
    assert text.startswith("[https://x.y/z](https://x.y/z)")
    assert "😄" in text
    assert "DONE" in text
    assert "unheardOf" in text


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "content", "text", "marks", "attrs", "level", "order", "href", "language"]
            ),
            inner
            | st.sampled_from(
                ["doc", "paragraph", "bulletList", "listItem", "heading", "text", "codeBlock", "link"]
            ),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(ODD)
def test_an_odd_document_is_read_without_a_crash(value):
    text = ADF.here(value)
    assert isinstance(text, str)
    assert WIKI.here(value) == (WIKI.here(value) if isinstance(value, str) else "")
    assert ADF.here(ADF.there(ADF.kept(text))) == ADF.kept(text)


def test_a_code_block_that_only_looks_kept_stays_code():
    (block,) = parsed("```jira-adf\nno json\n```")
    assert block["type"] == "codeBlock"
    (block,) = parsed("```jira-adf\n[1]\n```")
    assert json.dumps(block).count("jira-adf") == 1
    assert markdown([block]).count("[1]") == 1


@MARKUPS
def test_a_deep_nesting_ends(markup):
    assert isinstance(markup.kept("> " * 300 + "x"), str)
    assert isinstance(markup.kept("".join(" " * (2 * n) + "- x\n" for n in range(150))), str)
