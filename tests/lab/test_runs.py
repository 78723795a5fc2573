"""The lab keeps the engine's promises in view: a few schedules here, ten thousand in `hub lab sync`."""

import json
from contextlib import closing

import pytest
from click.testing import CliRunner

from hub.cli import main
from hub.core.execute.sync import plan as planning
from hub.lab.imitation import tracker_kinds
from hub.lab.naive import STRATEGIES
from hub.lab.oracle import Counts
from hub.lab.report import figures, missed
from hub.lab.runs import Bench, cases, replay, run_case, shortest
from hub.lab.schedule import IN_STORE, ON_CALLS, ON_HOOKS, make_schedule

KEYS = {"a_settled", "b_lost", "b_window", "b1_false_conflicts", "b2_conflict_share"}
KEYS |= {"c_echo", "d_twins", "e_leaks", "f_writes_per_change", "g_limits"}


@pytest.fixture(scope="module")
def kinds():
    return tracker_kinds()


def test_plays_each_tracker_alone_and_each_two_through_one_task():
    assert cases(["a", "b", "c"]) == [("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("b", "c")]
    assert cases(["a", "a"]) == [("a",), ("a", "a")]


def test_plays_a_named_pair_by_itself():
    assert cases(["a+b", "c"]) == [("c",), ("a", "b")]
    assert cases(["a+b"]) == [("a", "b")]


def test_a_schedule_is_the_same_for_the_same_seed_and_full_of_edits_and_faults():
    quirks = [frozenset({"silent"}), frozenset()]
    for seed in range(100):
        schedule = make_schedule(seed, quirks)
        assert schedule == make_schedule(seed, quirks)
        edits = [step for step in schedule.steps if step.kind in ("here", "there")]
        faults = [step.what for step in schedule.steps if step.kind in ("fault", "hooks")]
        assert len(edits) >= 20
        assert {step.kind for step in edits} == {"here", "there"}
        assert len(faults) >= 8
        assert set(faults) <= {*ON_CALLS, *ON_HOOKS, *IN_STORE, "silent"}


@pytest.mark.parametrize("trackers", [("sandbox",), ("sandbox", "sandbox")])
def test_the_round_loses_doubles_leaks_and_answers_nothing(kinds, trackers):
    result = run_case(trackers, kinds, 20, seed=11)
    row = figures(result.counts)
    assert missed(row) == [], result.counts.stories
    assert (row["schedules"], result.real) == (20, 2)


@pytest.mark.parametrize(
    ("trackers", "seeds"),
    [
        (("github",), (7000323, 7000607, 7000651, 7000739, 7000831, 7001344, 7001355, 11000067, 11000777)),
        (("github", "jira"), (14000078,)),
        (("github", "sandbox"), (11000173,)),
        (("jira",), (7000029, 23000114)),
        (("jira", "sandbox"), (7000097, 11000173, 13000703)),
        (("sandbox",), (14001103,)),
    ],
)
def test_what_once_lost_something_loses_nothing(kinds, trackers, seeds):
    with closing(Bench(trackers, kinds)) as bench:
        stories = {seed: bench.play(bench.schedule(seed)).stories for seed in seeds}
    assert {seed: story for seed, story in stories.items() if story} == {}


@pytest.mark.parametrize(("tracker", "seed"), [("github", 13000518), ("jira", 13001138)])
def test_what_once_lost_something_on_real_tables_loses_nothing(kinds, tracker, seed):
    counts, _story = replay((tracker,), kinds, seed, real=True, short=False)
    assert counts.stories == []


def test_the_oracle_sees_what_naive_strategies_lose(kinds):
    with closing(Bench(("sandbox",), kinds)) as bench:
        for name, strategy in STRATEGIES.items():
            total = Counts()
            for seed in range(15):
                total.add(bench.play(bench.schedule(seed), strategy))
            assert {"a_settled", "b_lost"} <= set(missed(figures(total))), name
            assert total.bugs == 0, total.stories


def test_a_failing_schedule_is_told_in_its_shortest_form(kinds, monkeypatch):
    monkeypatch.setattr(planning, "_moved", lambda here, there, state: (True, False))
    result = run_case(("sandbox",), kinds, 4, seed=1)
    assert result.failed
    told = next(shortest(result, kinds, most=1))
    assert told.broken
    assert told.story[0].en.startswith("The item at the tracker (sandbox)")
    assert told.story[0].zh.startswith("跟踪器（sandbox）的事项")
    assert len(told.story) < 12


def test_the_command_writes_the_figures_and_tells_whether_all_was_kept(tmp_path):
    out = tmp_path / "out.json"
    done = CliRunner().invoke(main, ["lab", "sync", "--schedules", "5", "--seed", "7", "--json", str(out)])
    assert done.exit_code == 0, done.output
    found = json.loads(out.read_text())
    assert set(found) >= KEYS
    assert (found["goals_missed"], found["schedules"], found["seed"]) == ([], 5, 7)
    assert set(found["naive"]) == set(STRATEGIES)
    assert [case["schedules_per_s"] > 0 for case in found["cases"]] == [True]


def test_the_command_names_the_tracker_that_nobody_imitates():
    done = CliRunner().invoke(main, ["lab", "sync", "--tracker", "abacus"])
    assert (done.exit_code, "abacus" in done.output) == (1, True)


AGAIN = ["lab", "replay", "--tracker", "sandbox", "1000004"]


def test_one_schedule_is_played_again_by_its_seed_and_told(monkeypatch):
    kept = CliRunner().invoke(main, [*AGAIN, "--real"])
    assert (kept.exit_code, kept.output.count("missed")) == (0, 0), kept.output
    monkeypatch.setattr(planning, "_moved", lambda here, there, state: (True, False))
    broken = CliRunner().invoke(main, [*AGAIN, "--shrink"])
    assert (broken.exit_code, broken.output.count("missed: ")) == (1, 1)
    assert "lost: " in broken.output
    assert broken.output.startswith("  1. The item at the tracker (sandbox)")
    assert broken.output.count("\n") < kept.output.count("\n")
