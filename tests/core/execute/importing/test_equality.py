"""The dry run equals the real run, row by row, for any items, tasks and mappings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from hub.core.database import Database
from hub.core.execute.importing.models import ImportRow
from hub.core.execute.models import Conflict, Link
from hub.core.execute.sync import task_writer
from hub.core.execute.sync.stored import encode
from hub.core.values import CANONICAL_FIELDS
from hub.core.work.models import Task
from hub.lab.pair import HandClock
from tests.conftest import make_tables
from tests.core.execute.importing.conftest import Office

ITEMS = st.lists(
    st.fixed_dictionaries(
        {
            "title": st.sampled_from(["Printer", "VPN drops", "  Blanks ", "登录不了", "L" * 320]),
            "text": st.sampled_from(["", "It burns.", "one\ntwo\n\nthree", "x" * 200]),
            "status": st.sampled_from(["todo", "doing", "blocked", "done", "cancelled"]),
            "assignee": st.sampled_from([None, "mei", "jonas", "anna"]),
            "labels": st.sampled_from([[], ["fire"], ["far", "fire"], ["l" * 70]]),
        }
    ),
    min_size=1, max_size=4,
)  # fmt: skip
OURS = st.lists(st.tuples(st.sampled_from(["Printer", "VPN drops", "Other"]), st.booleans()), max_size=2)
WAY = st.sampled_from(["both", "both", "in", "out", "off"])
WAYS = st.fixed_dictionaries(dict.fromkeys(CANONICAL_FIELDS, WAY))
POLICIES = st.fixed_dictionaries({"body": st.sampled_from(["ask", "here", "there"])})


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One hub for all examples; each has a connection of its own."""
    clock = HandClock()
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('equal') / 'hub.db'}", clock)
    make_tables(database)
    made = Office(database, clock)
    yield made
    made.sandbox.close()
    database.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=ITEMS, ours=OURS, ways=WAYS, policies=POLICIES, default=st.booleans(), data=st.data())
def test_the_real_run_does_what_the_dry_run_showed(
    office: Office, items: Any, ours: Any, ways: Any, policies: Any, default: bool, data: st.DataObject
) -> None:
    office.connect(
        directions=ways, policies=policies, default_person=office.people[0] if default else None,
        status_map={"open": ["todo"], "doing": ["doing"], "waiting": ["blocked"], "done": ["done"],
                    "dropped": ["cancelled"]},
    )  # fmt: skip
    for values in items:
        office.item(**values)
    for title, owned in ours:
        office.task(title, office.people[1] if owned else None, body="Ours")
    held = office.look(only_open=data.draw(st.booleans()))
    for row in office.rows(held).values():
        if row.linked is not None and data.draw(st.booleans()):
            office.choose(held, row.ref, "link")
    shown = office.rows(held)
    before = {ref: office.board.item(ref) for ref in shown}
    done = office.run(held)
    linked = {link.ref: link for link in office.links()}
    for ref, row in shown.items():
        if row.action == "skip":
            assert ref not in linked
            continue
        if done[ref].outcome == "changed":
            # Two items were to be linked with one task: whoever came second is told, not overwritten.
            assert row.chosen == "link" or row.linked is not None
            continue
        assert done[ref].outcome == "done", done[ref].told
        task_now = _task(office, linked[ref])
        fields = row.linked if row.chosen == "link" else row.fields
        assert {name: encode(task_now[name]) for name in fields or {}} == {
            name: one["here"] for name, one in (fields or {}).items()
        }
    assert {ref: office.board.item(ref) for ref in shown} == before
    office.settle()
    for ref, row in shown.items():
        if done[ref].outcome == "done":
            _same_as_shown(office, linked[ref], row, before[ref])


def _same_as_shown(office: Office, link: Link, row: ImportRow, before: Any) -> None:
    """What the first round made of a row is what its steps said."""
    fields = (row.linked if row.chosen == "link" else row.fields) or {}
    here, there = _task(office, link), office.tracker.fetch(link.ref).fields
    with office.database.reading() as session:
        clashes = set(session.scalars(select(Conflict.field).where(
            Conflict.link_id == link.id, Conflict.closed_at.is_(None)
        )))  # fmt: skip
    for name, shown in fields.items():
        ours, theirs = encode(here[name]), encode(there[name])
        assert (name in clashes) == (shown["step"] == "conflict"), (name, shown)
        match shown["step"]:
            case "conflict" | "same" | "apart" | "off" | "declined":
                assert (ours, theirs) == (shown["here"], shown["there"]), (name, shown)
            case "take":
                assert (ours, theirs) == (shown["then"], shown["there"]), (name, shown)
            case "send":
                assert ours == shown["here"], (name, shown)
                assert theirs != shown["there"], (name, shown)
            case "over":
                assert (ours == shown["here"]) == (shown["winner"] == "here"), (name, shown)


def _task(office: Office, link: Link) -> Any:
    with office.database.reading() as session:
        return task_writer.read(session.get_one(Task, link.task_id))
