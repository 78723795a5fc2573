"""CommonMark to safe HTML."""

from __future__ import annotations

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
_TAGS = {
    "p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
# No images: a picture on another host would tell that host who reads.
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
# Most of what people say has no mark in it, and to find that out costs a fiftieth of parsing it. A line of
# such a text: letters, figures and signs that mean nothing to CommonMark or to HTML, and nothing at its
# beginning that could make a heading, a list, a rule or a table of it.
_SIGNS = r"!-%'-),-;=?@A-Z^a-z{}" + "\u00a1-\u167f\u2010-\u2027\u3001-\u9fff\uac00-\ud7a3\uff01-\uffee"
_LINE = rf"(?![#+\-=:]|\d+[.)])[+{_SIGNS}](?:[+{_SIGNS} ]*[+{_SIGNS}])?"
_PLAIN = re.compile(rf"{_LINE}(?:\n+{_LINE})*")
_BLANK_LINES = re.compile("\n\n+")
# Longer ones are not kept: they would fill the memory.
SHORT = 2000
# More is shown folded: twice what its beginning shows, on the widest page.
MOST_LINES, MOST_CHARACTERS = 60, 5000


def markdown(source: str | None) -> Markup:
    """What people wrote, as HTML that can do nothing."""
    text = source or ""
    if _PLAIN.fullmatch(text):
        paragraphs = (part.replace("\n", "<br>\n") for part in _BLANK_LINES.split(text))
        return Markup("".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs))
    return _kept(text) if len(text) <= SHORT else _parsed(text)


def is_long(source: str | None) -> bool:
    """Whether a text would push what stands below it off the page, and so shows only how it begins."""
    text = source or ""
    return len(text) > MOST_CHARACTERS or text.count("\n") >= MOST_LINES


# A comment stands in the conversation and in the time line.
@lru_cache(maxsize=256)
def _kept(text: str) -> Markup:
    return _parsed(text)


def _parsed(text: str) -> Markup:
    html = nh3.clean(
        _parser.render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(html)
