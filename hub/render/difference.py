"""What differs between two texts, word by word; Chinese and its like by character."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Literal

Part = tuple[Literal["same", "gone", "new"], str]
# A run of letters of alphabets, one character of scripts without spaces, blanks, or one sign.
_ALONE = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_ALONE}]|\s+|(?:(?![{_ALONE}])\w)+|[^\w\s]")
# Longer texts are compared by lines, so that a page never waits for them.
MOST = 4000


def difference(before: str, after: str) -> list[Part]:
    """Parts in reading order: ``same`` and ``gone`` make ``before``, ``same`` and ``new`` make ``after``."""
    left, right = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(left) + len(right) > MOST:
        left, right = before.splitlines(keepends=True), after.splitlines(keepends=True)
    parts: list[Part] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("same", "".join(left[i1:i2])))
            continue
        if i2 > i1:
            parts.append(("gone", "".join(left[i1:i2])))
        if j2 > j1:
            parts.append(("new", "".join(right[j1:j2])))
    return parts
