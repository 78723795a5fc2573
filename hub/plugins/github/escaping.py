"""What calls or links at GitHub: mentions, numbers of issues, and ``GH-12``."""

from __future__ import annotations

from hub.sdk import MENTION, NUMBER, Escaping

ESCAPING = Escaping(MENTION, NUMBER, r"(?<![A-Za-z0-9])[Gg][Hh]-(?=\u200d*[0-9])")
inward, outward, marked = ESCAPING.inward, ESCAPING.outward, ESCAPING.marked
