"""What the oracle takes for known to both sides: over one tracker, and across two."""

from contextlib import closing
from types import SimpleNamespace

import pytest

from hub.core.execute.sync.fields import Base, FieldState, Rule
from hub.lab import known
from hub.lab.imitation import tracker_kinds
from hub.lab.oracle import HERE, Oracle
from hub.lab.runs import Bench
from hub.lab.schedule import Schedule, Step

OWNERS = {"mei": 1, "jonas": 2}
RULES = {"assignee": Rule("scalar", inward=OWNERS.get)}


def world(*bases):
    """One link for each of these bases of its owner."""
    looks = [SimpleNamespace(states={"assignee": FieldState(base)}) for base in bases]
    side = SimpleNamespace(store=lambda link: SimpleNamespace(look=lambda: looks[link]))
    rules = (RULES,) * len(bases)
    return SimpleNamespace(fars=bases, oracle=Oracle(rules), rules=rules, side=side, looked={})


def test_a_tracker_knows_its_own_last_word_and_what_the_hub_agreed_on_with_the_other():
    two = world(Base(1, "mei"), Base(2, "jonas"))
    assert known.agreed(two, "assignee", 0) == [1, 2]
    assert known.agreed(two, "assignee", 1) == [1, 2]
    assert known.agreed(two, "assignee", HERE) == [1, 2]
    assert known.agreed(world(Base(1, "mei"), Base()), "assignee", 1) == [1, None]


def test_what_stands_for_a_value_is_known_from_either_side():
    two = world(Base(1, "mei"), Base(2, "jonas"))
    assert set(known.seen(two, 1, "assignee", "jonas")) == {2}
    assert known.seen(two, 0, "assignee", "jonas") == []
    assert known.seen(two, HERE, "assignee", 2) == [2]


def test_what_stands_for_a_value_at_another_tracker_is_known_by_the_hub():
    two = world(Base(2, "jonas"), Base(2, "mei"))  # the other one says Mei for both
    assert set(known.seen(two, 0, "assignee", "jonas")) == {1, 2}


@pytest.mark.parametrize(("owner", "found"), [(2, [2]), (1, [])])
def test_a_round_that_finds_both_sides_alike_knows_it_before_it_is_kept(owner, found):
    one = world(Base(1, "mei"))
    one.rules = ({"assignee": Rule("scalar", outward={1: "mei", 2: "jonas"}.get, inward=OWNERS.get)},)
    assert known.seen(one, 0, "assignee", "jonas") == []
    one.looked[0] = {"assignee": owner}
    assert known.seen(one, 0, "assignee", "jonas") == found


@pytest.mark.parametrize(("last", "back", "lost"), [(4, 1, 0), (2, 0, 0)])
def test_who_goes_back_at_one_tracker_gives_way_to_what_was_changed_at_the_other(last, back, lost):
    """Mei everywhere; Jonas at the one; at the other Lin, and then Mei again, or Lin: that one clashes."""
    steps = [Step("work"), Step("there", "assignee", 0, 1), Step("there", "assignee", 1, 2)]
    schedule = Schedule(1, (False, False), (*steps, Step("there", "assignee", 1, last), Step("work")))
    with closing(Bench(("sandbox", "sandbox"), tracker_kinds())) as bench:
        counts = bench.play(schedule)
    assert (counts.stories, counts.back, counts.lost) == ([], back, lost)
    assert bool(counts.unsettled_shown["sandbox"]) == (back == 0)
