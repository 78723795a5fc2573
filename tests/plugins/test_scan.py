"""Whoever says that it can list everything leaves nothing out, even while people work there."""

from __future__ import annotations

from typing import cast

import pytest

from hub.core.values import Scans
from hub.lab.github.imitation import GitHubImitation
from hub.lab.imitation import MakeImitation, tracker_kinds
from hub.lab.jira.imitation import JiraImitation
from hub.lab.pair import HandClock
from hub.lab.pingcode.imitation import PingCodeImitation
from hub.lab.sandbox.imitation import SandboxImitation
from hub.lab.wire import Wire
from hub.lab.worktile.imitation import WorktileImitation

ITEMS = 130
IMITATIONS: dict[str, MakeImitation] = {
    "github": GitHubImitation,
    "jira": JiraImitation,
    "pingcode": PingCodeImitation,
    "sandbox": SandboxImitation,
    "worktile": WorktileImitation,
}


@pytest.mark.parametrize("name", IMITATIONS)
def test_a_scan_lists_everything_while_things_change(name: str) -> None:
    kind, clock = tracker_kinds()[name], HandClock()
    there = IMITATIONS[name](clock)
    settings = kind.settings.model_validate(there.settings)
    tracker = kind.open(settings, there.secrets, Wire(there.application), {})
    if "scan" not in tracker.capabilities:
        pytest.skip("cannot scan")
    for number in range(ITEMS):
        tracker.create({"title": f"Item {number}", "body": ""}, f"{number:036d}")
        clock.forward(seconds=number % 3)
        if number % 20 == 0:
            clock.forward(minutes=2)
    clock.forward(minutes=10)
    stay = set(there.items())
    assert len(stay) == ITEMS
    listed: set[str] = set()
    cursor: str | None = None
    for _ in range(50):
        refs, cursor = cast(Scans, tracker).scan(cursor)
        listed |= set(refs)
        if cursor is None:
            break
        clock.forward(minutes=1)
        # What was listed already changes and goes: that shifts the pages that follow.
        gone, changed = sorted(listed & stay)[:2]
        there.delete(gone)
        there.edit(changed, there.accounts[0], "title", "Changed")
        stay.discard(gone)
    assert cursor is None, "the scan does not end"
    assert stay <= listed


@pytest.mark.parametrize("name", IMITATIONS)
def test_a_catalogue_knows_the_states_that_are_mapped(name: str) -> None:
    kind, there = tracker_kinds()[name], IMITATIONS[name](HandClock())
    settings = kind.settings.model_validate(there.settings)
    catalogue = kind.open(settings, there.secrets, Wire(there.application), {}).catalogue()
    mapped = {far for names in settings.status_map.values() for far in names}
    assert mapped <= set(catalogue.states)
    for start, ways in (catalogue.moves or {}).items():
        assert {start, *ways} - {""} <= set(catalogue.states)
