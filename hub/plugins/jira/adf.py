"""Blocks of Jira's document format to Markdown; what has no Markdown is kept as it is in a code block."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from hub.plugins.jira.document import DEEPEST, MENTION, RAW_ADF, Node, joined, merged, one_line, parsed
from hub.plugins.jira.errors import record, rows, words

INLINE = {"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status"}
SIGNS = {"strong": "**", "em": "*", "strike": "~~"}
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
LIGHT = re.compile(r"([\\`*\[\]]|(?<!\w)_|_(?!\w)|<(?=[A-Za-z/!?])|&(?=#?\w+;)|~(?=~))")
LINE_START = re.compile(r"^([#>+=-]|\d+(?=[.)]))", re.MULTILINE)


def markdown(blocks: Any, depth: int = 0) -> str:
    """The Markdown of these blocks, whatever they are."""
    return "\n\n".join(text for one in _known(blocks) if (text := _block(one, depth)))


def _known(blocks: Any) -> list[Node]:
    """The blocks, with their inline nodes in one order; loose inline nodes in a paragraph."""
    found: list[Node] = []
    for block in rows(blocks):
        if words(block.get("type")) in INLINE:
            block = {"type": "paragraph", "content": [block]}
        found.append(dict(block))
    return joined(one if _is_list(one) or not _is_kind(one, LISTS) else {"type": "lost"} for one in found)


LISTS = ("bulletList", "orderedList")


def _is_kind(block: Mapping[str, Any], kinds: tuple[str, ...]) -> bool:
    return block.get("type") in kinds


def _is_list(block: Mapping[str, Any]) -> bool:
    return _is_kind(block, LISTS) and isinstance(block.get("content"), list)


def _block(block: Node, depth: int) -> str:
    kind, content = block.get("type"), block.get("content")
    if depth > DEEPEST:
        return ""
    if kind == "paragraph":
        return _checked(_inline(content), lambda text: text, "paragraph")
    if kind == "heading":
        level = record(block.get("attrs")).get("level")
        sign = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1)
        return _checked(one_line(_inline(content)), lambda text: f"{sign} {text}".rstrip(), "heading")
    if kind in LISTS:
        return _listed(block, depth)
    if kind == "blockquote":
        inner = markdown(content, depth + 1)
        return "\n".join(f"> {line}".rstrip() for line in inner.split("\n")) if inner else ""
    if kind == "codeBlock":
        return _fenced("".join(words(one.get("text")) for one in rows(content)), _language(block))
    if kind == "rule":
        return "---"
    if not isinstance(kind, str) or kind == "lost":
        return ""
    return _fenced(json.dumps(block, ensure_ascii=False, sort_keys=True), RAW_ADF)


def _language(block: Node) -> str:
    found = words(record(block.get("attrs")).get("language"))
    return "" if re.search(r"[\s`]", found) or found == RAW_ADF else found


def _fenced(text: str, language: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}" if text else f"{fence}{language}\n{fence}"


def _listed(block: Node, depth: int) -> str:
    number = record(block.get("attrs")).get("order")
    number = number if isinstance(number, int) and 0 <= number < 10**8 else 1
    lines: list[str] = []
    items = [_known(item.get("content")) for item in rows(block.get("content"))]
    # A list is loose where a paragraph follows another block of its item.
    loose = any(
        before.get("type") != "paragraph" or after.get("type") in ("paragraph", "codeBlock")
        for item in items
        for before, after in pairwise(item)
    )
    for at, item in enumerate(items):
        sign = "-" if block["type"] == "bulletList" else f"{number + at}."
        blank = " " * (len(sign) + 1)
        texts = [text for one in item if (text := _block(one, depth + 1))]
        if item and item[0].get("type") in LISTS:
            texts.insert(0, "")
        inner = ("\n\n" if loose else "\n").join(texts)
        first, *rest = inner.split("\n")
        lines.append(f"{sign} {first}".rstrip())
        lines += [f"{blank}{line}".rstrip() for line in rest]
        if loose and at + 1 < len(items):
            lines.append("")
    return "\n".join(lines)


def _inline(content: Any) -> list[Node]:
    """Inline nodes as Markdown can say them."""
    found: list[Node] = []
    for node in rows(content):
        kind, attrs = node.get("type"), record(node.get("attrs"))
        if kind == "text":
            found += _text(words(node.get("text")), rows(node.get("marks")))
        elif kind in ("hardBreak", "mention"):
            found.append(dict(node))
        elif kind == "inlineCard" and (url := words(attrs.get("url"))):
            found.append({"type": "text", "text": url, "marks": [{"type": "link", "attrs": {"href": url}}]})
        else:
            said = words(attrs.get("text")) or words(attrs.get("shortName")) or words(attrs.get("timestamp"))
            found.append({"type": "text", "text": said or f"[{words(kind)}]"})
    return merged(found)


def _text(text: str, marks: list[Mapping[str, Any]]) -> list[Node]:
    kinds = {words(mark.get("type")): mark for mark in marks}
    order = ("code",) if "code" in kinds else ("strong", "em", "strike")
    kept: list[Node] = [{"type": kind} for kind in order if kind in kinds]
    if href := words(record(record(kinds.get("link")).get("attrs")).get("href")):
        kept.append({"type": "link", "attrs": {"href": href}})
    found: list[Node] = []
    for at, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        found += [{"type": "hardBreak"}] if at else []
        found += [{"type": "text", "text": line, **({"marks": kept} if kept else {})}] if line else []
    return found


def _checked(nodes: list[Node], around: Callable[[str], str], kind: str) -> str:
    """The lightest escaping whose Markdown means these nodes again; else their bare text."""
    wanted = _bare(nodes)
    for escape in (lambda text: text, _light, _heavy):
        text = around(_line_ends("".join(_span(node, escape) for node in nodes)))
        back = parsed(text)
        if [one["type"] for one in back] == [kind] and _bare(back[0]["content"]) == wanted:
            return text
    plain = "".join("\n" if node["type"] == "hardBreak" else _heavy(_said(node)) for node in nodes)
    return around(_line_ends(plain))


def _bare(nodes: list[Node]) -> list[tuple[str, Any, Any]]:
    return [(node["type"], node.get("text", node.get("attrs")), node.get("marks")) for node in nodes]


def _line_ends(text: str) -> str:
    # Blanks at either end of a line say nothing in Markdown, and four of them too much.
    return "\n".join(line.strip(" \t") for line in text.split("\n")).strip("\n")


def _light(text: str) -> str:
    return LINE_START.sub(r"\\\1" if not text[:1].isdigit() else r"\1\\", LIGHT.sub(r"\\\1", text))


def _heavy(text: str) -> str:
    return PUNCTUATION.sub(r"\\\1", text)


def _said(node: Node) -> str:
    return words(node.get("text")) or words(record(node.get("attrs")).get("text"))


def _span(node: Node, escape: Callable[[str], str]) -> str:
    if node["type"] == "hardBreak":
        return "\n"
    if node["type"] == "mention":
        name = escape(words(record(node.get("attrs")).get("text")) or "@")
        return f"[{name}](<{MENTION}{words(record(node.get('attrs')).get('id'))}>)"
    marks = {mark["type"]: mark for mark in node.get("marks", ())}
    text = node["text"]
    if "code" in marks:
        ticks = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
        pad = " " if text[:1] in "` " or text[-1:] in "` " else ""
        text = f"{ticks}{pad}{text}{pad}{ticks}"
    else:
        text = _signed(escape(text), [sign for kind, sign in SIGNS.items() if kind in marks])
    if "link" in marks:
        href = words(marks["link"]["attrs"]["href"])
        target = href if re.fullmatch(r"[^\s<>()\\]+", href) else f"<{href}>"
        text = f"[{text}]({target})"
    return text


def _signed(text: str, signs: list[str]) -> str:
    # A sign must touch a letter: blanks go outside.
    inner = text.strip()
    if not signs or not inner:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return before + "".join(signs) + inner + "".join(reversed(signs)) + after
