"""The real engine on real tables, stopped in the middle, before an imitated Jira."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from hub.core.connections.models import Connection
from hub.core.conversation.models import Comment
from hub.core.directory.models import Person
from hub.core.execute import sync
from hub.core.execute.models import Link as LinkRow
from hub.core.execute.models import Run, RunChange
from hub.core.execute.sync import undo
from hub.core.values import SYSTEM, Actor, TaskDraft
from hub.core.work.models import Task
from hub.core.work.requests import create_request
from hub.core.work.tasks import assign_task, create_task, edit_task, set_state
from hub.lab.jira.imitation import JiraImitation
from hub.lab.pair import HandClock
from hub.lab.wire import Wire
from tests.plugins.jira.conftest import KIND, SECRETS, settings_of


class Crash(Exception):
    """The hub is killed."""


class Desk:
    """A hub with one request, one task and a Jira connection."""

    def __init__(self, database, clock):
        self.database, self.clock = database, clock
        self.far = JiraImitation(clock)
        with database.transaction() as session:
            person = Person(name="Wang", email="wang@hub.test")
            session.add(person)
            session.flush()
            self.actor = Actor("person", person.id, "member", "Wang")
            self.settings = settings_of(people_map={person.id: "5b-mei"})
            connection = Connection(name="jira", family="tracker", kind="jira", slug="jira")
            connection.settings = self.settings.model_dump(mode="json")
            session.add(connection)
            session.flush()
            now = database.now()
            request = create_request(session, now, SYSTEM, title="Printer")
            request.stage = "execute"
            task = create_task(session, now, SYSTEM, request, TaskDraft("Printer", "It burns."))
            assign_task(session, now, SYSTEM, task, person)
            link = sync.link_task(session, now, self.actor, task, connection)
            self.task_id, self.link_id = task.id, link.id
        self.wire = Wire(self.far.application)
        self.restart()

    def restart(self):
        self.object = KIND.open(self.settings, SECRETS, self.wire, {})

    def by_id(self, _connection_id):
        return SimpleNamespace(kind="jira", settings=self.settings, object=self.object)

    def tracker(self, _connection_id):
        return self.object

    def round(self):
        outcome = sync.run_round(self.database, self, self.link_id)
        self.clock.forward(seconds=2)
        return outcome.state if outcome else None

    def work(self, change):
        with self.database.transaction() as session:
            change(session, self.database.now(), session.get_one(Task, self.task_id))

    def read(self, kind, number):
        with self.database.reading() as session:
            return session.get_one(kind, number)

    def issue(self):
        return self.far._site.find(self.read(LinkRow, self.link_id).ref)


@pytest.fixture
def desk(database_url, open_database):
    clock = HandClock()
    return Desk(open_database(database_url, clock), clock)


@pytest.mark.process("P14")
def test_a_task_and_an_issue_stay_in_step(desk):
    assert desk.round() == "settled"
    desk.work(lambda session, now, task: edit_task(session, now, desk.actor, task, title="Printer out"))
    desk.work(lambda session, now, task: set_state(session, now, desk.actor, task, "done"))
    assert desk.round() == "settled"
    assert (desk.issue().summary, desk.issue().status) == ("Printer out", "Done")
    desk.far.edit(desk.issue().id, "5b-jonas", "status", "In Progress")
    desk.far.say(desk.issue().id, "5b-jonas", "Not yet.")
    assert desk.round() == "settled"
    assert desk.read(Task, desk.task_id).state == "doing"
    with desk.database.reading() as session:
        assert [one.text for one in session.scalars(select(Comment))] == ["Not yet."]


@pytest.mark.parametrize("call", range(1, 5))
def test_a_hub_killed_at_any_call_makes_no_twin(desk, call):
    calls = []

    def kill(method, path):
        calls.append(path)
        if len(calls) == call:
            raise Crash

    desk.wire.before = kill
    with pytest.raises(Crash):
        desk.round()
    desk.wire.before = lambda method, path: None
    desk.restart()
    desk.far.ail("lag")
    for _ in range(4):
        state = desk.round()
        desk.clock.forward(minutes=4)
    assert state == "settled"
    assert len(desk.far.items()) == 1


def test_what_a_run_walked_over_several_steps_walks_back_when_it_is_undone(desk):
    """From To Do to Done and back again: each by way of In Progress."""
    assert desk.round() == "settled"
    desk.work(lambda session, now, task: set_state(session, now, desk.actor, task, "done"))
    assert desk.round() == "settled"
    assert desk.issue().status == "Done"
    with desk.database.reading() as session:
        run = session.scalars(select(Run).order_by(Run.id.desc())).first()
        (way,) = undo.plan_undo(session, run)
        assert (way.now, way.back, way.reason) == ("Done", "To Do", None)
        number, seen = run.id, undo.seal([way])
    with desk.database.transaction() as session:
        lead = Actor("person", None, "manager", "Mei")
        undoing = undo.undo_run(session, desk.database.now(), lead, session.get_one(Run, number), seen).id
    assert desk.round() == "settled"
    assert (desk.issue().status, desk.read(Task, desk.task_id).state) == ("To Do", "open")
    with desk.database.reading() as session:
        found = session.scalars(select(RunChange).where(RunChange.run_id == undoing))
        assert [(one.before, one.after, one.state) for one in found] == [("Done", "To Do", "done")]
    assert desk.round() == "settled"
    assert desk.issue().status == "To Do"
