"""What leaves calls nobody and links nothing; what comes back is what left, for every text."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub.core.connections.escaping import JOINER
from hub.plugins.github.escaping import inward, marked, outward
from hub.sdk import mark_in
from tests.plugins.github.conftest import MARK

# Pieces that mean something to Markdown, to GitHub or to us, put together at random.
PIECES = [
    *("@", "@octocat", "@org/team", "#", "#12", "octo/app#1", "fixes #3", "GH-7", "gh-7", JOINER),
    *("`", "``", "```", "~~~", "\n", "\n\n", "\r\n", "\r", " ", "    ", "<", ">", "-->", "\\", "|"),
    *("<!-- hub:v1 id=x -->", "<!-- hub:v1", "https://x.test/@a/b#1", "https://x", "http://a.b/c"),
    *("(", ")", "[a](", "*", "_", "a", "9", "ä", "中文", "&#64;", "&#35;", "&commat;", "&#x40;", "&#8203;"),
    *("me@example.com", "- ", "> ", "```py\n@decorated\n```"),
]
texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.text(max_size=40)
)  # fmt: skip


def lines(text):
    return text.replace("\r\n", "\n").replace("\r", "\n")


@settings(max_examples=1500, deadline=None)
@given(text=texts)
@example(text="@\u200d@octocat")
@example(text="#\u200d12 <!-- hub:v1 id=x -->\n<!--\u200d hub:v1 id=x -->")
@example(text="&#\u200d8203;")
def test_every_text_comes_back_as_it_left(text):
    assert inward(outward(text)) == lines(text)
    assert inward(marked(text, MARK)) == lines(text)
    assert mark_in(marked(text, MARK)) == MARK
    assert mark_in(outward(text)) is None


@settings(max_examples=1500, deadline=None)
@given(far=texts)
def test_every_text_from_there_settles_after_one_pass(far):
    here = inward(far)
    assert inward(outward(here)) == here


@settings(max_examples=800, deadline=None)
@given(text=texts)
def test_outside_code_and_addresses_nobody_is_called_and_nothing_is_linked(text):
    sent = outward(text)
    if "`" in sent or "~~~" in sent or "http" in sent:
        return
    assert not re.search(r"(?<![A-Za-z0-9])@[A-Za-z0-9]", sent)
    assert not re.search(r"(?<!&)#[0-9]", sent)
    assert not re.search(r"(?<![A-Za-z0-9])GH-[0-9]", sent, re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("hello @octocat", f"hello @{JOINER}octocat"),
        ("fixes #1 and octo/app#2", f"fixes #{JOINER}1 and octo/app#{JOINER}2"),
        ("见@张三 @zhang", f"见@张三 @{JOINER}zhang"),
        ("_@octocat_", f"_@{JOINER}octocat_"),
        ("mail me@example.com", "mail me@example.com"),
        ("see https://x.test/@a/b#1", "see https://x.test/@a/b#1"),
        ("`@Override` by @bob", f"`@Override` by @{JOINER}bob"),
        ("```\n@Override\n```\n@bob", f"```\n@Override\n```\n@{JOINER}bob"),
        ("price &#8364; 5", "price &#8364; 5"),
    ],
)
def test_people_are_not_called_and_code_can_still_be_copied(text, sent):
    assert outward(text) == sent


@pytest.mark.parametrize(
    "text",
    [
        "<a title='`'>@bob<a title='`'>",
        "``\n` `` @bob `",
        "```\nopen\n@bob",
        "a\n```\n@bob\n```",
        "\\`@bob\\`",
        "x|` @bob |`",
        "https://@bob",
        "[x](https://a.test)@bob",
        "&#64;bob",
        "@&#98;ob",
        "<!--\n\n```\n--> @bob\n```",
    ],
)
def test_who_only_seems_to_stand_in_code_is_not_called_either(text):
    assert JOINER in outward(text)
    assert inward(outward(text)) == text


def test_the_mark_is_never_shown_whatever_stands_in_the_text():
    assert marked("```\nunfinished", MARK).splitlines()[0] == f"<!-- hub:v1 id={MARK} -->"
    edited = f"Written above\r\n<!-- hub:v1 id={MARK} -->\r\nOurs\r\n\r\nWritten below"
    assert inward(edited) == "Written above\nOurs\n\nWritten below"
    assert mark_in(edited) == MARK


@pytest.mark.parametrize("piece", ["`", "``` ", "\n\n```a\n", "@", "#1", "<", "&#", "http://a.b", "~~~\n"])
def test_a_long_text_takes_no_long_time(piece):
    text = piece * (65_536 // len(piece))
    assert inward(outward(text)) == text
