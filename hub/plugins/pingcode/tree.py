"""HTML as a small normal form: blocks of runs, in which equal texts are equal values.

Written for the rich text of PingCode (``<p>…</p>`` and what its editor makes); tolerant of anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

Mark = tuple[str, ...]  # ("strong",), ("em",), ("s",) or ("a", address, title)
NAMED = {"strong": "strong", "b": "strong", "em": "em", "i": "em", "s": "s", "del": "s", "strike": "s"}
_BLOCKS = """p div section article ul ol li blockquote pre hr h1 h2 h3 h4 h5 h6 table tr td th thead
    tbody tfoot figure figcaption address header footer main dl dt dd"""
_VOID = "br hr img input wbr area base col embed link meta source track"
BLOCKS, VOID = frozenset(_BLOCKS.split()), frozenset(_VOID.split())
HIDDEN = frozenset(("script", "style", "head", "title", "template"))
# Only their look is lost when the hub writes the text again; everything else would be lost itself.
PLAIN = BLOCKS - {"table", "tr", "td", "th", "thead", "tbody", "tfoot", "dl", "dt", "dd"}
KEPT = (
    PLAIN | set(NAMED) | {"br", "a", "img", "code", "span", "font", "u", "ins", "mark", "sub", "sup", "wbr"}
)
DEEPEST = 40
_SPACE = re.compile(r"[ \t\n\r\f\u00a0]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line: ``kind`` is text, code, img (value: address, more: description) or br."""

    kind: str
    value: str = ""
    marks: frozenset[Mark] = frozenset()
    more: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """``kind`` is p, h1 … h6, pre, hr, quote, ul or ol; ``items`` holds the parts of the last three."""

    kind: str
    runs: tuple[Run, ...] = ()
    text: str = ""
    items: tuple[tuple[Block, ...], ...] = ()
    more: str = ""


@dataclass
class Element:
    """An element as it was parsed."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "p" and self.open[-1].tag == "p":
            self.open.pop()
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(made)
        if tag not in VOID and len(self.open) < DEEPEST:
            self.open.append(made)

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self.open[1:]):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(_CONTROL.sub("", data))


def read(html: str) -> Element:
    """The elements of a text; one without any tag is plain text whose lines count."""
    if not re.search(r"<[a-zA-Z/!]", html):
        lines = html.replace("\r\n", "\n").replace("\r", "\n").replace("<", "&lt;")
        html = "<p>" + re.sub(r"\n{2,}", "</p><p>", lines).replace("\n", "<br>") + "</p>"
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.open[0]


def tags(element: Element) -> Iterator[str]:
    """Every tag inside."""
    for child in element.children:
        if isinstance(child, Element):
            yield child.tag
            yield from tags(child)


def blocks(element: Element) -> tuple[Block, ...]:
    """The blocks inside an element; loose text becomes paragraphs."""
    found: list[Block] = []
    line: list[Run] = []

    def end() -> None:
        found.extend(Block("p", runs) for runs in _paragraphs(line))
        line.clear()

    for child in element.children:
        if isinstance(child, Element) and _has_blocks(child):
            end()
            found.extend(_block(child))
        else:
            line.extend(_runs(child, frozenset()))
    end()
    return tuple(found)


def _has_blocks(element: Element) -> bool:
    if element.tag in BLOCKS:
        return True
    return element.tag not in HIDDEN and any(tag in BLOCKS for tag in tags(element))


def _block(element: Element) -> list[Block]:
    tag = element.tag
    if tag == "hr":
        return [Block("hr")]
    if tag == "pre":
        return _code(element)
    if tag in ("ul", "ol"):
        parts = [child for child in element.children if isinstance(child, Element)]
        items = tuple(found for part in parts if (found := blocks(part)))
        start = element.attributes.get("start", "")
        more = start if tag == "ol" and start.isascii() and start.isdigit() and start != "1" else ""
        return [Block(tag, items=items, more=str(int(more[:9])) if more else "")] if items else []
    if tag == "blockquote":
        inside = blocks(element)
        return [Block("quote", items=(inside,))] if inside else []
    if re.fullmatch("h[1-6]", tag):
        runs = [Run("text", " ") if run.kind == "br" else run for run in _runs_of(element, frozenset())]
        return [Block(tag, line) for line in _paragraphs(runs)]
    return list(blocks(element))


def _code(element: Element) -> list[Block]:
    inner = [child for child in element.children if isinstance(child, Element) and child.tag == "code"]
    classes = inner[0].attributes.get("class", "").split() if inner else []
    language = next((name[9:] for name in classes if name.startswith("language-")), "")
    language = language if re.fullmatch(r"[\w+#.-]*", language) else ""
    text = "\n".join(_raw(element).replace("\r\n", "\n").split("\n")).strip("\n")
    return [Block("pre", text=text, more=language)]


def _raw(element: Element) -> str:
    parts = (
        child if isinstance(child, str) else "\n" if child.tag == "br" else _raw(child)
        for child in element.children
    )
    return "".join(parts)


def _runs_of(element: Element, marks: frozenset[Mark]) -> Iterator[Run]:
    for child in element.children:
        yield from _runs(child, marks)


def _runs(child: Element | str, marks: frozenset[Mark]) -> Iterator[Run]:
    if isinstance(child, str):
        yield Run("text", child, marks)
        return
    tag, about = child.tag, child.attributes
    if tag in HIDDEN:
        return
    if tag == "br":
        yield Run("br")
    elif tag == "img" and (source := address(about.get("src", ""))):
        yield Run("img", source, marks, _squeezed(about.get("alt", "")))
    elif tag == "code":
        if text := _squeezed(_raw(child)):
            yield Run("code", text, marks)
    elif tag in NAMED:
        yield from _runs_of(child, marks | {(NAMED[tag],)})
    elif tag == "a" and (target := address(about.get("href", ""))):
        inner = frozenset(mark for mark in marks if mark[0] != "a")
        yield from _runs_of(child, inner | {("a", target, _squeezed(about.get("title", "")))})
    else:
        yield from _runs_of(child, marks)


def address(text: str) -> str:
    """An address as CommonMark writes it, or nothing where it may not be followed."""
    from markdown_it.common.normalize_url import normalizeLink, validateLink

    cleaned = re.sub(r"\s", "", text)
    normal = normalizeLink(cleaned) if cleaned else ""
    return normal if normal and validateLink(normal) else ""


def _squeezed(text: str) -> str:
    return _SPACE.sub(" ", text).strip(" ")


def _paragraphs(runs: Sequence[Run]) -> Iterator[tuple[Run, ...]]:
    """Runs with spaces in their normal place; two line breaks begin a new paragraph."""
    line: list[Run] = []
    breaks = 0
    for run in [*_words(runs), Run("br"), Run("br")]:
        if run.kind == "br":
            breaks += 1
        elif run != Run("text", " ", run.marks) or (line and not breaks):
            if breaks == 1 and line:
                line.append(Run("br"))
            line.append(run)
            breaks = 0
        if breaks == 2 and line:
            if normal := _settled(line):
                yield normal
            line = []


def _words(runs: Sequence[Run]) -> Iterator[Run]:
    for run in runs:
        if run.kind != "text":
            yield run
            continue
        for part in re.split(r"([ \t\n\r\f\u00a0]+)", run.value):
            if part:
                yield replace(run, value=" " if _SPACE.fullmatch(part) else part)


def _settled(line: Sequence[Run]) -> tuple[Run, ...]:
    """Spaces and breaks take the marks both neighbours share; neighbours with equal marks become one."""
    solid = [run for run in line if run.kind != "text" or run.value != " "]
    settled: list[Run] = []
    seen = 0
    for run in line:
        if run.value == " " and run.kind == "text":
            before = settled[-1] if settled else Run("br")
            after = solid[seen] if seen < len(solid) else Run("br")
            if before.kind == "br" or after.kind == "br" or before.value.endswith(" "):
                continue
            run = replace(run, marks=before.marks & after.marks)
        else:
            seen += 1
            if run.kind == "br":
                after = solid[seen] if seen < len(solid) else Run("br")
                run = replace(run, marks=settled[-1].marks & after.marks if settled else frozenset())
        last = settled[-1] if settled else None
        if last and run.kind == last.kind == "text" and run.marks == last.marks:
            settled[-1] = replace(last, value=last.value + run.value)
        else:
            settled.append(run)
    return tuple(settled)
