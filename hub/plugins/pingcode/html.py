"""PingCode's rich text and CommonMark, both ways.

What comes back from a pass there and back stays as it is from then on; plain lines come back unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import groupby, product
from typing import TYPE_CHECKING

from hub.plugins.pingcode.tree import KEPT, Block, Mark, Run, blocks, read, tags

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

Escape = Callable[[str], str]
PASSES = 4
ORDER = ("a", "strong", "em", "s")


@cache
def _parser() -> MarkdownIt:
    # Heavy, and not needed before the first item: the worker starts without it.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")


def to_html(text: str) -> str:
    """CommonMark as HTML; HTML in it stays text."""
    return str(_parser().render(text.replace("\r\n", "\n").replace("\r", "\n"))).strip()


# Most of what a look reads is what the look before it has read.
@lru_cache(maxsize=256)
def to_text(html: str) -> str:
    """HTML as CommonMark that, sent there, reads as the same CommonMark again."""
    found = blocks(read(html))
    text = _document(found)
    for _ in range(PASSES):
        again = _document(blocks(read(to_html(text))))
        if again == text:
            return text
        text = again
    return _document(tuple(_leaves(found)))


def kept_out(html: str) -> list[str]:
    """The tags that CommonMark has no word for (tables, videos …): writing the text would lose them."""
    return sorted({tag for tag in tags(read(html)) if tag not in KEPT})


def _leaves(found: Sequence[Block]) -> Iterator[Block]:
    for block in found:
        if block.items:
            for item in block.items:
                yield from _leaves(item)
        elif block.kind == "pre":
            for line in filter(None, block.text.split("\n")):
                yield Block("p", (Run("text", " ".join(line.split())),))
        elif block.runs:
            yield Block("p", tuple(Run("text", _words(run)) for run in block.runs))


def _words(run: Run) -> str:
    return {"img": run.more, "br": " "}.get(run.kind, run.value)


def _document(found: Sequence[Block]) -> str:
    written: list[str] = []
    last = ""
    for block in found:
        # Two lists in a row would be read as one: the second takes the other sign.
        last = block.kind + "'" if block.kind in ("ul", "ol") and block.kind == last else block.kind
        written.append(_block(block, last))
    return "\n\n".join(filter(None, written))


def _block(block: Block, sign: str) -> str:
    if block.kind == "hr":
        return "---"
    if block.kind == "pre":
        longest = max((len(run) for run in re.findall("`+", block.text)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"{fence}{block.more}\n{block.text}\n{fence}"
    if block.kind == "quote":
        lines = _document(block.items[0]).split("\n")
        return "\n".join(f"> {line}" if line else ">" for line in lines)
    if block.kind in ("ul", "ol"):
        return _list(block, sign)
    return _leaf(block)


def _list(block: Block, sign: str) -> str:
    tight = all(_is_tight(item) for item in block.items)
    parts = []
    for number, item in enumerate(block.items, int(block.more or 1)):
        head = {"ul": "-", "ul'": "*", "ol": f"{number}.", "ol'": f"{number})"}[sign]
        inner = "\n".join(_block(part, part.kind) for part in item) if tight else _document(item)
        if item[0].kind == "hr":
            # Behind the list's own sign the usual line would be one line with it: - - --- is a rule.
            inner = inner.replace("---", "___", 1)
        lines = inner.split("\n")
        indent = " " * (len(head) + 1)
        parts.append(
            "\n".join([f"{head} {lines[0]}", *(indent + line if line else "" for line in lines[1:])])
        )
    return ("\n" if tight else "\n\n").join(parts)


def _is_tight(item: Sequence[Block]) -> bool:
    return item[0].kind == "p" and (len(item) == 1 or (len(item) == 2 and item[1].kind in ("ul", "ol")))


def _leaf(block: Block) -> str:
    """The plainest writing of a paragraph or heading that is read as what it is."""
    head = "#" * int(block.kind[1]) + " " if block.kind.startswith("h") else ""
    for runs in (block.runs, _without(block.runs, "strong", "em", "s"), _without(block.runs, *ORDER)):
        wanted = (Block(block.kind, blocks_runs(runs)),)
        for escape, star in product((_bare, _lightly, _wholly), "*_"):
            text = head + _line(runs, escape, star)
            if blocks(read(to_html(text))) == wanted:
                return text
    return head + _wholly(" ".join(run.value for run in block.runs if run.kind in ("text", "code")))


def blocks_runs(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Runs as they are after reading: neighbours that became equal are one."""
    merged: list[Run] = []
    for run in runs:
        last = merged[-1] if merged else None
        if last and last.kind == run.kind == "text" and last.marks == run.marks:
            merged[-1] = Run("text", last.value + run.value, run.marks)
        else:
            merged.append(run)
    return tuple(merged)


def _without(runs: Sequence[Run], *names: str) -> tuple[Run, ...]:
    return tuple(
        Run(run.kind, run.value, frozenset(mark for mark in run.marks if mark[0] not in names), run.more)
        for run in runs
    )


def _line(runs: Sequence[Run], escape: Escape, star: str, level: int = 0) -> str:
    if level == len(ORDER):
        return "".join(_run(run, escape) for run in runs)
    written = []
    for mark, group in groupby(runs, lambda run: _mark(run, ORDER[level])):
        some = list(group)
        inner = _line(some, escape, star, level + 1)
        if mark is None:
            written.append(inner)
        elif mark[0] == "a":
            bare = len(some) == 1 and some[0].kind == "text" and some[0].value == mark[1] and not mark[2]
            written.append(f"<{mark[1]}>" if bare else f"[{inner}]({_target(mark[1])}{_title(mark[2])})")
        else:
            sign = {"strong": "**", "em": star, "s": "~~"}[mark[0]]
            written.append(f"{sign}{inner}{sign}")
    return "".join(written)


def _mark(run: Run, name: str) -> Mark | None:
    return next((mark for mark in run.marks if mark[0] == name), None)


def _run(run: Run, escape: Escape) -> str:
    if run.kind == "br":
        return "\n"
    if run.kind == "img":
        return f"![{escape(run.more)}]({_target(run.value)})"
    if run.kind == "code":
        longest = max((len(ticks) for ticks in re.findall("`+", run.value)), default=0)
        fence, pad = "`" * (longest + 1), " " if "`" in (run.value[0], run.value[-1]) else ""
        return f"{fence}{pad}{run.value}{pad}{fence}"
    return escape(run.value)


def _target(address: str) -> str:
    if re.fullmatch(r"[^\s()<>\\]+", address):
        return address
    return "<" + re.sub(r"([<>\\])", r"\\\1", address) + ">"


def _title(title: str) -> str:
    return ' "' + re.sub(r'(["\\])', r"\\\1", title) + '"' if title else ""


def _bare(text: str) -> str:
    return text


def _lightly(text: str) -> str:
    text = re.sub(r"([\\`*_\[\]<&~])", r"\\\1", text)
    return re.sub(r"^([#+>=-]|\d{1,9}(?=[.)]))", lambda found: _escaped_start(found[1]), text)


def _escaped_start(start: str) -> str:
    return start if start.isdigit() else "\\" + start


def _wholly(text: str) -> str:
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
