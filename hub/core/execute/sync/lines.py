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


def draft_merge(base: str, ours: str, theirs: str) -> str:
    """A text to go on from: what one side added or took away is done; where both did, both stand there."""
    merged = merge_lines(base, ours, theirs)
    if merged is not None:
        return merged
    root, left, right = set(base.split("\n")), ours.split("\n"), theirs.split("\n")
    lines: list[str] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            lines += left[i1:i2]
        else:
            # A line of the base that only one side still has was taken away by the other.
            lines += [line for line in (*left[i1:i2], *right[j1:j2]) if line not in root]
    return "\n".join(lines)
