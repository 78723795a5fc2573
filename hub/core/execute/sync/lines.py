"""Three-way merge of long texts, line by line.

Own code because the kept library for it (merge3) is under the GPL, which this project cannot carry.
"""

from __future__ import annotations

from difflib import SequenceMatcher


def merge_lines(base: str, ours: str, theirs: str) -> str | None:
    """The text with both sides' changes, or None where they touch the same or neighbouring lines."""
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    # Splitting on "\n" alone keeps the end of the last line apart from its text and joins exactly.
    root, left, right = base.split("\n"), ours.split("\n"), theirs.split("\n")
    edits = _edits(root, left)
    for edit in _edits(root, right):
        if edit in edits:
            continue
        if any(_touch(edit, other) for other in edits):
            return None
        edits.append(edit)
    merged = list(root)
    for start, end, lines in sorted(edits, reverse=True):
        merged[start:end] = lines
    return "\n".join(merged)


def _edits(root: list[str], side: list[str]) -> list[tuple[int, int, tuple[str, ...]]]:
    codes = SequenceMatcher(None, root, side, autojunk=False).get_opcodes()
    return [(i1, i2, tuple(side[j1:j2])) for tag, i1, i2, j1, j2 in codes if tag != "equal"]


def _touch(one: tuple[int, int, tuple[str, ...]], other: tuple[int, int, tuple[str, ...]]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
