"""The kit finds out bad plugins: each has one defect, told in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from hub.core.registry.checklist import Checklist
from hub.testing.checking import check
from tests.kit.faulty import channels, hooks, intakes, plugins, trackers
from tests.kit.making import Faulty

FAULTY = [
    faulty
    for part in (plugins, hooks, intakes, channels, trackers)
    for faulty in part.shelf.plugins
]  # fmt: skip
# Fewer sentences would prove less.
LEAST, SHARE = 60, 0.95


@cache
def checked(faulty: Faulty) -> Checklist:
    """What the kit says, as soon as it has found something."""
    return check(faulty.found(), until_first=True)


@pytest.mark.parametrize("faulty", FAULTY, ids=lambda faulty: f"{faulty.kind} {faulty.sentence}")
def test_each_is_looked_through(faulty: Faulty) -> None:
    assert checked(faulty).rows


def test_nearly_all_are_found_out(record_property: Callable[[str, object], None]) -> None:
    survivors = [faulty.sentence for faulty in FAULTY if checked(faulty).passed]
    killed = len(FAULTY) - len(survivors)
    record_property(
        "kit", f"killed {killed}/{len(FAULTY)}" + "".join(f"; survives: {one}" for one in survivors)
    )
    assert len(FAULTY) >= LEAST
    assert killed / len(FAULTY) >= SHARE, survivors
