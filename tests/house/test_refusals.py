"""Every refusal of the core has a sentence, and the sentence knows its values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from hub.render.refusals import SENTENCES

HUB = Path(__file__).parents[2] / "hub"


def _raised() -> Iterator[tuple[str, str, set[str] | None]]:
    for path in sorted(HUB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", None))
            if name == "Refusal" and node.args and isinstance(first := node.args[0], ast.Constant):
                names = {keyword.arg for keyword in node.keywords}
                # ``**values`` cannot be read from the source.
                known = None if None in names else {name for name in names if name and name != "field"}
                yield f"{path.relative_to(HUB)}:{node.lineno}", str(first.value), known


def test_every_refusal_is_in_the_catalogue() -> None:
    raised = list(_raised())
    assert raised
    missing = [f"{place}: {message}" for place, message, _values in raised if message not in SENTENCES]
    assert not missing, "\n".join(["Not in hub/render/refusals.py:", *missing])


def test_every_sentence_gets_the_values_it_names() -> None:
    for place, message, values in _raised():
        if message in SENTENCES and values is not None:
            wanted = set(re.findall(r"%\((\w+)\)", SENTENCES[message]))
            assert wanted <= values, f"{place}: {message} needs {wanted - values}"
