"""``hub plugin test``: the suites for all that a plugin offers, run, and told as a checklist."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from hub.core.registry.checklist import Checklist, Result, Row
from hub.testing.advice import AdviceSuite
from hub.testing.areas import AREAS
from hub.testing.channels import ChannelSuite
from hub.testing.finding import Found
from hub.testing.plugin import PluginSuite
from hub.testing.rules import DECIDES, RuleSuite
from hub.testing.sources import SourceSuite
from hub.testing.surveys import SurveySuite
from hub.testing.trackers import TrackerSuite

OPTIONS = (
    "-s",
    "-p",
    "no:terminal",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:warnings",
    # Nobody hears what these two say without warnings, and each of them collects garbage at every end.
    "-p",
    "no:unraisableexception",
    "-p",
    "no:threadexception",
    "--import-mode=importlib",
)
# The one file that pytest collects: the suites stand in memory.
FILE = "from hub.testing.checking import running\n\nglobals().update(running)\n"
ADVICE = ("improve_findings", "improve_effects")
LONGEST_FAILURE = 300
# What calls the far side hundreds of times comes after what does not.
TOILSOME = ("paging", "retries", "lab")

running: dict[str, type] = {}


@dataclass(frozen=True)
class Case:
    """One suite for one thing that the plugin offers, with the fixtures that are given."""

    subject: str
    suite: type[PluginSuite]
    given: Mapping[str, Callable[[], Any]] = field(default_factory=dict)


def cases(found: Found) -> Iterator[Case]:
    """What is to be checked: the plugin as such, each family of hooks, each kind."""
    plugin = found.plugin
    yield Case("plugin", PluginSuite)
    if any(hasattr(plugin, hook) for hook in DECIDES):
        yield Case("rules", RuleSuite)
    if any(hasattr(plugin, hook) for hook in ADVICE):
        yield Case("advice", AdviceSuite)
    if hasattr(plugin, "evaluate_surveys"):
        yield Case("surveys", SurveySuite)
    for hook, word, suite, name, make in (
        ("identify_sources", "intake", SourceSuite, "specimen", found.specimen),
        ("execute_channels", "channel", ChannelSuite, "specimen", found.specimen),
        ("execute_trackers", "tracker", TrackerSuite, "make_imitation", found.imitation),
    ):
        for kind in getattr(plugin, hook, tuple)() or ():
            given = {"kind": partial(_itself, kind), name: partial(make, kind.name)}
            yield Case(f"{word} {kind.name}", suite, given)


def _itself(value: Any) -> Any:
    return value


@dataclass
class Became:
    """What became of the checks of one row."""

    passed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


class Recorder:
    """Hears from pytest what became of each check."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.rows: dict[tuple[str, str], Became] = {}
        self._places: dict[str, tuple[str, str]] = {}

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Note where a check belongs."""
        function = getattr(item, "function", None)
        subject = str(getattr(getattr(item, "cls", None), "subject", ""))
        self._places[item.nodeid] = (subject, getattr(function, "hub_area", "contract"))

    @staticmethod
    def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
        """What is quick comes first: most mistakes are found by it."""
        items.sort(key=_effort)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how it ended; a failure while it is set up or torn down is one, too."""
        row = self.rows.setdefault(self._places[report.nodeid], Became())
        name = report.nodeid.rpartition("::")[2]
        if report.failed:
            row.failed.append(f"{name}: {_told(report)}"[:LONGEST_FAILURE])
        elif report.skipped:
            row.skipped.append(_reason(report))
        elif report.when == "call":
            row.passed.append(name)


def _effort(item: pytest.Item) -> tuple[bool, int, bool, int]:
    function = getattr(item, "function", None)
    area = getattr(function, "hub_area", "contract")
    toil = TOILSOME.index(area) + 1 if area in TOILSOME else 0
    return area == "lab", toil, getattr(function, "is_hypothesis_test", False), AREAS.index(area)


def _told(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    return " ".join(str(crash.message if crash else report.longrepr).split())


def _reason(report: pytest.TestReport) -> str:
    said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return said.removeprefix("Skipped: ")


def check(found: Found, *, until_first: bool = False) -> Checklist:
    """Run every suite that fits the plugin; ``until_first`` stops at the first failure."""
    recorder = Recorder()
    running.clear()
    running.update({f"Test{number}": _suite(found, case) for number, case in enumerate(cases(found))})
    stop = ("-x",) if until_first else ()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(io.StringIO()),
        pytest.MonkeyPatch.context() as environ,
    ):
        # Options somebody likes for their own tests are not meant for this run, and may not be known to it.
        environ.delenv("PYTEST_ADDOPTS", raising=False)
        environ.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        path = Path(folder)
        (path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        # A name of its own each time: pytest would take a module it knows for the same.
        test = path / f"test_{path.name}.py"
        test.write_text(FILE, encoding="utf-8")
        where = ("-c", str(path / "pytest.ini"), "--rootdir", folder, str(test))
        ended = pytest.main([*where, *OPTIONS, *stop], plugins=[recorder])
    if ended not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"the suites could not be run: {ended!r}")
    rows = [_row(*place, became) for place, became in recorder.rows.items()]
    order = {case.subject: number for number, case in enumerate(cases(found))}
    rows.sort(key=lambda row: (order[row.subject], AREAS.index(row.area)))
    return Checklist(found.plugin.name, found.version, version("service-hub"), tuple(rows))


def _suite(found: Found, case: Case) -> type:
    inherited = {} if case.suite is PluginSuite else dict.fromkeys(_common(), None)
    given = {"plugin": lambda: found.plugin, **case.given}
    fixtures = {name: _fixture(name, make) for name, make in given.items()}
    return type("Test", (case.suite,), {**inherited, **fixtures, "subject": case.subject})


def _common() -> list[str]:
    # What is true of the plugin as such is checked once, not for each of its kinds.
    return [name for name in vars(PluginSuite) if name.startswith("test_")]


def _fixture(name: str, make: Callable[[], Any]) -> Any:
    def give(self: Any) -> Any:
        return make()

    return pytest.fixture(give, name=name)


def _row(subject: str, area: str, became: Became) -> Row:
    result: Result = "failed" if became.failed else "done" if became.passed else "exempt"
    checks = len(became.passed) + len(became.failed)
    return Row(subject, area, result, checks, tuple(dict.fromkeys(became.skipped)), tuple(became.failed))
