"""The two companies: loaded once, with something to see in every stage."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.core.connections.models import Connection
from hub.core.connections.secrets import KeyRing
from hub.core.conversation.models import Mail
from hub.core.database import Base, Database, SystemClock
from hub.core.directory.models import Person
from hub.core.directory.people import check_password
from hub.core.history import HistoryEntry
from hub.core.identify.models import Intake
from hub.core.improve.models import Finding, Plan
from hub.core.notices.models import Alert
from hub.core.surveys.models import SurveyAnswer
from hub.core.values import STAGES
from hub.core.work.models import Category, ServiceRequest, Task
from hub.core.workflow import Core, look
from hub.demo import SandboxAddress, load_companies, set_demo_password
from hub.demo.people import MEMBERS
from tests.conftest import make_tables
from tests.demo.conftest import core_over

SANDBOX = SandboxAddress("http://127.0.0.1:8080/sandbox/", "whsec_" + base64.b64encode(b"s" * 32).decode())


@pytest.fixture
def core(database: Database, tmp_path: Path) -> Core:
    """A hub with the plugins of the box."""
    return core_over(database, tmp_path, box=True)


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    """The key that core opens secrets with."""
    return KeyRing.load(tmp_path, {})


def counts(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    with database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.process("P88")
@pytest.mark.process("P89")
def test_loads_both_companies_once(core: Core, keys: KeyRing) -> None:
    assert load_companies(core, keys, SANDBOX)
    before = counts(core.database)
    assert not load_companies(core, keys, SANDBOX)
    assert counts(core.database) == before
    assert isinstance(core.database.clock, SystemClock)
    with core.database.reading() as session:
        told = select(Alert.kind, func.count()).where(Alert.seen_at.is_(None)).group_by(Alert.kind)
        rung = dict(session.execute(told).all())
        called = set(session.scalars(select(Person.email).join(Alert).where(Alert.kind == "mention")))
    # The bell of who signs in rings, and the list of what nobody has seen is not empty.
    assert rung["mention"] == 2
    assert rung["assignment"] >= 2
    assert called == {MEMBERS[0].email}

    with core.database.reading() as session:
        alive = dict(
            session.execute(
                select(ServiceRequest.stage, func.count())
                .where(ServiceRequest.state.in_(("open", "waiting")))
                .group_by(ServiceRequest.stage)
            ).all()
        )
        assert alive == dict(zip(STAGES, (9, 8, 11, 7, 5), strict=True))
        assert set(session.scalars(select(ServiceRequest.state))) == {"open", "waiting", "closed"}
        assert session.scalar(select(func.count()).where(ServiceRequest.state == "closed")) == 60
        assert session.scalar(select(func.count()).select_from(SurveyAnswer)) == 65
        assert session.scalar(select(func.count()).where(Task.assignee_id.is_(None))) == 4
        today = core.database.now().date()
        late = select(func.count()).where(ServiceRequest.wanted_by < today, ServiceRequest.state == "open")
        assert session.scalar(late)
        assert set(session.scalars(select(ServiceRequest.priority))) == {1, 2, 3, 4}
        plans = {plan.metric: (plan.state, plan.verdict) for plan in session.scalars(select(Plan))}
        assert plans == {"hours:execute@network": ("judged", "works"), "score@application": ("running", None)}
        found = set(session.scalars(select(Finding.key).where(Finding.state == "open")))
        assert {key for key in found if "@" in key} == {"reopened@payroll"}
        assert session.scalar(select(func.max(HistoryEntry.at))) <= core.database.now()
        tracked = session.scalars(select(Category).where(Category.tracker_id.is_not(None))).one()
        assert tracked.key == "defect"
        mails = [(mail.nature, mail.way, bool(mail.notes)) for mail in session.scalars(select(Mail))]
        assert mails == [
            ("human", "address", False),
            ("auto_reply", "address", False),
            ("auto_reply", None, True),
        ]
    assert all(not plugin.total for plugin in core.registry.plugins())


def test_every_request_on_the_board_stands_still_when_it_is_looked_at(
    sqlite_url: str, open_database: Callable[..., Database], tmp_path: Path, keys: KeyRing
) -> None:
    database = open_database(sqlite_url)
    make_tables(database)
    core = core_over(database, tmp_path, box=True)
    load_companies(core, keys)
    with database.reading() as session:
        alive = session.scalars(select(ServiceRequest.id).where(ServiceRequest.closed_at.is_(None))).all()
    before = counts(database)
    for request_id in alive:
        look(core, request_id)
    # Who is away changes by the day: that nobody can take a task may be kept anew with other reasons.
    may_grow = {"jobs", "decisions"}
    after = counts(database)
    assert {name for name in after if after[name] != before[name]} <= may_grow


def test_takes_up_a_load_that_broke_off(
    sqlite_url: str,
    open_database: Callable[..., Database],
    tmp_path: Path,
    keys: KeyRing,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = open_database(sqlite_url)
    make_tables(database)
    core = core_over(database, tmp_path, box=True)

    def breaks(_core: Core) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("hub.demo.companies.chores.judge_plans", breaks)
        with pytest.raises(KeyboardInterrupt):
            load_companies(core, keys)
    assert isinstance(database.clock, SystemClock)
    assert load_companies(core, keys)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ServiceRequest)) == 100
        assert session.scalar(select(func.count()).select_from(Intake)) == 100
        assert session.scalar(select(func.count()).select_from(Plan)) == 2


def test_tells_the_sandbox_connection_where_the_sandbox_is_now(
    sqlite_url: str, open_database: Callable[..., Database], tmp_path: Path, keys: KeyRing
) -> None:
    from hub.demo.cast import make_cast
    from hub.demo.channels import make_sandbox

    database = open_database(sqlite_url)
    make_tables(database)
    core = core_over(database, tmp_path, box=True)
    moved = SandboxAddress("http://127.0.0.1:9090/sandbox/", "whsec_" + base64.b64encode(b"t" * 32).decode())
    for address in (SANDBOX, moved):
        with database.transaction() as session:
            make_cast(session, database.now())
            make_sandbox(core, session, keys, address)
    with database.reading() as session:
        row = session.scalars(select(Connection).where(Connection.kind == "sandbox")).one()
    assert row.settings["base_url"] == moved.base_url
    assert keys.open(row.sealed_secrets or "") == {"hook_secret": moved.hook_secret}


def test_the_demo_account_signs_in_with_the_password_of_this_start(
    database: Database, tmp_path: Path
) -> None:
    core = core_over(database, tmp_path)
    for password in ("first password", "second password"):
        set_demo_password(core, password)
    with database.reading() as session:
        person = check_password(session, "demo@example.org", "second password")
        assert person is not None
        assert person.role == "administrator"
        assert check_password(session, "demo@example.org", "first password") is None
        assert session.scalar(select(func.count()).select_from(Person)) == 1
