"""What a priority map must say before it is saved, and what it means."""

import pytest

from hub.core.execute.settings import SyncSettings
from hub.core.execute.sync.fields import Unmapped
from hub.core.execute.sync.mapping import rules
from hub.core.values import TASK_STATES

STATES = {state: [state] for state in TASK_STATES}
LEVELS = {1: ["Highest"], 2: ["High"], 3: ["Medium"], 4: ["Low", "Lowest"]}


def settings(**changed):
    return SyncSettings(status_map=STATES, **changed)


def test_several_priorities_there_may_mean_one_here():
    rule = rules(settings(priority_map=LEVELS))["priority"]
    assert [rule.outward(level) for level in (1, 4, None)] == ["Highest", "Low", None]
    assert [rule.inward(name) for name in ("Lowest", "Low", None)] == [4, 4, None]
    assert isinstance(rule.inward("Blocker"), Unmapped)


def test_without_a_map_priorities_stay_where_they_are():
    assert rules(settings())["priority"].direction == "off"
    assert rules(settings(priority_map=LEVELS))["priority"].direction == "both"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"priority_map": {5: ["Low"]}}, "unknown priority 5"),
        ({"priority_map": {1: ["High"], 2: ["High"], 3: ["Medium"], 4: ["Low"]}}, "share High"),
        ({"priority_map": {1: ["High"]}}, "nothing there for 2, 3, 4"),
        ({"directions": {"priority": "out"}}, "nothing there for 1, 2, 3, 4"),
        ({"directions": {"priority": "in"}}, "nothing there stands for a priority"),
    ],
)
def test_a_map_that_cannot_work_is_refused(changed, said):
    with pytest.raises(ValueError, match=said):
        settings(**changed)
