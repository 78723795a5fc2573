"""Where things lie, how large they are, and what may not stand in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from tests.house.tree import FOLDERS, ROOT, files, imported, modules, parsed, place

TOP = (
    "README.md", "README.zh.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "pyproject.toml",
    "config.example.toml", "package.json", "package-lock.json", "hatch_build.py", ".ci/run", "hub/core",
    "hub/plugins", "hub/templates", "hub/web", "plugins_contrib", "tests", "bench", "docs/architecture.md",
    "docs/process.md", "docs/decisions", "docs/plugins",
)  # fmt: skip
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "services"}
LONGEST, MEDIAN = 300, 100
REASON = re.compile(r'^"""[^"]*[Ll]onger than most: \w')
# A module of so few lines is a package's name plate: it would make the median prettier than it is.
PLATE = 5

ONE_DOOR = ("hub.sdk", "hub.testing")
NETWORK = (
    "aiohttp",
    "http.client",
    "httpx",
    "imaplib",
    "requests",
    "smtplib",
    "socket",
    "urllib.request",
    "urllib3",
)
# Speaks a protocol over a connection it is given: Http.connect has asked the guard.
SPEAKS = {"hub/plugins/email/smtp.py": "smtplib", "hub/plugins/email/imap.py": "imaplib"}
CLOCKS = {"now", "utcnow", "today"}
CLOCK_OWNERS = {"hub/core/database.py", "hub/logs.py"}

# Put together here, so that this file does not hold what it looks for.
MACHINE = re.compile(r"(?<![\w.:/*})>-])/(?:" + "|".join(("work", "root", "home", "Users")) + r")/\w")
HOSTS = "|".join(("py" + "pi", "npm" + "js", "python" + "hosted", "npm" + "mirror"))
REGISTRY = re.compile(rf"\b(?:{HOSTS})\.\w+")


def within(name: str, packages: Iterable[str]) -> bool:
    """Whether a module is one of these or lies inside one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def plugin_modules() -> list[Path]:
    """What runs as a plugin: tests are not counted."""
    return [path for path in modules("hub/plugins", "plugins_contrib") if "tests" not in path.parts]


def lines_of(path: Path) -> int:
    """How many lines a file has."""
    return len(path.read_text(encoding="utf-8").splitlines())


def clock_readings(tree: ast.Module) -> list[int]:
    """Lines that read the machine's clock, in whatever spelling."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            (node.func.attr in CLOCKS and re.search(r"\b(datetime|date)$", ast.unparse(node.func.value)))
            or ast.unparse(node.func) == "time.time"
        )
    ]


def test_everything_stands_at_its_address() -> None:
    assert [name for name in TOP if not (ROOT / name).exists()] == []


def test_nothing_is_called_by_a_name_that_says_nothing() -> None:
    places = [path.relative_to(ROOT).with_suffix("") for path in files("hub", "plugins_contrib")]
    assert [str(path) for path in places if NAMELESS & set(path.parts)] == []


def test_a_long_module_says_why_in_its_first_line() -> None:
    # Migrations are written by Alembic and never read twice.
    ours = [path for path in modules("hub", "plugins_contrib") if path.parent.name != "versions"]
    long = [path for path in ours if lines_of(path) > LONGEST]
    silent = [path for path in long if not REASON.match(path.read_text(encoding="utf-8"))]
    assert [f"{place(path)} has {lines_of(path)} lines" for path in silent] == []


def test_the_median_module_is_short() -> None:
    lengths = [length for path in modules("hub") if (length := lines_of(path)) > PLATE]
    assert median(lengths) < MEDIAN


def test_plugins_import_nothing_of_the_hub_but_its_two_doors() -> None:
    strays = [
        f"{place(path, line)} imports {name}"
        for path in plugin_modules()
        for line, name in imported(parsed(path))
        if within(name, ["hub"]) and name != "hub" and not within(name, (*ONE_DOOR, own_package(path)))
    ]
    assert strays == []


def own_package(path: Path) -> str:
    """The package of a plugin that is a folder of the box; a plugin of one file has none."""
    parts = path.relative_to(ROOT).parts
    return ".".join(parts[:3]) if parts[:2] == ("hub", "plugins") and len(parts) > 3 else "nothing"


def test_every_spelling_of_an_import_is_recognised() -> None:
    source = (
        "import hub.outbound\nfrom hub import config\ndef later():\n    from hub.core.values import Text\n"
    )
    names = {name for _, name in imported(ast.parse(source))}
    assert {"hub.outbound", "hub.config", "hub.core.values"} <= names
    assert not within("hub.sdk_of_mine", ONE_DOOR)


def test_neither_plugins_nor_core_open_the_network_themselves() -> None:
    strays = [
        f"{place(path, line)} imports {name}"
        for path in [*plugin_modules(), *modules("hub/core")]
        for line, name in imported(parsed(path))
        if within(name, NETWORK) and SPEAKS.get(place(path)) != name
    ]
    assert strays == []


def test_only_the_clock_reads_the_clock() -> None:
    readers = [
        place(path, line)
        for path in modules("hub", "plugins_contrib")
        if place(path) not in CLOCK_OWNERS
        for line in clock_readings(parsed(path))
    ]
    assert readers == []


def test_every_spelling_of_the_present_is_recognised() -> None:
    readings = ["dt.datetime.now(dt.UTC)", "datetime.utcnow()", "dt.date.today()", "time.time()"]
    assert clock_readings(ast.parse("\n".join(readings))) == [1, 2, 3, 4]
    assert clock_readings(ast.parse("database.now()\nclock.now()\ntime.monotonic()")) == []


def written() -> list[Path]:
    """Every text file that somebody wrote."""
    top = [
        path for path in sorted(ROOT.iterdir()) if path.is_file() and path.name not in (".coverage", ".git")
    ]
    return [path for path in [*top, *files(*FOLDERS)] if path.suffix not in (".png", ".mo")]


def found(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern stands in what we wrote."""
    return [
        f"{place(path, number)}: {line.strip()[:100]}"
        for path in written()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert MACHINE.search("see /" + "root/hub/data")
    assert MACHINE.search('open("/' + 'home/me/hub")')
    assert not MACHINE.search("hub/core/work/models.py")
    assert found(MACHINE) == []


def test_no_file_names_the_host_of_a_package_registry() -> None:
    assert REGISTRY.search("https://registry.npm" + "js.org/htmx.org")
    assert found(REGISTRY) == []


def test_decisions_are_numbered_without_gaps_and_fit_on_half_a_page() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    numbers = [path.name[:5] for path in decisions]
    assert numbers == [f"{number:04}-" for number in range(1, len(numbers) + 1)]
    texts = {path.name: path.read_text(encoding="utf-8") for path in decisions}
    headings = ("# ", "## Context\n", "## Decision\n", "## Cost\n")
    assert [name for name, text in texts.items() if not all(heading in text for heading in headings)] == []
    assert [name for name, text in texts.items() if len(text.split()) > 400] == []
