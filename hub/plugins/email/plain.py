"""HTML mail as text: lines where a reader sees lines, quotes marked as mail programs mark them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "tr",
        "li",
        "ul",
        "ol",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "pre",
        "hr",
        "section",
        "article",
        "header",
        "footer",
    ]
)
_SILENT = frozenset(["script", "style", "head", "title", "template", "noscript"])
_VOID = frozenset(
    [
        "br",
        "hr",
        "img",
        "input",
        "meta",
        "link",
        "wbr",
        "area",
        "base",
        "col",
        "embed",
        "source",
        "track",
        "param",
    ]
)
_QUOTE_CLASSES = re.compile(r"\b(?:gmail_quote|yahoo_quoted|moz-cite-prefix|protonmail_quote|ntes_quote)\b")
_REPLY_HEAD = re.compile(
    r"^(?:divRplyFwdMsg|isReplyContent|appendonsend|mail-editor-reference-message-container)$"
)
QUOTE_LINE = "-----Original Message-----"
# Letters; an element that begins behind so many begins a line of its own.
_DEEPEST, _LONGEST_LINE = 200, 10_000


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._open: list[tuple[str, bool, bool]] = []  # tag, silences, quotes
        self._silent = self._quotes = 0
        self._link = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if _REPLY_HEAD.match(given.get("id", "")):
            self._line()
            self.lines[-1] = QUOTE_LINE
            self._line()
        if tag in _BLOCKS or len(self.lines[-1]) > _LONGEST_LINE:
            self._line()
        if tag == "li":
            self.lines[-1] += "- "
        if tag == "a":
            self._link = given.get("href", "")
        if tag in _VOID or len(self._open) >= _DEEPEST:
            return
        silences = tag in _SILENT or "display:none" in given.get("style", "").replace(" ", "").lower()
        quotes = tag == "blockquote" or bool(_QUOTE_CLASSES.search(given.get("class", "")))
        self._open.append((tag, silences, quotes))
        self._silent += silences
        self._quotes += quotes

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link.startswith(("http://", "https://")) and not self._silent:
            if self._link.rstrip("/") not in self.lines[-1]:
                self.lines[-1] += f" ({self._link})"
            self._link = ""
        if tag in _BLOCKS:
            self._line()
        if any(opened == tag for opened, _, _ in self._open):
            while self._open:
                opened, silences, quotes = self._open.pop()
                self._silent -= silences
                self._quotes -= quotes
                if opened == tag:
                    break

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if len(self.lines[-1]) > _LONGEST_LINE:
            self._line()
        text = re.sub(r"[ \t\r\n\f]+", " ", data)
        if not self.lines[-1].strip():
            text = text.lstrip()
            if text and self._quotes and not self.lines[-1]:
                text = "> " + text
        self.lines[-1] += text

    def _line(self) -> None:
        if self.lines[-1].strip() or len(self.lines) < 2 or self.lines[-2] != "":
            self.lines.append("")


def text_of(html: str) -> str:
    """The words of an HTML mail, line by line; never markup."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    lines = [line.replace("\xa0", " ").rstrip() for line in reader.lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
