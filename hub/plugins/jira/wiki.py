"""Blocks of Jira's document format to the wiki text of Data Center."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from hub.plugins.jira.document import RAW_WIKI, Node
from hub.plugins.jira.errors import record, rows, words
from hub.plugins.jira.wiki_reading import read

SIGNS = {"strong": "*", "em": "_", "strike": "-"}
SPECIAL = re.compile(r"([\\{}\[\]*_|~^+!?-])")
ALL = re.compile(r"([!-/:-@\[-`{-~])")


def written(blocks: list[Node]) -> str:
    """The wiki text of these blocks."""
    return "\n\n".join(_block(block) for block in blocks)


def _block(block: Mapping[str, Any]) -> str:
    kind, content = block["type"], rows(block.get("content"))
    if kind == "heading":
        return _checked(content, f"h{block['attrs']['level']}. ", "heading")
    if kind in ("bulletList", "orderedList"):
        return "\n".join(_items(block, ""))
    if kind == "blockquote":
        return "{quote}\n" + written([dict(one) for one in content]) + "\n{quote}"
    if kind == "codeBlock":
        return _code(block)
    if kind == "rule":
        return "----"
    return _checked(content, "", "paragraph")


def _code(block: Mapping[str, Any]) -> str:
    text = "".join(words(one.get("text")) for one in rows(block.get("content")))
    language = words(record(block.get("attrs")).get("language"))
    if language == RAW_WIKI:
        return text
    # Nothing can be escaped in a code macro: its own end is taken apart.
    text = text.replace("{code}", "{ code}")
    plain = not language or not re.fullmatch(r"[A-Za-z0-9+#.-]+", language)
    return f"{{code{'' if plain else ':' + language}}}\n{text}\n{{code}}"


def _items(block: Mapping[str, Any], before: str) -> list[str]:
    sign = before + ("*" if block["type"] == "bulletList" else "#")
    lines: list[str] = []
    for item in rows(block.get("content")):
        said: list[str] = []
        below: list[str] = []
        for one in rows(item.get("content")):
            if one["type"] in ("bulletList", "orderedList"):
                below += _items(one, sign)
            elif one["type"] == "paragraph":
                said.append(_checked(rows(one.get("content")), "", "paragraph"))
            else:
                said.append(_code(one).replace("\n", " "))
        # An item is one line in wiki text; line breaks within it are written as such.
        text = "\\\\ ".join("\n".join(said).split("\n"))
        # The signs of what is below say that there is an item above it; an empty one says nothing.
        lines += [f"{sign} {text}", *below] if text.strip() else below
    return lines


def _checked(nodes: list[Mapping[str, Any]], before: str, kind: str) -> str:
    """The lightest escaping whose wiki text means these nodes again; else their bare text."""
    wanted = _bare(nodes)
    text = ""
    for escape in (lambda text: text, lambda text: SPECIAL.sub(r"\\\1", text), lambda t: ALL.sub(r"\\\1", t)):
        text = before + "".join(_span(node, escape) for node in nodes)
        back = read(text)
        if [one["type"] for one in back] == [kind] and _bare(back[0]["content"]) == wanted:
            return text
    return before + "".join(
        "\n" if node["type"] == "hardBreak" else ALL.sub(r"\\\1", words(node.get("text"))) for node in nodes
    )


def _bare(nodes: list[Any]) -> list[tuple[str, Any, Any]]:
    return [
        (one["type"], one.get("text", record(one.get("attrs")).get("id")), one.get("marks")) for one in nodes
    ]


def _span(node: Mapping[str, Any], escape: Callable[[str], str]) -> str:
    if node["type"] == "hardBreak":
        return "\n"
    if node["type"] == "mention":
        return f"[~{words(record(node.get('attrs')).get('id'))}]"
    marks = {mark["type"]: mark for mark in rows(node.get("marks"))}
    text = words(node.get("text"))
    inner = text.strip() or text
    said = f"{{{{{inner}}}}}" if "code" in marks else escape(inner)
    for kind, sign in SIGNS.items():
        if kind in marks:
            said = f"{sign}{said}{sign}"
    if "link" in marks:
        said = f"[{said}|{marks['link']['attrs']['href']}]"
    if not marks or not text.strip():
        return escape(text)
    return text[: len(text) - len(text.lstrip())] + said + text[len(text.rstrip()) :]
