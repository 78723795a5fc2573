"""The plugin and the real engine before a real Redmine: no twin, no loss. Run by `make proof`."""

import datetime as dt
import os
import time
from random import Random

import pytest

from hub.core.database import SystemClock
from hub.core.execute.sync.mapping import rules
from hub.core.execute.sync.round import Round
from hub.core.values import Gone, Refused, Retry
from hub.lab.memory import MemoryStore, MemoryTask
from hub.outbound import Guard, Outbound
from tests.conftest import skip_part
from tests.plugins.redmine.conftest import KIND
from tests.plugins.redmine.real import Redmine, missing

pytestmark = pytest.mark.skipif(
    not os.environ.get("HUB_PROOF"), reason="a real Redmine takes a minute to begin: HUB_PROOF=1"
)


@pytest.fixture(scope="module")
def redmine(tmp_path_factory):
    if reason := missing():
        skip_part("redmine", reason)
    made = Redmine(tmp_path_factory.mktemp("redmine"))
    try:
        made.begin()
        made.start()
        yield made
    finally:
        made.close()


class Meanwhile:
    """The hub's own way out; something may happen before a write, or its answer be lost."""

    def __init__(self, http):
        self._http = http
        self.before, self.lose = [], 0

    def send(self, method, url, **request):
        if method != "GET" and self.before:
            self.before.pop(0)()
        answer = self._http.send(method, url, **request)
        if method != "GET" and self.lose:
            self.lose -= 1
            raise Retry("the answer was lost")
        return answer


class Link:
    """A task in memory and rounds of the real engine."""

    def __init__(self, redmine, http, **settings):
        people = {1: str(redmine.bot), 2: str(redmine.mei)}
        priorities = {1: ["Urgent", "Immediate"], 2: ["High"], 3: ["Normal"], 4: ["Low"]}
        form = {"text_format": redmine.format, "people_map": people, "priority_map": priorities}
        self.settings = KIND.settings(base_url=redmine.url, project="app", **form, **settings)
        self.secrets = {"key": redmine.key}
        self.http = Meanwhile(http)
        self.task = MemoryTask("Drucker brennt", "Seit Mittag.\n\n@mei #1", assignee=1)
        self.store = MemoryStore(self.task)
        self._at = SystemClock().now()

    @property
    def tracker(self):
        """Opened anew: as after a restart of the hub."""
        return KIND.open(self.settings, self.secrets, self.http, {})

    @property
    def ref(self):
        return self.store.ref

    def round(self):
        outcome = Round(self.store, self.tracker, rules(self.settings), lambda: self._at, Random(1)).run()
        self._at += dt.timedelta(seconds=1)
        return outcome

    def settle(self):
        for _ in range(8):
            outcome = self.round()
            if outcome.due_at is None:
                return outcome.state
            self._at += dt.timedelta(hours=2)
        return outcome.state

    def said(self):
        return sorted(one.text for one in self.task.comments.values() if not one.deleted)


@pytest.fixture
def link(redmine):
    http = Outbound(retry=Retry, refused=Refused, now=SystemClock().now, guard=Guard(["127.0.0.1"]))
    made = Link(redmine, http)
    assert made.tracker.check().ok
    assert made.settle() == "settled"
    yield made
    http.close()


def test_edits_on_both_sides_arrive_and_nothing_else_is_written(redmine, link):
    assert redmine.issue(link.ref)["assigned_to"]["id"] == redmine.bot
    redmine.edit(link.ref, subject="Von dort", priority_id=4, due_date="2030-12-30", description="A\nB")
    assert link.settle() == "settled"
    fields = link.task.fields()
    assert (fields["title"], fields["body"], fields["due"]) == ("Von dort", "A\nB", "2030-12-30")
    link.task.edit(title="Von hier", body="Drei\n\nAbsätze\n\n@mei", status="doing", assignee=2, estimate=10)
    assert link.settle() == "settled"
    there = redmine.issue(link.ref)
    assert (there["subject"], there["status"]["name"]) == ("Von hier", "In Progress")
    assert (there["assigned_to"]["id"], there["estimated_hours"]) == (redmine.mei, 0.17)
    assert link.task.fields()["estimate"] == 10
    journals = len(there["journals"])
    link.task.edit(assignee=None, due=None, estimate=None)
    assert link.settle() == "settled"
    there = redmine.issue(link.ref)
    assert (there.get("assigned_to"), there["due_date"], there["estimated_hours"]) == (None, None, None)
    assert len(there["journals"]) == journals + 1
    assert link.settle() == "settled"
    assert len(redmine.issue(link.ref)["journals"]) == journals + 1, "our own echo was answered"


def test_comments_go_both_ways_are_changed_and_taken_away(redmine, link):
    redmine.edit(link.ref, notes="Gesagt dort")
    ours = link.task.say("Wang", "Said here @mei")
    assert link.settle() == "settled"
    assert link.settle() == "settled"
    assert len(link.said()) == 2
    notes = [entry for entry in redmine.issue(link.ref)["journals"] if entry["notes"]]
    assert len(notes) == 2
    theirs = next(entry for entry in notes if "dort" in entry["notes"])
    redmine.call("PUT", f"/journals/{theirs['id']}.json", {"journal": {"notes": "Anders gesagt"}})
    assert link.settle() == "settled"
    assert any("Anders gesagt" in text for text in link.said())
    comment = ours if isinstance(ours, int) else max(link.task.comments)
    assert comment in link.task.comments
    mine = [one.ref for one in link.tracker.fetch(link.ref).comments if one.mark]
    link.tracker.edit_comment(link.ref, mine[0], "Said better", "01938a6e-7c00-7000-8000-000000000009")
    assert "Said better" in [one.text for one in link.tracker.fetch(link.ref).comments]
    link.tracker.delete_comment(link.ref, mine[0])
    assert mine[0] not in [one.ref for one in link.tracker.fetch(link.ref).comments]


def test_closed_issues_are_known_told_and_found(redmine, link):
    _refs, cursor = link.tracker.changed_since(None)
    link.task.edit(status="done")
    assert link.settle() == "settled"
    assert redmine.issue(link.ref)["status"]["is_closed"]
    assert link.ref in link.tracker.changed_since(cursor)[0]
    redmine.edit(link.ref, status_id=2)
    assert link.settle() == "settled"
    assert link.task.fields()["status"] == "doing"


def test_a_status_that_the_workflow_forbids_is_answered_204_and_shown_at_its_field(redmine, link):
    link.tracker.update(link.ref, {"status": "Rejected"})  # 204
    assert link.tracker.fetch(link.ref).fields["status"] == "New"
    assert "Rejected" not in link.tracker.transitions(link.ref, "New")["New"]
    link.task.edit(status="dropped", title="Trotzdem")
    assert link.settle() == "refused"
    assert link.store.states["status"].declined
    assert redmine.issue(link.ref)["subject"] == "Trotzdem"


def test_who_edits_between_our_look_and_our_write_is_not_lost(redmine, link):
    link.task.edit(title="Von hier")
    link.http.before.append(lambda: redmine.edit(link.ref, description="Gleichzeitig dort"))
    assert link.settle() == "settled"
    assert link.task.fields()["body"] == "Gleichzeitig dort"
    assert redmine.issue(link.ref)["subject"] == "Von hier"
    link.task.edit(title="Noch einmal von hier")
    link.http.before.append(lambda: redmine.edit(link.ref, subject="Von dort zugleich"))
    assert link.settle() == "conflict"
    clash = link.store.states["title"].clash
    assert {clash.here, clash.there, clash.far_now} >= {"Von dort zugleich"}


def test_lost_answers_make_no_twins(redmine, link):
    before = set(redmine.numbers())
    second = Link(redmine, link.http._http)
    second.http.lose = 1
    assert second.settle() == "settled"
    assert len(set(redmine.numbers()) - before) == 1
    second.http.lose = 1
    second.task.say("Wang", "Only once")
    assert second.settle() == "settled"
    notes = [
        entry["notes"] for entry in redmine.issue(second.ref)["journals"] if "Only once" in entry["notes"]
    ]
    assert len(notes) == 1


def test_the_mark_is_found_by_its_field_too(redmine, link):
    made = Link(redmine, link.http._http, mark_field=redmine.field)
    assert made.settle() == "settled"
    mark = next(f["value"] for f in redmine.issue(made.ref)["custom_fields"] if f["id"] == redmine.field)
    assert made.tracker.find(mark) == made.ref


def test_a_server_that_was_away_is_caught_up_with(redmine, link):
    before = set(redmine.numbers())
    redmine.stop()
    link.task.edit(title="Während sie weg war")
    link.task.say("Wang", "Said meanwhile")
    assert link.round().state == "waiting"
    redmine.start()
    assert link.settle() == "settled"
    there = redmine.issue(link.ref)
    assert there["subject"] == "Während sie weg war"
    assert sum("Said meanwhile" in entry["notes"] for entry in there["journals"]) == 1
    assert set(redmine.numbers()) == before


def test_every_change_is_told_by_the_feed(redmine, link):
    _refs, cursor = link.tracker.changed_since(None)
    time.sleep(1.1)  # its clock knows seconds
    redmine.edit(link.ref, notes="Neu")
    told, cursor = link.tracker.changed_since(cursor)
    assert link.ref in told
    assert set(redmine.numbers()) == set(link.tracker.scan(None)[0])


def test_a_deleted_issue_is_gone(redmine, link):
    redmine.call("DELETE", f"/issues/{link.ref}.json")
    assert isinstance(link.tracker.fetch(link.ref), Gone)
    assert link.settle() == "gone"
