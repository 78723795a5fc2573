"""Markdown to blocks of Jira's document format: what Cloud takes as it is, and wiki text is made from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Node = dict[str, Any]
MARKS = {"strong": "strong", "em": "em", "s": "strike"}
# Code blocks of these languages hold what has no Markdown: they go back as they came.
RAW_ADF, RAW_WIKI = "jira-adf", "jira-wiki"
MENTION = "jira-user:"
# What a list item or a quotation may hold; anything else in there becomes paragraphs.
IN_ITEM = ("paragraph", "bulletList", "orderedList", "codeBlock")
DEEPEST = 50


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("strikethrough")


def parsed(text: str) -> list[Node]:
    """The blocks of a Markdown text."""
    tokens = _reader().parse(text)
    blocks, _ = _blocks(tokens, 0, None)
    return joined(blocks)


def joined(blocks: Iterable[Node]) -> list[Node]:
    """Blocks without empty paragraphs at the top, neighbouring lists of one kind made one."""
    found: list[Node] = []
    for block in blocks:
        kind = block.get("type")
        if kind == "paragraph" and not block.get("content"):
            continue
        if kind in ("bulletList", "orderedList") and found and found[-1].get("type") == kind:
            found[-1] = {**found[-1], "content": [*found[-1]["content"], *block["content"]]}
        else:
            found.append(block)
    return found


def _blocks(tokens: list[Token], at: int, end: str | None) -> tuple[list[Node], int]:
    found: list[Node] = []
    while at < len(tokens) and tokens[at].type != end:
        token = tokens[at]
        at += 1
        if token.type in ("paragraph_open", "heading_open"):
            found.append(_leaf(token, tokens[at]))
            at += 2
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            kind = token.type.removesuffix("_open")
            inner, at = _blocks(tokens, at, f"{kind}_close")
            found.append(_list(kind, inner, token.attrGet("start")))
            at += 1
        elif token.type in ("list_item_open", "blockquote_open"):
            kind = token.type.removesuffix("_open")
            inner, at = _blocks(tokens, at, f"{kind}_close")
            found += [_item(inner)] if kind == "list_item" else _quote(inner)
            at += 1
        elif token.type in ("fence", "code_block"):
            found.append(_code(token))
        elif token.type == "hr":
            found.append({"type": "rule"})
        elif token.type == "html_block":
            found.append({"type": "paragraph", "content": _lines(token.content.strip())})
    return found, at


def _leaf(opening: Token, inline: Token) -> Node:
    content = spans(inline.children or [])
    if opening.type == "paragraph_open":
        return {"type": "paragraph", "content": content}
    return {"type": "heading", "attrs": {"level": int(opening.tag[1])}, "content": one_line(content)}


def _list(kind: str, items: list[Node], start: Any) -> Node:
    if kind == "bullet_list":
        return {"type": "bulletList", "content": items}
    order = {"attrs": {"order": int(start)}} if start not in (None, 1) else {}
    return {"type": "orderedList", **order, "content": items}


def _item(inner: list[Node]) -> Node:
    content = joined(_allowed(inner))
    if not content or content[0]["type"] in ("bulletList", "orderedList"):
        content.insert(0, {"type": "paragraph", "content": []})
    return {"type": "listItem", "content": content}


def _quote(inner: list[Node]) -> list[Node]:
    content = joined(_allowed(inner))
    return [{"type": "blockquote", "content": content}] if content else []


def _allowed(inner: list[Node]) -> list[Node]:
    found: list[Node] = []
    for block in inner:
        if block["type"] in IN_ITEM:
            found.append(block)
        elif block["type"] == "heading":
            found.append({"type": "paragraph", "content": block["content"]})
        elif block["type"] == "blockquote":
            found += block["content"]
    return found


def _code(token: Token) -> Node:
    text, language = token.content.removesuffix("\n"), token.info.strip()
    if language == RAW_ADF:
        try:
            node = json.loads(text)
        except ValueError:
            node = None
        if isinstance(node, dict) and isinstance(node.get("type"), str):
            return node
    attrs = {"attrs": {"language": language}} if language else {}
    return {"type": "codeBlock", **attrs, "content": [{"type": "text", "text": text}] if text else []}


def spans(tokens: Iterable[Token]) -> list[Node]:
    """The inline nodes of a paragraph."""
    found: list[Node] = []
    marks: list[Node] = []
    for token in tokens:
        name = token.type.removesuffix("_open").removesuffix("_close")
        if token.type in ("softbreak", "hardbreak"):
            found.append({"type": "hardBreak"})
        elif token.type.endswith("_open") and name in MARKS:
            marks.append({"type": MARKS[name]})
        elif token.type == "link_open":
            marks.append({"type": "link", "attrs": {"href": str(token.attrGet("href") or "")}})
        elif token.type.endswith("_close") and marks:
            marks.pop()
        elif token.type == "code_inline":
            found.append(_text(token.content, [*marks, {"type": "code"}]))
        elif token.type == "image":
            href = str(token.attrGet("src") or "")
            found.append(_text(token.content or href, [*marks, {"type": "link", "attrs": {"href": href}}]))
        elif token.content:
            found.append(_text(token.content, marks))
    return merged(found)


def _text(text: str, marks: list[Node]) -> Node:
    kinds = {mark["type"] for mark in marks}
    link = next((mark for mark in marks if mark["type"] == "link"), None)
    if link and (user := link["attrs"]["href"]).startswith(MENTION):
        return {"type": "mention", "attrs": {"id": user.removeprefix(MENTION), "text": text}}
    # Code stands with no other mark but a link.
    order = ("code",) if "code" in kinds else ("strong", "em", "strike")
    kept = [{"type": kind} for kind in order if kind in kinds]
    if link and link["attrs"]["href"]:
        kept.append(link)
    return {"type": "text", "text": text, **({"marks": kept} if kept else {})}


def merged(nodes: Iterable[Node]) -> list[Node]:
    """Inline nodes with neighbours of the same marks made one; no break and no blank at either end."""
    found: list[Node] = []
    for node in nodes:
        if node["type"] == "text" and not node["text"]:
            continue
        last = found[-1] if found else None
        if (
            last
            and node["type"] == last["type"] == "text"
            and node.get("marks") == last.get("marks")
            and not any(mark["type"] == "code" for mark in node.get("marks", ()))
        ):
            found[-1] = {**last, "text": last["text"] + node["text"]}
        else:
            found.append(node)
    while found and found[-1]["type"] == "hardBreak":
        found.pop()
    while found and found[0]["type"] == "hardBreak":
        found.pop(0)
    return found


def one_line(nodes: Iterable[Node]) -> list[Node]:
    """Inline nodes for a heading, which knows no line breaks."""
    return merged({"type": "text", "text": " "} if one["type"] == "hardBreak" else one for one in nodes)


def _lines(text: str) -> list[Node]:
    found: list[Node] = []
    for line in text.split("\n"):
        found += [{"type": "text", "text": line.strip()}, {"type": "hardBreak"}]
    return merged(found)
