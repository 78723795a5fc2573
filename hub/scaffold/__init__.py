"""``hub plugin new``: the beginning of a plugin, as a folder that passes ``hub plugin test`` at once.

What is written lies in the folders beside this file, one for each kind and ``every`` for all. In names
of files and in texts, ``KEBAB`` is the plugin's name, ``SNAKE`` its module, ``CAMEL`` its class.
"""

from __future__ import annotations

import re
from pathlib import Path

KINDS = ("tracker", "intake", "rule", "survey", "advice", "channel")
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
HERE = Path(__file__).parent
# So that no tool takes a template for a module of ours.
SUFFIX = ".txt"


class Unusable(ValueError):
    """The plugin cannot be begun so; the message says what to change."""


def begin(name: str, kind: str, into: Path) -> Path:
    """Write the folder of a plugin; gives its path. Raises ``Unusable``."""
    if not NAME.fullmatch(name):
        raise Unusable(f"{name!r}: a name is small letters and digits, parts joined by hyphens: acme-desk")
    if kind not in KINDS:
        raise Unusable(f"{kind!r} is none of {', '.join(KINDS)}")
    folder = into / name
    if folder.exists():
        raise Unusable(f"{folder} is there already: choose another name, or --into another folder")
    for template in sorted([*(HERE / "every").rglob("*.txt"), *(HERE / kind).rglob("*.txt")]):
        inside = template.relative_to(HERE).parts[1:]
        path = folder.joinpath(*(_filled(part, name) for part in inside)).with_suffix("")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(template.read_text(encoding="utf-8"), name), encoding="utf-8")
    return folder


def _filled(text: str, name: str) -> str:
    camel = "".join(part.capitalize() for part in name.split("-"))
    return text.replace("KEBAB", name).replace("SNAKE", name.replace("-", "_")).replace("CAMEL", camel)
