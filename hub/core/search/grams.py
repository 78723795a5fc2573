"""Text as the index sees it: folded, and cut into words and pairs of Chinese characters.

Neither database cuts Chinese into words, and guessed words would miss what people look for. So each
run of Chinese characters is kept as its overlapping pairs, which any two neighbouring characters of
a query meet; the last character stands alone besides, so that single ones are found by prefix.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Beyond this a document is cut: a database's index entry has a largest size (1 MiB on PostgreSQL).
MOST_CHARACTERS, MOST_TERMS, LONGEST_TERM = 200_000, 30_000, 60
_ACCENTS = re.compile("[\u0300-\u036f]")
# The ideographs of Unicode's first two planes, the kana and the Hangul syllables: written without blanks.
_HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
_PIECES = re.compile(f"([{_HAN}]+)|((?:(?![{_HAN}])[^\\W_])+)")
_HAS_HAN = re.compile(f"[{_HAN}]")


def folded(text: str) -> str:
    """The text with what should not matter taken away: case, width, accents, traditional forms."""
    text = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS].replace("\0", "")).casefold()
    text = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))
    if _HAS_HAN.search(text):
        text = text.translate(_simplified())
    return " ".join(text.split())


def terms(text: str) -> list[str]:
    """The terms under which a folded text is found, each once."""
    found: dict[str, None] = {}
    for han, word in _PIECES.findall(text):
        if word:
            found[word[:LONGEST_TERM]] = None
        else:
            found.update(dict.fromkeys(_pairs(han)))
            found[han[-1]] = None
        if len(found) >= MOST_TERMS:
            break
    return list(found)[:MOST_TERMS]


def asked(word: str) -> list[tuple[str, bool]]:
    """The terms that a folded word of a query must meet, and whether each is only the beginning of one."""
    found = []
    for han, latin in _PIECES.findall(word):
        if latin:
            found.append((latin[:LONGEST_TERM], True))
        elif len(han) == 1:
            found.append((han, True))
        else:
            found += [(pair, False) for pair in _pairs(han)]
    return found


def _pairs(han: str) -> list[str]:
    return [han[at : at + 2] for at in range(len(han) - 1)]


@cache
def _simplified() -> dict[int, str]:
    """Each traditional character's simplified one, character by character: the same in every context."""
    # Imported here: 7 MB that a hub without Chinese text never needs.
    from opencc import OpenCC

    convert = OpenCC("t2s").convert
    pairs = ((code, convert(chr(code))) for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00)))
    return {code: simple for code, simple in pairs if simple != chr(code) and len(simple) == 1}
