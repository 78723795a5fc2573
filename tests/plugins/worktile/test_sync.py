"""The real engine against the imitation: with what is published, and with writes that somebody named."""

import pytest

from hub.core.values import FarItem, Gone, Hint

MEI, JONAS = (f"{number:032x}" for number in (0xB0, 0xB1))


@pytest.mark.process("P93")
def test_tasks_come_in_and_nothing_is_written_by_itself(published):
    published.task.edit(title="Ours", body="", assignee=None)
    assert published.settle().state == "settled"
    assert (published.task.title, published.task.body) == ("Printer", "It burns.")
    published.there.edit(published.ref, JONAS, "assignee", JONAS)
    published.there.edit(published.ref, JONAS, "status", "进行中")
    published.there.edit(published.ref, JONAS, "labels", frozenset({"网络"}))
    published.there.edit(published.ref, JONAS, "body", "Line\n\nLine")
    published.there.say(published.ref, JONAS, "Any news?\nI wait.")
    assert published.settle().state == "settled"
    assert (published.task.assignee, published.task.status) == (2, "doing")
    assert (published.task.labels, published.task.body) == ({"网络"}, "Line\n\nLine")
    (comment,) = published.task.comments.values()
    assert comment.text == "Any news?\nI wait."
    published.task.edit(title="Changed here")
    assert published.settle().state == "settled"
    assert published.http.written == []


def test_closed_and_reopened_there_is_closed_and_reopened_here(published):
    published.settle()
    for state, ours in (("已完成", "done"), ("未开始", "open"), ("已取消", "dropped")):
        published.there.edit(published.ref, JONAS, "assignee", MEI)
        published.there.edit(published.ref, JONAS, "status", state)
        published.settle()
        assert published.task.status == ours


def test_a_comment_here_is_shown_as_refused_with_what_to_do(published):
    published.settle()
    number = published.task.say("Mei", "Hello")
    assert published.settle().state == "refused"
    reason = published.store.copies[number].reason["text"]
    assert "calls" in reason
    assert "Worktile publishes no call for comments" in reason
    assert "未公开添加评论的接口" in reason


def test_a_task_cannot_be_made_there_and_the_page_says_so(published):
    published.store.ref = None
    outcome = published.round()
    assert outcome.state == "refused"
    assert "link an existing one" in outcome.reason
    assert "请关联已有任务" in outcome.reason


def test_deleted_there_is_gone_here(published):
    published.settle()
    published.there.delete(published.ref)
    assert published.round().state == "gone"
    assert isinstance(published.tracker.fetch("5" * 24), Gone)


def test_nothing_is_lost_while_worktile_is_down(published):
    published.settle()
    published.http.down = 4
    published.there.edit(published.ref, JONAS, "title", "While down")
    assert published.round().state == "waiting"
    assert published.settle().state == "settled"
    assert published.task.title == "While down"


def test_a_token_at_its_end_is_renewed_once_without_anybody_noticing(published):
    published.settle()
    published.there.ail("expire")
    published.there.edit(published.ref, JONAS, "title", "Later")
    assert published.settle().state == "settled"
    published.clock.forward(hours=3)
    published.there.edit(published.ref, JONAS, "title", "Still later")
    assert published.settle().state == "settled"
    assert published.task.title == "Still later"


def test_revoked_credentials_stop_the_link_with_a_sentence(published):
    published.settle()
    published.there.api.secret = "another"
    published.there.ail("expire")
    outcome = published.round()
    assert outcome.state == "refused"


def test_edits_on_both_sides_meet_where_writes_are_named(named):
    named.task.edit(title="New title", labels=frozenset({"a"}))
    named.task.say("Mei", "Said here")
    named.there.edit(named.ref, JONAS, "body", "New text")
    named.there.edit(named.ref, JONAS, "labels", frozenset({"b"}))
    named.there.say(named.ref, JONAS, "Said there")
    assert named.settle().state == "settled"
    seen = named.seen()
    assert (seen.fields["title"], seen.fields["labels"]) == ("New title", {"a", "b"})
    assert named.task.body == "New text"
    assert named.task.labels == {"a", "b"}
    assert {comment.text for comment in seen.comments} == {"**Mei**\n\nSaid here", "Said there"}
    written = list(named.http.written)
    assert named.round().writes == 0
    assert named.http.written == written


def test_lost_answers_make_no_twins_where_writes_are_named(fresh):
    fresh.http.lose = 1
    assert fresh.round().state == "waiting"
    assert fresh.settle().state == "settled"
    assert fresh.there.items() == [fresh.ref]
    fresh.task.say("Mei", "Once")
    fresh.http.lose = 1
    assert fresh.round().state == "waiting"
    assert fresh.settle().state == "settled"
    assert len(fresh.seen().comments) == 1
    assert fresh.tracker.find(fresh.store.mark) == fresh.ref


def test_a_changed_comment_is_shown_for_worktile_cannot_change_it(named):
    number = named.task.say("Mei", "First")
    named.settle()
    comment = named.task.comments[number]
    named.task.comments[number] = type(comment)(number, "Mei", "Second")
    named.settle()
    assert named.store.copies[number].reason == {"id": "sync_comment_no_edit"}


def test_a_write_that_changes_nothing_is_noticed(named):
    named.there.ail("silent")
    named.task.edit(title="Not taken")
    assert named.settle().state == "refused"
    named.task.edit(title="Taken")
    assert named.settle().state == "settled"


def test_the_slow_scan_tells_every_change_within_two_passes(published):
    board = published.there.board
    tasks = []
    for number in range(320):
        published.clock.forward(seconds=5)
        tasks.append(board.create({"title": f"Task {number}"}))
    cursor = None
    for _ in range(12):
        _, cursor = published.tracker.changed_since(cursor)
    published.clock.forward(hours=1)
    for number in (0, 150, 319):
        board.change(tasks[number], {"title": "Changed"})
    told = set()
    for _ in range(8):
        refs, cursor = published.tracker.changed_since(cursor)
        told.update(refs)
    assert {tasks[number].id for number in (0, 150, 319)} <= told
    # Those and the latest one before them, again and again at most.
    assert len(told) <= 4


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", '{"page": 99}'])
def test_a_cursor_it_does_not_know_begins_again(published, cursor):
    refs, following = published.tracker.changed_since(cursor)
    assert following
    refs, _ = published.tracker.changed_since(following)
    assert list(refs) == [published.ref]


def test_its_limit_is_kept(published):
    published.settle()
    waited = 0
    for number in range(150):
        published.there.edit(published.ref, JONAS, "title", f"Title {number}")
        if published.round().state == "waiting":
            waited += 1
            published.clock.forward(seconds=30)
    assert waited > 0
    assert published.there.breaches == 0


def test_hooks_are_hints_about_their_task(published):
    published.settle()
    published.there.deliveries()
    published.there.edit(published.ref, JONAS, "title", "New")
    (sent,) = published.there.deliveries()
    assert published.tracker.verify(sent)
    assert list(published.tracker.hints(sent)) == [Hint(published.ref)]
    assert isinstance(published.tracker.fetch(published.ref), FarItem)
