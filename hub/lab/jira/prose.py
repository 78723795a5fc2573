"""Plain paragraphs in Jira's two markups, and what the document format allows."""

from __future__ import annotations

import re
from typing import Any

BLOCKS = {
    "paragraph", "heading", "bulletList", "orderedList", "listItem", "codeBlock", "blockquote", "rule",
    "table", "tableRow", "tableHeader", "tableCell", "panel", "mediaGroup", "mediaSingle", "media", "expand",
}  # fmt: skip
INLINE = {"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status"}
MARKS = {"strong", "em", "code", "link", "strike", "underline", "subsup", "textColor"}
STRONG = re.compile(r"\*\*(.+?)\*\*")
WIKI_STRONG = re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])")
ANCHOR = re.compile(r"\s*\{anchor:[^}]*\}\s*$")


def document(text: str) -> dict[str, Any] | None:
    """Paragraphs of plain words (and strong ones) as a document."""
    paragraphs = [one for one in text.split("\n\n") if one.strip()]
    if not paragraphs:
        return None
    content = [{"type": "paragraph", "content": _inline(one)} for one in paragraphs]
    return {"type": "doc", "version": 1, "content": content}


def _inline(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number, line in enumerate(text.split("\n")):
        found += [{"type": "hardBreak"}] if number else []
        for at, part in enumerate(STRONG.split(line)):
            marks = {"marks": [{"type": "strong"}]} if at % 2 else {}
            found += [{"type": "text", "text": part, **marks}] if part else []
    return found


def plain(value: Any) -> str:
    """A document's or a wiki text's words, as people see them."""
    if isinstance(value, str):
        return WIKI_STRONG.sub(r"**\1**", ANCHOR.sub("", value))
    return "\n\n".join(_said(block) for block in value["content"]) if value else ""


def _said(node: dict[str, Any]) -> str:
    if node["type"] == "hardBreak":
        return "\n"
    if node["type"] == "text":
        strong = {"type": "strong"} in node.get("marks", ())
        return f"**{node['text']}**" if strong else str(node["text"])
    return "".join(_said(one) for one in node.get("content", ()))


def wiki(text: str) -> str:
    """Paragraphs of plain words (and strong ones) as wiki text."""
    return STRONG.sub(r"*\1*", text)


def is_document(value: Any) -> bool:
    """Would Cloud take it?"""
    return (
        isinstance(value, dict)
        and value.get("type") == "doc"
        and value.get("version") == 1
        and isinstance(value.get("content"), list)
        and all(_is_node(one, BLOCKS) for one in value["content"])
    )


def _is_node(node: Any, allowed: set[str]) -> bool:
    if not isinstance(node, dict) or node.get("type") not in allowed:
        return False
    kind, content = node["type"], node.get("content", [])
    if kind == "text":
        marks = node.get("marks", [])
        kinds = {mark["type"] for mark in marks}
        code = "code" not in kinds or kinds <= {"code", "link"}
        linked = all(mark["attrs"]["href"] for mark in marks if mark["type"] == "link")
        return bool(node.get("text")) and kinds <= MARKS and code and linked
    if kind in ("paragraph", "heading"):
        return all(_is_node(one, INLINE) for one in content)
    if kind in ("bulletList", "orderedList"):
        return bool(content) and all(_is_node(one, {"listItem"}) for one in content)
    if kind == "listItem":
        first = bool(content) and content[0]["type"] in ("paragraph", "codeBlock", "mediaSingle")
        inside = {"paragraph", "bulletList", "orderedList", "codeBlock", "mediaSingle"}
        return first and all(_is_node(one, inside) for one in content)
    if kind == "blockquote":
        inside = {"paragraph", "bulletList", "orderedList", "codeBlock"}
        return bool(content) and all(_is_node(one, inside) for one in content)
    if kind == "codeBlock":
        return all(one.get("type") == "text" and one.get("text") and "marks" not in one for one in content)
    return True
