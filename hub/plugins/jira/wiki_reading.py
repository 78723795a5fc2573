"""The wiki text of Data Center to blocks of Jira's document format."""

from __future__ import annotations

import re
from typing import Any

from hub.plugins.jira.document import DEEPEST, RAW_WIKI, Node, joined, merged

HEADING = re.compile(r"h([1-6])\.\s+(.*)")
ITEM = re.compile(r"([*#-]+)\s+(.*)")
MACRO = re.compile(r"\{(code|noformat|quote|panel|color|[a-z]+)(?::([^}]*))?\}(.*)", re.DOTALL)
BARE = re.compile(r"\{(code|noformat)(?::([^}|]*)[^}]*)?\}")
SPAN = re.compile(
    r"(?P<break>\\\\ ?)"
    r"|\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|\{\{(?P<code>[^\n]+?)\}\}"
    r"|\[~(?P<user>[^\]\n|]+)\]"
    r"|\[(?P<said>(?:\\.|[^\]\\|\n])+)\|(?P<href>[^\]\s|]+)\]"
    r"|\[(?P<bare>(?:https?|mailto):[^\]\s|]+)\]"
    r"|(?<![\w*])\*(?P<strong>(?![\s*])(?:\\.|[^*\\\n])*(?<![\s])(?<!\\))\*(?![\w*])"
    r"|(?<![\w_])_(?P<em>(?![\s_])(?:\\.|[^_\\\n])*(?<![\s])(?<!\\))_(?![\w_])"
    r"|(?<![\w-])-(?P<strike>(?![\s-])(?:\\.|[^\\\n-])*(?<![\s])(?<!\\))-(?![\w-])"
)


def read(text: str) -> list[Node]:
    """The blocks of a wiki text."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found: list[Node] = []
    at = 0
    while at < len(lines):
        block, at = _block(lines, at)
        if block is not None:
            found.append(block)
    return joined(found)


def _block(lines: list[str], at: int) -> tuple[Node | None, int]:
    line = lines[at].strip()
    if not line:
        return None, at + 1
    if heading := HEADING.fullmatch(line):
        attrs = {"level": int(heading[1])}
        return {"type": "heading", "attrs": attrs, "content": _spans(heading[2])}, at + 1
    if line == "----":
        return {"type": "rule"}, at + 1
    if line.startswith("bq. "):
        inner = [{"type": "paragraph", "content": _spans(line[4:])}]
        return {"type": "blockquote", "content": inner}, at + 1
    if ITEM.fullmatch(line) and not line.startswith("--"):
        return _items(lines, at)
    if macro := MACRO.fullmatch(line):
        return _macro(lines, at, macro)
    if line.startswith("|"):
        end = at
        while end < len(lines) and lines[end].strip().startswith("|"):
            end += 1
        return _raw(lines[at:end]), end
    return _paragraph(lines, at)


def _paragraph(lines: list[str], at: int) -> tuple[Node, int]:
    said = [lines[at].strip()]
    at += 1
    while at < len(lines) and (line := lines[at].strip()) and not _begins(line):
        said.append(line)
        at += 1
    return {"type": "paragraph", "content": _spans("\n".join(said))}, at


def _begins(line: str) -> bool:
    return bool(
        HEADING.fullmatch(line)
        or ITEM.fullmatch(line)
        or MACRO.fullmatch(line)
        or line == "----"
        or line.startswith(("bq. ", "|"))
    )


def _macro(lines: list[str], at: int, macro: re.Match[str]) -> tuple[Node | None, int]:
    name = macro[1]
    end = next((n for n in range(at + 1, len(lines)) if lines[n].strip().endswith(f"{{{name}}}")), None)
    own_line = not macro[3].strip() and end is not None and lines[end].strip() == f"{{{name}}}"
    if name in ("code", "noformat") and own_line and end is not None:
        attrs: dict[str, Any] = {"attrs": {"language": macro[2]}} if macro[2] else {}
        text = "\n".join(lines[at + 1 : end])
        content = [{"type": "text", "text": text}] if text else []
        return {"type": "codeBlock", **attrs, "content": content}, end + 1
    if name == "quote" and own_line and end is not None:
        inner = read("\n".join(lines[at + 1 : end]))
        return ({"type": "blockquote", "content": inner} if inner else None), end + 1
    # Panels, colours and macros of add-ons stand as they are.
    end = at if end is None or macro[3].strip().endswith(f"{{{name}}}") else end
    return _raw(lines[at : end + 1]), end + 1


def _raw(lines: list[str]) -> Node:
    text = "\n".join(lines)
    content = [{"type": "text", "text": text}]
    return {"type": "codeBlock", "attrs": {"language": RAW_WIKI}, "content": content}


def _items(lines: list[str], at: int) -> tuple[Node, int]:
    rows: list[tuple[str, str]] = []
    while at < len(lines) and (item := ITEM.fullmatch(lines[at].strip())):
        rows.append((item[1].replace("-", "*"), item[2]))
        at += 1
    return _tree(rows, 1), at


def _tree(rows: list[tuple[str, str]], depth: int) -> Node:
    """The list whose items have signs of this length; longer signs belong to the item before them."""
    kind = "bulletList" if rows[0][0][min(depth, len(rows[0][0])) - 1] == "*" else "orderedList"
    items: list[Node] = []
    at = 0
    while at < len(rows):
        sign, text = rows[at]
        content: list[Node] = []
        if len(sign) <= depth or depth >= DEEPEST:
            content.append({"type": "paragraph", "content": _spans(text)})
            at += 1
        else:
            content.append({"type": "paragraph", "content": []})
        end = at
        while end < len(rows) and len(rows[end][0]) > depth and depth < DEEPEST:
            end += 1
        below = at
        while below < end:
            # A change of the sign at the next depth begins another list.
            last = below
            while last < end and rows[last][0][depth] == rows[below][0][depth]:
                last += 1
            content.append(_tree(rows[below:last], depth + 1))
            below = last
        at = end
        items.append({"type": "listItem", "content": content})
    return {"type": kind, "content": items}


def _spans(text: str) -> list[Node]:
    return merged(_inline(text, [], 0))


def _inline(text: str, marks: list[Node], depth: int) -> list[Node]:
    found: list[Node] = []
    at = 0
    for span in SPAN.finditer(text) if depth < 8 else ():
        found += _plain(text[at : span.start()], marks)
        at = span.end()
        kind = str(span.lastgroup)
        if kind in ("said", "href"):
            link = {"type": "link", "attrs": {"href": span["href"]}}
            found += _inline(span["said"], [*marks, link], depth + 1)
        elif kind == "break":
            found.append({"type": "hardBreak"})
        elif kind == "escaped":
            found += _plain(span["escaped"], marks)
        elif kind == "code":
            found += _plain(span["code"], [*marks, {"type": "code"}])
        elif kind == "user":
            found.append({"type": "mention", "attrs": {"id": span["user"], "text": f"@{span['user']}"}})
        elif kind == "bare":
            found += _plain(span["bare"], [*marks, {"type": "link", "attrs": {"href": span["bare"]}}])
        else:
            found += _inline(span[kind], [*marks, {"type": kind}], depth + 1)
    return [*found, *_plain(text[at:], marks)]


def _plain(text: str, marks: list[Node]) -> list[Node]:
    kinds = {mark["type"] for mark in marks}
    order = ("code",) if "code" in kinds else ("strong", "em", "strike")
    kept: list[Node] = [{"type": kind} for kind in order if kind in kinds]
    kept += [mark for mark in marks if mark["type"] == "link"][:1]
    found: list[Node] = []
    for number, line in enumerate(text.split("\n")):
        found += [{"type": "hardBreak"}] if number else []
        found += [{"type": "text", "text": line, **({"marks": kept} if kept else {})}] if line else []
    return found
