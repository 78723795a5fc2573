"""What robots have in common that answer ``errcode`` and ``errmsg`` with status 200."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from hub.lab.chat.moods import JSON, Said
from hub.lab.chat.robot import ImitatedRobot


def worded(words: Mapping[int, str]) -> tuple[bytes, ...]:
    """These codes as they are answered."""
    return tuple(json.dumps({"errcode": code, "errmsg": text}).encode() for code, text in words.items())


class CodedRobot(ImitatedRobot):
    """Says yes and no by a code; takes texts."""

    words: ClassVar[Mapping[int, str]]

    def text_of(self, body: Any) -> str:
        """Of a ``text``."""
        if body["msgtype"] != "text":
            raise KeyError("msgtype")
        return str(body["text"]["content"])

    def yes(self) -> Said:
        """Nought."""
        return 200, JSON, b'{"errcode":0,"errmsg":"ok"}'

    def no(self, code: Any) -> Said:
        """Status 200, and a code."""
        said = {"errcode": code, "errmsg": self.words.get(code, "unknown")}
        return 200, JSON, json.dumps(said, ensure_ascii=False).encode()
