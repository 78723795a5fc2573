"""A task and an issue kept the same by the real engine: whatever people and the network do."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core.execute.sync.fields import tidy
from hub.lab.github import Account, GitHub
from hub.lab.memory import MemoryTask
from hub.lab.pair import HandClock
from hub.lab.wire import WRITES
from tests.plugins.github.conftest import Link

MEI = Account("mei")


def test_the_issue_is_made_once_with_everything_in_it(linked):
    issue = linked.issue()
    assert (issue.title, issue.state, issue.assignees) == ("Printer is on fire", "open", ["mei"])
    assert "It burns.\nSince noon.\nThird floor." in issue.body
    assert linked.round().state == "settled"
    assert len(linked.copies()) == 1


def test_edits_on_both_sides_travel_and_different_fields_do_not_clash(linked, task):
    linked.there(title="Printer burns", body=linked.issue().body.replace("noon", "ten").replace("\n", "\r\n"))
    linked.forge.label(linked.home, linked.issue(), MEI, ["urgent"], True)
    task.edit(assignee=2, labels=frozenset({"ours"}))
    assert linked.settle() == "settled"
    assert (task.title, task.body) == ("Printer burns", "It burns.\nSince ten.\nThird floor.")
    assert (task.labels, linked.issue().assignees) == ({"urgent", "ours"}, ["jonas"])
    assert sorted(linked.issue().labels) == ["ours", "urgent"]


def test_far_lines_of_one_text_merge(linked, task):
    task.edit(body="It burns.\nSince noon.\nThird floor.\n\nBring water.")
    linked.there(body=linked.issue().body.replace("It burns.", "It really burns."))
    assert linked.settle() == "settled"
    assert task.body == "It really burns.\nSince noon.\nThird floor.\n\nBring water."
    assert task.body in linked.issue().body


def test_both_change_one_title_and_neither_is_lost(linked, task):
    task.edit(title="Ours")
    linked.there(title="Theirs")
    assert linked.settle() == "conflict"
    clash = linked.store.states["title"].clash
    assert (clash.here, clash.there) == ("Ours", "Theirs")
    assert (task.title, linked.issue().title) == ("Ours", "Theirs")


def test_closing_and_reopening_travel_with_their_reason(linked, task):
    for here, state, reason in [
        ("done", "closed", "completed"),
        ("open", "open", "reopened"),
        ("dropped", "closed", "not_planned"),
        ("done", "closed", "completed"),
    ]:
        task.edit(status=here)
        assert linked.settle() == "settled"
        assert (linked.issue().state, linked.issue().reason) == (state, reason)
    linked.there(state="open")
    assert linked.settle() == "settled"
    assert task.status == "open"
    for reason, here in [("duplicate", "dropped"), ("completed", "done")]:
        linked.there(state="open")
        linked.there(state="closed", state_reason=reason)
        assert linked.settle() == "settled"
        assert task.status == here


def test_a_reason_changed_only_halfway_is_gone_on_with_and_is_no_conflict(linked, task, github):
    """GitHub takes another reason by way of open only; the answer to that first step is lost."""
    task.edit(status="done")
    assert linked.settle() == "settled"
    task.edit(status="dropped")
    github.faults.next("lose_answer")
    assert linked.round().state == "waiting"
    assert linked.issue().state == "open"
    assert linked.settle() == "settled"
    assert (linked.issue().state, linked.issue().reason) == ("closed", "not_planned")
    assert task.status == "dropped"


def test_who_goes_back_to_what_we_saw_right_before_our_first_step_has_lost_nothing(linked, task, github):
    """Our step by open stays in the log: what stands before it is not taken for newer than that step."""
    task.edit(status="dropped")
    assert linked.settle() == "settled"

    def opens_and_closes_again():
        linked.there(state="open")
        linked.there(state="closed", state_reason="not_planned")

    task.edit(status="done")
    github.faults.before_next_write(opens_and_closes_again)
    assert linked.settle() == "settled"
    assert (task.status, linked.issue().reason) == ("done", "completed")


def test_who_goes_back_at_once_is_not_taken_for_older_than_our_look(linked, task, github):
    """GitHub's log knows whole seconds, so that what it tells of our look's second may have been seen."""
    task.edit(assignee=2)
    assert linked.settle() == "settled"
    task.edit(assignee=1)
    calls = []

    def ill(method, path):
        calls.append(method)
        if method == "POST":
            github.faults.next("unavailable")

    linked.wire.before = ill
    assert linked.round().state == "waiting"
    assert "POST" in calls
    linked.wire.before = lambda method, path: None
    assert linked.settle() == "settled"
    assert (task.assignee, linked.issue().assignees) == (1, ["mei"])


def test_states_that_github_does_not_know_write_nothing(linked, task):
    writes = linked.wire.writes
    for status in ("doing", "waiting", "open"):
        task.edit(status=status)
        assert linked.settle() == "settled"
    assert linked.wire.writes == writes


def test_comments_travel_are_edited_and_deleted_on_both_sides(linked, task):
    ours = task.say("Wang", "from us, @octocat")
    theirs = linked.forge.comment(linked.home, linked.issue(), "jonas", "from them")
    assert linked.settle() == "settled"
    texts = [one.text for one in task.comments.values()]
    assert texts == ["from us, @octocat", "from them"]
    sent = next(one for one in linked.issue().comments.values() if one.author == "hub-bot")
    assert "**Wang**" in sent.body
    assert "@octocat" not in sent.body
    task.comments[ours] = replace(task.comments[ours], text="from us, corrected")
    linked.forge.edit_comment(linked.home, linked.issue(), theirs, "jonas", "from them, corrected")
    assert linked.settle() == "settled"
    assert "from us, corrected" in sent.body
    assert [one.text for one in task.comments.values()][1] == "from them, corrected"
    task.comments[ours] = replace(task.comments[ours], deleted=True)
    linked.forge.delete_comment(linked.home, linked.issue(), theirs, "jonas")
    assert linked.settle() == "settled"
    assert linked.issue().comments == {}
    assert [one.deleted for one in task.comments.values()] == [True, True]


def test_a_comment_that_github_does_not_take_does_not_hold_up_the_rest(linked, task):
    ours = task.say("Wang", "short")
    assert linked.settle() == "settled"
    task.comments[ours] = replace(task.comments[ours], text="x" * 70_000)
    task.edit(title="Still travels")
    writes = linked.wire.writes
    for _ in range(3):
        assert linked.settle() == "settled"
    assert linked.issue().title == "Still travels"
    assert linked.wire.writes == writes + 1
    assert "65536" in linked.store.copies[ours].reason["text"]
    task.comments[ours] = replace(task.comments[ours], text="short again")
    assert linked.settle() == "settled"
    assert linked.store.copies[ours].reason is None
    (sent,) = linked.issue().comments.values()
    assert "short again" in sent.body


def test_an_answer_lost_while_making_makes_no_twin(link, github):
    github.faults.next("lose_answer")
    assert link.round().state == "waiting"
    assert link.settle() == "settled"
    assert len(link.copies()) == 1


def test_a_call_lost_before_it_arrived_is_made_again_after_the_lag(link, github):
    github.faults.next("unavailable", 2)
    assert link.round().state == "waiting"
    assert link.settle() == "settled"
    assert len(link.copies()) == 1


def test_an_answer_lost_while_commenting_makes_no_twin(linked, task, github):
    task.say("Wang", "once")
    github.faults.next("lose_answer")
    assert linked.round().state == "waiting"
    assert linked.settle() == "settled"
    assert len(linked.issue().comments) == 1
    assert len(task.comments) == 1


def test_an_answer_lost_while_writing_is_no_conflict(linked, task, github):
    task.edit(title="Ours", status="done", assignee=2, labels=frozenset({"a"}))
    github.faults.next("lose_answer", 2)
    assert linked.settle() == "settled"
    issue = linked.issue()
    assert (issue.title, issue.state, issue.assignees, issue.labels) == ("Ours", "closed", ["jonas"], ["a"])


def test_github_away_for_a_while_loses_nothing(linked, task, github):
    github.faults.next("unavailable", 6)
    task.edit(title="Meanwhile here")
    linked.forge.comment(linked.home, linked.issue(), "mei", "meanwhile there")
    for _ in range(4):
        assert linked.round().state == "waiting"
        linked.clock.forward(hours=2)
    github.faults.clear()
    assert linked.settle() == "settled"
    assert linked.issue().title == "Meanwhile here"
    assert [one.text for one in task.comments.values()] == ["meanwhile there"]


@pytest.mark.parametrize("limit", ["too_many", "secondary", "secondary_bare", "primary"])
def test_a_limit_lets_the_link_wait_and_then_go_on(linked, task, github, limit):
    task.edit(title="Later")
    github.faults.next(limit)
    before = linked.clock.now()
    outcome = linked.round()
    assert outcome.state == "waiting"
    assert (outcome.due_at - before).total_seconds() >= 7
    linked.clock.forward(hours=1)
    assert linked.settle() == "settled"
    assert linked.issue().title == "Later"


def test_a_deleted_issue_ends_the_link(linked):
    linked.forge.delete(linked.home, linked.issue())
    assert linked.round().state == "gone"


def test_a_transferred_issue_is_followed_with_its_comments(linked, task):
    ours = task.say("Wang", "before")
    theirs = linked.forge.comment(linked.home, linked.issue(), "mei", "before, too")
    linked.settle()
    other = linked.forge.add_repository("octo/archive")
    moved = linked.forge.transfer(linked.home, linked.issue(), other)
    # Should the comments get new numbers on the way, ours are known by their marks.
    sent = next(one for one in moved.comments.values() if one.id != theirs.id)
    del moved.comments[sent.id]
    moved.comments[9001] = replace(sent, id=9001)
    assert linked.settle() == "settled"
    assert linked.store.ref == "octo/archive#1"
    task.edit(title="After")
    task.comments[ours] = replace(task.comments[ours], text="after")
    assert linked.settle() == "settled"
    assert moved.title == "After"
    assert "after" in moved.comments[9001].body
    assert (len(task.comments), len(moved.comments)) == (2, 2)


def test_labels_and_owner_dropped_silently_are_shown_and_not_sent_for_ever(link, forge, task):
    forge.tokens["hub-token"] = Account("hub-bot", push=False, admin=False)
    task.edit(labels=frozenset({"ours"}))
    assert link.settle() == "refused"
    states = link.store.states
    assert states["labels"].declined.reason["id"] in ("sync_kept", "sync_refused")
    assert states["assignee"].declined.reason["id"] == "sync_kept"
    assert states["title"].declined is None
    writes = link.wire.writes
    for _ in range(3):
        link.round()
    assert link.wire.writes <= writes + 1
    task.edit(title="Still travels")
    link.settle()
    assert link.issue().title == "Still travels"


@pytest.mark.parametrize("strict", [False, True])
def test_an_owner_who_cannot_be_assigned_does_not_keep_the_issue_from_being_made(github, clock, strict):
    github.forge.strict_assignees = strict
    task = MemoryTask("Printer", assignee=1)
    link = Link(github, clock, task, people_map={1: "not-a-collaborator"})
    assert link.settle() == "refused"
    assert len(link.copies()) == 1
    assert link.store.states["assignee"].declined
    assert link.store.states["title"].declined is None


def test_a_text_that_is_too_long_is_shown_and_the_rest_is_made(github, clock):
    task = MemoryTask("Long", "x" * 70_000, assignee=1)
    link = Link(github, clock, task)
    assert link.settle() == "refused"
    assert "65536" in link.store.states["body"].declined.reason["text"]
    assert (link.issue().title, link.issue().assignees) == ("Long", ["mei"])
    task.edit(body="short")
    assert link.settle() == "settled"
    assert "short" in link.issue().body


def test_with_issues_disabled_the_link_says_so_and_is_made_when_they_are_back(link, home):
    home.has_issues = False
    assert link.round().state == "refused"
    assert "disabled" in link.store.reason["text"]
    home.has_issues = True
    assert link.settle() == "settled"


def test_a_repository_that_cannot_be_read_for_a_while_ends_no_link(linked, home):
    home.readable = False
    assert linked.round().state == "refused"
    home.readable = True
    assert linked.settle() == "settled"


def test_an_issue_that_people_made_is_taken_over_with_its_text(github, clock, forge, home):
    forge.create(home, MEI, {"title": "Theirs", "body": "for @jonas\r\n#2", "assignees": ["lin"]})
    task = MemoryTask("Theirs")
    link = Link(github, clock, task, ref="#1")
    assert link.settle() == "settled"
    assert (task.body, task.assignee, link.store.ref) == ("for @jonas\n#2", 3, "1")
    task.edit(body="for @jonas\n#2 and more")
    assert link.settle() == "settled"
    assert "@jonas" not in link.issue().body, "who edits here calls nobody there"
    assert "hub:v1" not in link.issue().body


def test_a_body_written_between_making_and_reading_back_is_not_overwritten(link, task):
    def meanwhile(method, path):
        if link.home.issues and method == "GET" and path.endswith("/issues/1"):
            link.wire.before = lambda method, path: None
            link.forge.change(link.home, link.home.issues[1], MEI, {"body": "Somebody was quick"})

    link.wire.before = meanwhile
    assert link.settle() == "settled"
    assert task.body == "Somebody was quick"


def test_an_edit_between_our_look_and_our_write_is_shown(linked, task, github):
    task.edit(title="Ours")
    github.faults.before_next_write(lambda: linked.there(title="Theirs, unseen"))
    assert linked.settle() == "conflict"
    assert linked.store.states["title"].clash.there == "Theirs, unseen"


def test_a_comment_copied_by_somebody_with_our_mark_is_theirs(linked, task):
    task.say("Wang", "ours")
    linked.settle()
    (sent,) = linked.issue().comments.values()
    linked.forge.comment(linked.home, linked.issue(), "mei", sent.body + " indeed")
    assert linked.settle() == "settled"
    assert len(task.comments) == len(linked.issue().comments) == 2


def test_a_hundred_echoes_write_nothing(linked, task):
    task.edit(title="@once #1", body="a `b` @c\r\n<!-- hub:v1 id=x --> ")
    task.say("Wang @x", "fixes #2")
    linked.settle()
    writes, version = linked.wire.writes, task.version
    for _ in range(100):
        assert linked.round().state == "settled"
    assert (linked.wire.writes, task.version) == (writes, version)


# ---- schedules ----

TITLES = ["One", "Two @you", "Drei #3"]
TEXTS = ["It burns.\nSince noon.", "It burns.\r\nSince ten. ", "Cold @mei\nSince noon.", "`@code` #1", ""]
here = st.one_of(
    st.tuples(st.just("title"), st.sampled_from(TITLES)),
    st.tuples(st.just("body"), st.sampled_from(TEXTS)),
    st.tuples(st.just("status"), st.sampled_from(["open", "doing", "done", "dropped"])),
    st.tuples(st.just("assignee"), st.sampled_from([1, 2, 3])),
    st.tuples(st.just("labels"), st.frozensets(st.sampled_from("abc"))),
    st.tuples(st.just("say"), st.sampled_from(["hello", "a @b\n#1"])),
)
there = st.one_of(
    st.tuples(st.just("title"), st.sampled_from(["Un", "Deux", "One"])),
    st.tuples(st.just("body"), st.sampled_from(TEXTS)),
    st.tuples(st.just("state"), st.sampled_from(["open", "completed", "not_planned", "duplicate"])),
    st.tuples(st.just("assign"), st.sampled_from(["mei", "jonas", "anna"])),
    st.tuples(st.just("label"), st.sampled_from("bcd")),
    st.tuples(st.just("say"), st.sampled_from(["bonjour", "x\r\ny"])),
)
FAULTS = ["unavailable", "too_many", "secondary", "primary", "lose_answer", "lose_answer", "change_nothing"]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("here"), here),
        st.tuples(st.just("there"), there),
        st.tuples(st.just("between"), there),
        st.tuples(st.just("fault"), st.sampled_from(FAULTS)),
        st.tuples(st.just("round"), st.none()),
    ),
    max_size=16,
)


def act_there(link, name, value):
    if link.store.ref is None:
        return
    issue = link.issue()
    if name == "say":
        link.forge.comment(link.home, issue, "jonas", value)
    elif name == "assign":
        link.forge.assign(link.home, issue, MEI, list(issue.assignees), False)
        link.forge.assign(link.home, issue, MEI, [value], True)
    elif name == "label":
        link.forge.label(link.home, issue, MEI, [value], value not in issue.labels)
    elif name == "state":
        link.there(state="open")
        if value != "open":
            link.there(state="closed", state_reason=value)
    else:
        link.there(**{name: value})


def act_here(task, name, value):
    if name == "say":
        task.say("Wang", value)
    else:
        task.edit(**{name: value.strip() if isinstance(value, str) else value})


@settings(max_examples=250, deadline=None)
@given(schedule=steps)
def test_whatever_happens_both_sides_agree_or_say_why_not(schedule):
    clock = HandClock()
    github, task = GitHub(clock), MemoryTask("Start", TEXTS[0], assignee=1)
    link = Link(github, clock, task)
    for kind, what in schedule:
        if kind == "here":
            act_here(task, *what)
        elif kind == "there":
            act_there(link, *what)
        elif kind == "between":
            github.faults.before_next_write(lambda what=what: act_there(link, *what))
        elif kind == "fault":
            github.faults.next(what)
        else:
            link.round()
            clock.forward(seconds=90)
    github.faults.clear()
    clock.forward(hours=2)
    for _ in range(2):
        link.settle()
        clock.forward(hours=2)
    far = link.tracker.fetch(link.store.ref)
    assert len(link.copies()) == 1, "a twin"
    for name in ("title", "body"):
        state = link.store.states[name]
        if not (state.clash or state.declined):
            assert tidy(getattr(task, name)) == tidy(far.fields[name])
    if not (link.store.states["labels"].clash or link.store.states["labels"].declined):
        assert task.labels == far.fields["labels"]
    said = [one for one in task.comments.values() if not one.deleted]
    assert len(said) == len(far.comments), "a comment was lost or doubled"
    assert len({one.mark for one in far.comments if one.mark}) == sum(bool(c.mark) for c in far.comments)
    writes = link.wire.writes
    link.round()
    link.round()
    assert link.wire.writes == writes, "an echo was answered"


def test_writes_are_what_the_wire_counts(linked, task):
    writes = linked.wire.writes
    task.edit(title="One write", body="in one call", status="done")
    linked.settle()
    assert linked.wire.writes == writes + 1
    assert "PATCH" in WRITES


def test_whom_github_leaves_out_without_a_word_does_not_cost_the_owner(github, clock):
    task = MemoryTask("Printer", assignee=1)
    link = Link(github, clock, task)
    link.settle()
    github.faults.next("change_nothing")
    task.edit(assignee=2)
    assert link.settle() == "refused"
    assert link.issue().assignees == ["mei"]
    assert (link.store.states["assignee"].clash, task.assignee) == (None, 2)


def test_who_is_left_while_several_owners_are_taken_away_is_nobodys_choice(linked):
    """A hub killed between adding the new owner and taking the old one away leaves both (7000323)."""
    linked.forge.assign(linked.home, linked.issue(), Account("hub-bot"), ["jonas"], True)
    linked.task.edit(assignee=None)
    assert linked.round().state == "settled"
    assert linked.issue().assignees == []
    assert linked.store.states["assignee"].clash is None


def test_who_comes_beside_the_owner_for_a_moment_is_nobodys_choice(linked, task):
    """We replace the owner, and a second later nobody owns it: what the log says in between (7000485)."""
    task.edit(assignee=2)
    assert linked.round().state == "settled"
    task.edit(assignee=None)
    assert linked.round().state == "settled"
    assert linked.issue().assignees == []
    assert linked.store.states["assignee"].clash is None
