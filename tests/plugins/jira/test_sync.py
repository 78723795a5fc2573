"""The real engine between a task and an imitated Jira, Cloud and Data Center."""

import pytest

from hub.lab.memory import MemoryStore, MemoryTask
from hub.sdk import Gone
from tests.plugins.jira.conftest import Link


def test_makes_an_issue_and_settles(linked):
    issue = linked.issue()
    assert (issue.summary, issue.status, issue.assignee) == ("Printer is on fire", "To Do", "5b-mei")
    assert linked.seen("body") == "It burns.\nSince noon.\nThird floor."
    assert linked.store.url == f"https://jira.test/browse/{issue.key}"
    before = linked.wire.writes
    assert linked.round().state == "settled"
    assert linked.wire.writes == before


def test_every_field_travels_both_ways(linked):
    linked.task.edit(title="Printer out", body="Wet.\n\nCold.", labels=frozenset({"red"}), assignee=2)
    linked.task.edit(status="doing")
    assert linked.settle() == "settled"
    issue = linked.issue()
    assert (issue.summary, issue.status, issue.assignee) == ("Printer out", "In Progress", "5b-jonas")
    assert (linked.seen("body"), linked.seen("labels")) == ("Wet.\n\nCold.", {"red"})
    for field, value in (
        ("title", "Printer dry"),
        ("body", "Dry.\n\nWarm."),
        ("labels", frozenset({"green"})),
        ("assignee", "5b-lin"),
        ("status", "Blocked"),
    ):
        linked.there(field, value)
    assert linked.settle() == "settled"
    task = linked.task
    assert (task.title, task.body, task.labels) == ("Printer dry", "Dry.\n\nWarm.", {"green"})
    assert (task.assignee, task.status) == (3, "waiting")
    linked.there("assignee", None)
    assert linked.settle() == "settled"
    assert task.assignee is None


def test_closes_over_several_steps_with_what_jira_asks_for_and_opens_again(linked):
    linked.task.edit(status="done")
    assert linked.settle() == "settled"
    assert linked.issue().status == "Done"
    linked.there("status", "In Progress")
    assert linked.settle() == "settled"
    assert linked.task.status == "doing"
    linked.task.edit(status="dropped")
    linked.task.edit(status="open")
    assert linked.settle() == "settled"
    assert linked.issue().status == "To Do"


def test_a_way_cut_short_is_gone_on_with_and_is_no_conflict(linked):
    linked.task.edit(status="done")
    steps = []

    def ill(method, path):
        if method == "POST" and path.endswith("/transitions"):
            steps.append(path)
            if len(steps) == 2:
                linked.jira.faults.next("unavailable")

    linked.wire.before = ill
    assert linked.round().state == "waiting"
    assert linked.issue().status == "In Progress"
    linked.clock.forward(hours=2)
    assert linked.settle() == "settled"
    assert (linked.issue().status, linked.task.status) == ("Done", "done")


def test_who_goes_back_after_a_way_cut_short_brings_the_issue_back_too(linked):
    linked.task.edit(status="done")
    steps = []

    def ill(method, path):
        if method == "POST" and path.endswith("/transitions"):
            steps.append(path)
            if len(steps) in (2, 3):
                linked.jira.faults.next("unavailable")

    linked.wire.before = ill
    assert linked.round().state == "waiting"
    linked.clock.forward(hours=2)
    assert linked.round().state == "waiting"
    assert linked.issue().status == "In Progress"
    linked.task.edit(status="open")
    linked.clock.forward(hours=2)
    assert linked.settle() == "settled"
    assert (linked.issue().status, linked.task.status) == ("To Do", "open")


def test_a_way_cut_short_twice_is_no_conflict(linked):
    linked.task.edit(status="done")
    assert linked.settle() == "settled"
    linked.task.edit(status="dropped")
    cuts = []

    def ill(method, path):
        if method == "POST" and path.endswith("/transitions"):
            cuts.append(path)
            if len(cuts) in (2, 4):
                linked.jira.faults.next("unavailable")

    linked.wire.before = ill
    for _ in range(2):
        assert linked.round().state == "waiting"
        linked.clock.forward(hours=2)
    linked.wire.before = lambda method, path: None
    assert linked.settle() == "settled"
    assert (linked.issue().status, linked.task.status) == ("Cancelled", "dropped")


def test_who_moves_the_issue_on_from_a_way_cut_short_is_heard(linked):
    linked.task.edit(status="done")
    linked.wire.before = lambda method, path: (
        linked.jira.faults.next("unavailable")
        if linked.issue().status == "In Progress" and method == "POST"
        else None
    )
    assert linked.round().state == "waiting"
    linked.wire.before = lambda method, path: None
    linked.jira.faults.clear()
    linked.there("status", "Blocked")
    linked.clock.forward(hours=2)
    assert linked.settle() == "conflict"
    assert linked.issue().status == "Blocked"


def test_a_transition_that_asks_for_more_is_shown_with_the_field(far, flavour, clock, task):
    link = Link(far, flavour, clock, task, transition_fields={})
    link.settle()
    link.task.edit(status="dropped", title="Renamed")
    assert link.settle() == "refused"
    assert "Resolution" in str(link.store.states["status"].declined.reason)
    assert (link.issue().status, link.issue().summary) == ("To Do", "Renamed")


def test_a_status_no_transition_leads_to_is_shown(far, flavour, clock, task):
    link = Link(far, flavour, clock, task, through=[])
    link.settle()
    link.task.edit(status="waiting")
    assert link.settle() == "refused"
    assert "In Progress" in str(link.store.states["status"].declined.reason)


def test_a_label_with_a_blank_is_shown_and_holds_nothing_up(linked):
    linked.task.edit(labels=frozenset({"on site"}), title="Renamed")
    assert linked.settle() == "refused"
    assert linked.issue().summary == "Renamed"
    assert "on site" in str(linked.store.states["labels"].declined.reason)


def test_comments_travel_with_edits_and_deletes(linked):
    ours = linked.task.say("Wang", "Help is *near*")
    theirs = linked.far.say(linked.ref, "5b-jonas", "On my way.")
    assert linked.settle() == "settled"
    said = [one.text for one in linked.far.see(linked.ref).comments]
    assert said[0] == "On my way."
    assert said[1].startswith("**Wang**\n\nHelp is ")
    assert [one.text for one in linked.task.comments.values()] == ["Help is *near*", "On my way."]
    linked.task.comments[ours] = type(linked.task.comments[ours])(ours, "Wang", "Help is here")
    linked.far.edit_comment(linked.ref, theirs, "5b-jonas", "Nearly there.")
    assert linked.settle() == "settled"
    assert [one.text for one in linked.task.comments.values()] == ["Help is here", "Nearly there."]
    assert linked.far.see(linked.ref).comments[1].text == "**Wang**\n\nHelp is here"
    linked.task.comments[ours] = type(linked.task.comments[ours])(ours, "Wang", "Help is here", deleted=True)
    linked.far.delete_comment(linked.ref, theirs, "5b-jonas")
    assert linked.settle() == "settled"
    assert linked.far.see(linked.ref).comments == ()
    assert all(one.deleted for one in linked.task.comments.values())


def test_a_comment_for_some_only_stays_there(linked):
    number = linked.far.say(linked.ref, "5b-mei", "Between us.")
    linked.issue().comments[number].visibility = {"type": "role", "value": "Administrators"}
    assert linked.settle() == "settled"
    assert linked.task.comments == {}


@pytest.mark.parametrize("listed", [True, False])
def test_a_lost_answer_makes_no_second_comment(linked, listed):
    linked.site.properties_listed = listed
    linked.task.say("Wang", "Once only")
    linked.jira.faults.next("lose_answer")
    assert linked.round().state == "waiting"
    linked.clock.forward(hours=2)
    assert linked.settle() == "settled"
    assert len(linked.issue().comments) == 1
    assert len(linked.task.comments) == 1


@pytest.mark.parametrize("fault", ["lose_answer", "change_nothing", "unavailable", "too_many"])
def test_an_ill_answer_to_the_making_makes_no_twin(link, fault):
    link.far.ail("lag")
    link.wire.before = lambda method, path: (
        link.jira.faults.next(fault) if method == "POST" and path.endswith("/issue") else None
    )
    assert link.round().state == "waiting"
    link.wire.before = lambda method, path: None
    link.clock.forward(seconds=5)
    link.round()
    link.clock.forward(minutes=5)
    assert link.settle() == "settled"
    assert len(link.site.issues) == 1
    assert link.issue().summary == "Printer is on fire"


def test_both_sides_at_once_show_a_conflict_and_lose_nothing(linked):
    linked.task.edit(title="Ours")
    linked.there("title", "Theirs")
    assert linked.settle() == "conflict"
    clash = linked.store.states["title"].clash
    assert (clash.here, clash.there) == ("Ours", "Theirs")
    assert linked.issue().summary == "Theirs"


def test_who_writes_between_our_look_and_our_write_is_not_lost(linked):
    linked.task.edit(title="Ours")
    linked.jira.faults.before_next_write(lambda: linked.there("title", "Theirs"))
    assert linked.settle() == "conflict"
    clash = linked.store.states["title"].clash
    assert (clash.kind, clash.there) == ("overwritten", "Theirs")


def test_different_paragraphs_are_merged(linked):
    linked.task.edit(body="It burns badly.\nSince noon.\nThird floor.")
    linked.there("body", "It burns.\nSince noon.\nFourth floor.")
    assert linked.settle() == "settled"
    assert linked.task.body == linked.seen("body") == "It burns badly.\nSince noon.\nFourth floor."


def test_another_way_to_write_the_same_markdown_is_no_change(far, flavour, clock):
    source = "Steps\n=====\n\n* one\n* __two__\n\nfile_name_here & <that>"
    link = Link(far, flavour, clock, MemoryTask("T", source))
    assert link.settle() == "settled"
    before = link.wire.writes
    assert link.settle() == "settled"
    assert (link.wire.writes, link.task.body) == (before, source)
    link.task.edit(body=source + "\n\nmore")
    assert link.settle() == "settled"
    assert (link.wire.writes, link.task.body) == (before + 1, source + "\n\nmore")


def test_a_deleted_or_hidden_issue_is_gone_not_retried(linked):
    linked.issue().hidden = True
    assert linked.round().state == "gone"
    linked.site.issues.clear()
    assert linked.round().state == "gone"


def test_a_moved_issue_keeps_its_link_and_is_still_swept(linked):
    _, cursor = linked.tracker.changed_since(None)
    linked.far.move(linked.ref)
    assert linked.settle() == "settled"
    linked.clock.forward(hours=1)
    linked.there("title", "Moved and renamed")
    refs, _ = linked.tracker.changed_since(cursor)
    assert linked.ref in refs
    assert linked.settle() == "settled"
    assert linked.task.title == "Moved and renamed"
    assert linked.store.url.endswith("/browse/ARCH-1")
    linked.far.delete(linked.ref)
    assert list(linked.tracker.changed_since(cursor)[0]) == []
    assert isinstance(linked.tracker.fetch(linked.ref), Gone)


def test_a_link_by_key_becomes_one_by_number(linked, clock, flavour):
    key = linked.issue().key
    other = Link(linked.far, flavour, clock, linked.task, store=MemoryStore(linked.task, ref=key))
    other.round()
    assert other.ref == linked.ref


def test_a_while_without_jira_loses_nothing(linked):
    linked.task.edit(title="Ours")
    linked.there("body", "Theirs.")
    linked.jira.faults.next("unavailable", 9)
    for _ in range(5):
        assert linked.round().state == "waiting"
        linked.clock.forward(hours=2)
    linked.jira.faults.clear()
    assert linked.settle() == "settled"
    assert (linked.issue().summary, linked.task.body) == ("Ours", "Theirs.")


def test_jira_names_the_wait(linked):
    linked.jira.faults.next("too_many")
    outcome = linked.round()
    assert outcome.state == "waiting"
    assert (outcome.due_at - linked.clock.now()).total_seconds() >= 5


def test_our_own_writes_come_back_as_nothing_to_do(linked):
    linked.task.edit(title="Ours", status="doing")
    linked.task.say("Wang", "hello")
    assert linked.settle() == "settled"
    delivered = linked.far.deliveries()
    assert delivered
    assert all(linked.tracker.verify(one) for one in delivered)
    assert {hint.ref for one in delivered for hint in linked.tracker.hints(one)} == {linked.ref}
    before = linked.wire.writes
    for _ in delivered:
        assert linked.round().state == "settled"
    assert linked.wire.writes == before


def test_a_write_that_changes_nothing_is_shown(linked):
    linked.task.edit(title="Ours")
    linked.far.ail("silent")
    assert linked.settle() == "refused"
    assert linked.store.states["title"].declined.reason == {"id": "sync_kept"}
