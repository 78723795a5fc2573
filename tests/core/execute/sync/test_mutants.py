"""Small mistakes put into the engine's source: the lab catches each within two hundred schedules."""

import inspect
import sys
from contextlib import closing
from types import ModuleType

import pytest

from hub.core.execute.sync import besides, carrying, comments, files, logbook, plan, settle
from hub.core.execute.sync import round as engine
from hub.lab import memory, side
from hub.lab.imitation import tracker_kinds
from hub.lab.runs import Bench
from hub.lab.world import World

MOST = 200

MUTANTS = {
    "no base": (
        plan,
        "return here != state.base.here, there != state.base.there",
        "return True, there != here",
    ),
    "ours always wins": (plan, "    if here_moved and there_moved:\n", "    if False:\n"),
    "theirs always wins": (
        plan,
        "    if here_moved:\n        return _send",
        "    if False:\n        return _send",
    ),
    "sets are taken whole": (plan, "(here | added_there) - (removed_there - added_here)", "there"),
    "no mark on items": (engine, "ref = self._tracker.find(look.mark)", "ref = None"),
    "intent not written": (
        engine,
        "self._store.creating(states, self._now())",
        "self._store.remember(states, {})",
    ),
    "no mark on comments": (
        comments,
        "by_mark = {copy.mark: copy for copy in self._look.copies}",
        "by_mark = {}",
    ),
    "copy row after the call": (
        comments,
        'self._store.keep_copy(replace(copy, state="sending", reason=None))\n        self._moved = True',
        "self._moved = True",
    ),
    "no read-back": (settle, "    if _took(old, sent.there, now):", "    if True:"),
    "base stored before the write": (
        engine,
        "sent=Sent(look.fields[name], value, far.version, _goal(value, planned.there[name])),",
        "sent=None,",
    ),
    "sender-based echo": (
        engine,
        "        left = self._turn(",
        "        left = Plan() if self._by_us(far) else self._turn(",
    ),
    "no change log": (logbook, 'if not sent or "history" not in self._tracker.capabilities:', "if True:"),
    "internal notes leave": (
        comments,
        "if ours.internal and NOTES not in self._tracker.capabilities:",
        "if False:",
    ),
    "internal files leave": (memory, "if one.public", "if True"),
    "files are not recognised": (carrying, "if one.sha256 == digest]", "if False]"),
    "files are sent without looking": (files, "if copy.size not in unread", "if True"),
    "time named is not honoured": (
        engine,
        "pause(attempts, ill.after, self._chance)",
        "pause(attempts, None, self._chance)",
    ),
}
# What is mutated, and the module that calls it.
USERS = {
    "plan": engine,
    "settle": engine,
    "Logbook": engine,
    "Copying": besides,
    "Carrying": besides,
    "plan_files": carrying,
    "MemoryStore": side,
}
# Mistakes on the way to a state that is several steps away; GitHub's reasons are.
WALKING = {
    "a step is taken for the whole way": (settle, "    if sent.goal is UNSET:", "    if True:"),
    "the goal is forgotten": (engine, "return UNSET if value == wanted else wanted", "return UNSET"),
    "a step is taken for somebody's word": (
        settle,
        "FieldState(Base(UNSET, there), restore=restore)",
        "state",
    ),
}
BY_US = '''
    def _by_us(self, far):
        """Whoever wrote last with our account is taken for us."""
        log = self._tracker.history(far.ref, None)
        return bool(log) and log[-1].author == log[0].author


def _declined('''


def mutated(module, old, new):
    """The module with this change, as another module."""
    source = inspect.getsource(module)
    assert source.count(old) >= 1, f"{module.__name__} has changed: {old}"
    source = source.replace(old, new, 1)
    if "_by_us" in new:
        source = source.replace("\ndef _declined(", BY_US, 1)
    made = ModuleType(module.__name__ + "_mutant")
    sys.modules[made.__name__] = made
    exec(compile(source, made.__name__, "exec"), made.__dict__)
    return made


def failing(make_world, bench, most=MOST):
    """The first seed whose schedule is not kept."""
    for seed in range(most):
        if make_world(bench.schedule(seed)).play().failed:
            return seed
    return None


@pytest.fixture(scope="module")
def bench():
    with closing(Bench(("sandbox",), tracker_kinds())) as bench:
        yield bench


@pytest.fixture(scope="module")
def walking():
    with closing(Bench(("github",), tracker_kinds())) as bench:
        yield bench


@pytest.mark.parametrize("name", WALKING)
def test_a_mutant_of_the_walk_is_caught(name, walking, monkeypatch):
    assert caught(WALKING[name], walking, monkeypatch), f"nobody saw: {name}"


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_of_the_round_is_caught(name, bench, monkeypatch):
    assert caught(MUTANTS[name], bench, monkeypatch), f"nobody saw: {name}"


def caught(mutant, bench, monkeypatch):
    module, old, new = mutant
    made = mutated(module, old, new)
    rounds = made if module is engine else engine
    for part, user in USERS.items():
        if module not in (engine, user) and hasattr(made, part):
            monkeypatch.setattr(user, part, getattr(made, part))

    def world(schedule):
        return World(
            schedule,
            bench.fars,
            bench.clock,
            make=lambda w, link: rounds.Round(
                w.stores[link], w.trackers[link], w.rules[link], w.clock.now, w.schedule_chance
            ),
        )

    return failing(world, bench) is not None


def test_two_workers_on_one_link_are_caught(bench):
    def world(schedule):
        made = World(schedule, bench.fars, bench.clock)
        made.locked = False
        return made

    assert failing(world, bench) is not None


def test_the_engine_itself_is_not(bench, walking):
    for one in (bench, walking):
        assert failing(lambda schedule, on=one: World(schedule, on.fars, on.clock), one, 60) is None
