"""Two sets from the facts pages, each frozen before the suites as they then stood saw it (docs/plugins)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.testing.checking import check
from tests.kit.faulty import blind, blind_second

# The set, and how many of its fifteen were accused at the freeze: told, never made better afterwards.
SETS = {"blind": (blind.shelf, 7), "blind2": (blind_second.shelf, 9)}


@pytest.mark.parametrize("name", SETS)
def test_most_of_what_real_trackers_teach_is_found_out(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    shelf, at_freeze = SETS[name]
    survivors = [one.sentence for one in shelf.plugins if check(one.found(), until_first=True).passed]
    killed, all_ = len(shelf.plugins) - len(survivors), len(shelf.plugins)
    told = f"{name}_killed {at_freeze}/{all_} at the freeze; {killed}/{all_} since"
    record_property("kit", told + "".join(f"; survives: {one}" for one in survivors))
    assert all_ == 15
    assert killed / all_ >= 0.8, survivors
