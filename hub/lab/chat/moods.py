"""What a robot may answer on an odd day: pages, nothing, far too much, or a machine before it that is ill."""

from __future__ import annotations

from collections.abc import Mapping

JSON = "application/json; charset=utf-8"
HTML = "text/html"
Said = tuple[int, str, bytes]
# What it may answer on an odd day, and whether it has taken the message all the same.
MOODS: Mapping[str, tuple[Said, bool]] = {
    "html": ((200, HTML, b"<html><body>Please sign in</body></html>"), False),
    "empty": ((200, JSON, b""), True),
    "large": ((200, HTML, b"<p>" + b"x" * (5 * 2**20)), True),
    "list": ((200, JSON, b"[]"), True),
    "no code": ((200, JSON, b"{}"), True),
    "broken": ((502, HTML, b"Bad Gateway"), True),
    "busy": ((503, HTML, b"Service Unavailable"), False),
    "moved": ((302, HTML, b""), False),
    "not found": ((404, HTML, b"404"), False),
}
