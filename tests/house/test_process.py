"""docs/process.md against the tests that carry its marks."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.house.tree import ROOT, modules, parsed, place

IDS = [f"P{number}" for number in range(1, 111)]
HEADER = ["id", "statement", "status", "where in the UI", "test"]
STATUSES = {"done", "partly", "not yet"}


@dataclass(frozen=True)
class Row:
    """One statement as docs/process.md shows it."""

    id: str
    statement: str
    status: str
    where: str
    test: str


def rows_of(text: str) -> list[Row]:
    """The statements of the page: the rows of every table, without header and ruler."""
    tables = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in tables]
    return [Row(*row) for row in cells if row != HEADER and set("".join(row)) != {"-"}]


def marks_of(tree: ast.Module) -> Iterator[str]:
    """The ids a test module proves: marks on its tests, their classes, or the whole module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name.startswith(("test_", "Test")):
                yield from _ids(node.decorator_list)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            yield from _ids([node.value])


def _ids(expressions: Iterable[ast.expr]) -> Iterator[str]:
    for expression in expressions:
        for node in ast.walk(expression):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.process":
                for argument in node.args:
                    assert isinstance(argument, ast.Constant), f"line {node.lineno}: write the id out"
                    yield str(argument.value)


def page() -> list[Row]:
    """The page as it stands."""
    return rows_of((ROOT / "docs/process.md").read_text(encoding="utf-8"))


def proofs() -> dict[str, set[str]]:
    """Which test files prove which ids."""
    found: dict[str, set[str]] = {}
    for path in modules("tests", "hub", "plugins_contrib"):
        if path.name.startswith("test_"):
            for id_ in marks_of(parsed(path)):
                found.setdefault(id_, set()).add(place(path))
    return found


def unproven(rows: Iterable[Row], proven: dict[str, set[str]]) -> list[str]:
    """The statements called done that no test named on the page proves."""
    done = [row for row in rows if row.status == "done"]
    return [row.id for row in done if not set(re.findall(r"`([^`]+)`", row.test)) & proven.get(row.id, set())]


def test_every_statement_stands_on_the_page_exactly_once() -> None:
    assert Counter(row.id for row in page()) == Counter(IDS)


def test_every_statement_has_a_known_status_and_a_text() -> None:
    assert [row.id for row in page() if row.status not in STATUSES or not row.statement] == []


def test_what_can_be_used_says_where() -> None:
    assert [row.id for row in page() if row.status != "not yet" and row.where in ("", "—")] == []


def test_what_cannot_be_used_claims_no_place() -> None:
    assert [row.id for row in page() if row.status == "not yet" and (row.where, row.test) != ("—", "—")] == []


def test_what_is_called_done_is_proven_by_a_test_the_page_names() -> None:
    assert unproven(page(), proofs()) == []


def test_the_page_names_only_test_files_that_exist() -> None:
    named = {name for row in page() for name in re.findall(r"`([^`]+)`", row.test)}
    assert sorted(name for name in named if not (ROOT / name).is_file()) == []


def test_no_test_names_a_statement_that_does_not_exist() -> None:
    assert sorted(set(proofs()) - set(IDS)) == []


def test_a_claim_without_a_marked_test_is_seen() -> None:
    rows = rows_of(
        "| id | statement | status | where in the UI | test |\n|---|---|---|---|---|\n"
        "| P1 | one | done | board | `tests/a.py` |\n| P2 | two | done | board | `tests/a.py` |\n"
        "| P3 | three | partly | board | — |\n"
    )
    source = (
        '@pytest.mark.process("P1")\ndef test_one(): ...\n'
        '@pytest.mark.process("P2")\ndef not_a_test(): ...\n'
        "class TestBoth:\n    @pytest.mark.process('P4', 'P5')\n    def test_two(self): ...\n"
        "pytestmark = [pytest.mark.process('P6')]\n"
    )
    marks = list(marks_of(ast.parse(source)))
    assert sorted(marks) == ["P1", "P4", "P5", "P6"]
    assert unproven(rows, {id_: {"tests/a.py"} for id_ in marks}) == ["P2"]
