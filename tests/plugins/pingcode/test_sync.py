"""The real engine against the imitation: what people do on both sides, and what goes wrong between them."""

import pytest

from hub.core.values import MovedTo, Retry

MEI, JONAS = (f"{number:032x}" for number in (0xA0, 0xA1))


def test_makes_one_item_and_then_has_nothing_to_do(linked):
    assert linked.seen().fields == {
        "title": "Printer is on fire",
        "body": "It burns.\nSince noon.\n\nThird floor.",
        "status": "新建",
        "assignee": MEI,
        "labels": frozenset(),
    }
    written = list(linked.http.written)
    for _ in range(3):
        assert linked.round().writes == 0
    assert linked.http.written == written
    assert linked.there.items() == [linked.ref]


def test_edits_on_both_sides_meet(linked):
    linked.task.edit(title="Printer burns", labels=frozenset({"printer"}))
    linked.there.edit(linked.ref, JONAS, "body", "It burns no more.")
    linked.there.edit(linked.ref, JONAS, "assignee", JONAS)
    assert linked.settle().state == "settled"
    assert (linked.task.body, linked.task.assignee) == ("It burns no more.", 2)
    assert linked.seen().fields["title"] == "Printer burns"
    assert linked.seen().fields["labels"] == {"printer"}


def test_the_same_field_changed_on_both_sides_is_a_conflict(linked):
    linked.task.edit(title="here")
    linked.there.edit(linked.ref, JONAS, "title", "there")
    assert linked.settle().state == "conflict"
    assert (linked.task.title, linked.seen().fields["title"]) == ("here", "there")


def test_closes_by_the_way_its_flow_allows_and_reopens_from_there(linked):
    linked.task.edit(status="done")
    assert linked.settle().state == "settled"
    assert linked.item.state == "已完成"
    patches = [call for call in linked.http.written if call[0] == "PATCH"]
    assert len(patches) == 2  # 新建 → 处理中 → 已完成
    linked.there.edit(linked.ref, JONAS, "status", "处理中")
    assert linked.settle().state == "settled"
    assert linked.task.status == "doing"


def _finish_half(linked):
    """The hub says done; its second step there is not answered."""
    linked.task.edit(status="done")
    steps = []

    def cut(method, path):
        if method == "PATCH":
            steps.append(path)
            if len(steps) == 2:
                raise Retry("HTTP 503")

    linked.http.wire.before = cut
    assert linked.round().state == "waiting"


def test_a_way_cut_short_is_gone_on_with_and_is_no_conflict(linked):
    _finish_half(linked)
    assert (linked.item.state, linked.task.status) == ("处理中", "done")
    assert linked.settle().state == "settled"
    assert (linked.item.state, linked.task.status) == ("已完成", "done")


def test_who_moves_the_item_on_from_a_way_cut_short_is_asked(linked):
    _finish_half(linked)
    linked.there.edit(linked.ref, JONAS, "status", "挂起")
    assert linked.settle().state == "conflict"
    assert (linked.item.state, linked.task.status) == ("挂起", "done")


def test_flows_that_cannot_be_read_are_not_taken_for_a_no(make_bench):
    bench = make_bench()
    bench.there.api.without_plans = True
    bench.settle()
    bench.task.edit(status="dropped")
    assert bench.settle().state == "settled"
    assert bench.item.state == "已关闭"
    bench.task.edit(status="done")
    assert bench.settle().state == "refused"
    assert "流转" in bench.reason("status")
    assert "flow" in bench.reason("status")
    bench.task.edit(status="open")
    assert bench.settle().state == "settled"


def test_states_map_by_type_where_the_names_are_not_known(make_bench):
    by_type = {
        "open": ["pending"],
        "doing": ["in_progress"],
        "waiting": ["in_progress"],
        "done": ["completed"],
        "dropped": ["closed"],
    }
    bench = make_bench(status_map=by_type)
    bench.settle()
    bench.task.edit(status="waiting")
    assert bench.settle().state == "settled"
    assert (bench.item.state, bench.task.status) == ("处理中", "waiting")
    bench.there.edit(bench.ref, JONAS, "status", "挂起")
    assert bench.settle().writes == 0
    bench.there.edit(bench.ref, JONAS, "status", "已完成")
    bench.settle()
    assert bench.task.status == "done"


def test_an_assignee_that_cannot_be_cleared_is_shown(linked):
    linked.task.edit(assignee=None)
    assert linked.settle().state == "refused"
    assert "不能清空负责人" in linked.reason("assignee")
    assert "cannot clear an assignee" in linked.reason("assignee")
    assert linked.item.assignee == MEI
    linked.there.edit(linked.ref, JONAS, "assignee", None)
    assert linked.settle().state == "settled"


def test_a_label_that_pingcode_does_not_have_holds_up_nothing_else(linked):
    linked.task.edit(title="New title", labels=frozenset({"blue", "unheard of"}))
    assert linked.settle().state == "refused"
    assert linked.seen().fields["title"] == "New title"
    assert "unheard of" in linked.reason("labels")
    linked.task.edit(labels=frozenset({"blue"}))
    assert linked.settle().state == "settled"
    assert linked.seen().fields["labels"] == {"blue"}


def test_a_description_with_a_table_is_left_alone(linked):
    table = "<table><tr><td>1</td></tr></table>"
    linked.there.board.change(linked.item, {"description": f"<p>x</p>{table}"})
    linked.settle()
    linked.task.edit(body="overwritten?")
    assert linked.settle().state == "refused"
    assert table in linked.item.description
    assert "table" in linked.reason("body")


def test_comments_travel_and_what_cannot_travel_is_shown(linked):
    ours = linked.task.say("Mei", "We are **on** it")
    theirs = linked.there.say(linked.ref, JONAS, "Thank you")
    assert linked.settle().state == "settled"
    copied = next(comment for comment in linked.seen().comments if comment.ref != theirs)
    assert linked.store.copies[ours].far_ref == copied.ref
    assert "<strong>on</strong>" in linked.item.comments[1]["content"]
    arrived = max(linked.task.comments)
    assert (linked.task.comments[arrived].author, linked.task.comments[arrived].text) == (
        "Jonas",
        "Thank you",
    )
    linked.there.edit_comment(linked.ref, theirs, JONAS, "Thank you all")
    linked.settle()
    assert linked.task.comments[arrived].text == "Thank you all"
    comment = linked.task.comments[ours]
    linked.task.comments[ours] = type(comment)(ours, "Mei", "We were on it")
    linked.settle()
    assert linked.store.copies[ours].reason == {"id": "sync_comment_no_edit"}
    linked.there.delete_comment(linked.ref, theirs, JONAS)
    linked.settle()
    assert linked.task.comments[arrived].deleted
    linked.task.comments[ours] = type(comment)(ours, "Mei", "We were on it", deleted=True)
    linked.settle()
    assert linked.seen().comments == ()
    assert [row["deleted"] for row in linked.item.comments] == [True, True]


def test_deleted_there_is_gone_here(linked):
    linked.there.delete(linked.ref)
    assert linked.round().state == "gone"


@pytest.mark.parametrize("mark_property", ["hub_ref", ""])
@pytest.mark.parametrize("lag", [0, 30])
def test_a_lost_answer_to_create_makes_no_twin(make_bench, mark_property, lag):
    bench = make_bench(mark_property=mark_property)
    bench.there.board.lag = lag
    bench.http.lose = 1
    assert bench.round().state == "waiting"
    bench.task.edit(title="Changed meanwhile")
    assert bench.settle().state == "settled"
    assert bench.there.items() == [bench.ref]
    assert bench.seen().fields["title"] == "Changed meanwhile"
    # People see a title without our sign, and the sign survives their edits and ours.
    assert bench.item.title.startswith("Changed meanwhile")
    assert ("[hub:" in bench.item.title) is (mark_property == "")
    assert bench.tracker.find(bench.store.mark) == bench.ref


def test_a_lost_answer_to_a_comment_makes_no_twin(linked):
    linked.task.say("Mei", "Once")
    linked.http.lose = 1
    assert linked.round().state == "waiting"
    assert linked.settle().state == "settled"
    assert [comment.text for comment in linked.seen().comments] == ["**Mei**\n\nOnce"]


def test_a_lost_answer_to_an_update_is_no_conflict(linked):
    linked.task.edit(title="Renamed", status="doing")
    linked.http.lose = 1
    assert linked.settle().state == "settled"
    assert (linked.seen().fields["title"], linked.item.state) == ("Renamed", "处理中")


def test_nothing_is_lost_while_pingcode_is_down(linked):
    linked.http.down = 5
    linked.task.edit(title="While down")
    linked.task.say("Mei", "Said while down")
    linked.there.edit(linked.ref, JONAS, "body", "Written while down")
    assert linked.round().state == "waiting"
    assert linked.settle().state == "settled"
    assert linked.seen().fields["title"] == "While down"
    assert linked.task.body == "Written while down"
    assert len(linked.seen().comments) == 1


def test_a_write_that_changes_nothing_is_noticed(linked):
    linked.there.ail("silent")
    linked.task.edit(title="Not taken")
    assert linked.settle().state == "refused"
    linked.task.edit(title="Taken")
    assert linked.settle().state == "settled"
    assert linked.seen().fields["title"] == "Taken"


def test_a_token_at_its_end_is_renewed_without_anybody_noticing(linked):
    linked.clock.forward(days=29, hours=23, minutes=30)
    linked.task.edit(title="A month later")
    assert linked.settle().state == "settled"
    linked.there.door.revoke("lab-client", "lab-secret-0123456789")
    linked.task.edit(title="After a reset of all tokens")
    assert linked.settle().state == "settled"
    linked.clock.forward(days=40)
    assert linked.settle().state == "settled"


def test_a_deleted_application_stops_the_link_with_a_sentence(linked):
    linked.there.door.revoke("lab-client")
    outcome = linked.round()
    assert outcome.state == "refused"
    assert "凭据管理" in outcome.reason


@pytest.mark.process("P91")
def test_ideas_tickets_and_work_items_converge(area):
    assert area.settle().state == "settled"
    area.task.edit(title="New", status="doing", body="New\n\n- a\n- b")
    area.task.say("Mei", "Hello")
    item = area.item
    area.there.board.say(item, JONAS, "<p>Hi</p>")
    area.there.board.change(item, {"assignee": JONAS})
    assert area.settle().state == "settled"
    assert (item.title, item.state, item.assignee) == ("New", "处理中", JONAS)
    assert item.description == "<p>New</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"
    assert len(item.comments) == 2
    assert {comment.text for comment in area.task.comments.values()} == {"Hello", "Hi"}
    assert area.task.assignee == 2
    assert area.round().writes == 0


@pytest.mark.process("P91")
def test_never_more_than_two_hundred_calls_in_a_minute(linked):
    waited = 0
    for number in range(100):
        linked.task.edit(title=f"Title {number}")
        if linked.round().state == "waiting":
            waited += 1
            linked.clock.forward(seconds=20)
    assert linked.settle().state == "settled"
    assert waited > 0
    assert linked.there.breaches == 0
    assert linked.seen().fields["title"] == "Title 99"


def test_without_the_budget_the_imitation_would_say_so(linked):
    linked.http.budget = lambda: None
    with pytest.raises(Retry):
        for _ in range(300):
            linked.tracker.fetch(linked.ref)
    assert linked.there.breaches > 0


def test_the_sweep_finds_what_changed_and_misses_nothing_at_the_edge(linked):
    _, cursor = linked.tracker.changed_since(None)
    assert list(linked.tracker.changed_since(cursor)[0]) == [linked.ref]
    linked.clock.forward(minutes=5)
    other = linked.tracker.create({"title": "Other"}, "0190-mark-of-another")
    changed, later = linked.tracker.changed_since(cursor)
    assert other in changed
    linked.clock.forward(hours=30)
    assert list(linked.tracker.changed_since(later)[0]) == [other]
    linked.there.edit(linked.ref, JONAS, "title", "Again")
    linked.there.delete(other)
    assert set(linked.tracker.changed_since(later)[0]) == {linked.ref, other}


def test_the_sweep_reads_every_page(linked):
    for number in range(250):
        linked.there.board.create("work_item", {"title": f"Item {number}"})
    assert len(linked.tracker.changed_since(None)[0]) == 251


def test_an_identifier_or_short_id_leads_to_the_id(linked):
    assert linked.tracker.fetch("RDD-1") == MovedTo(linked.ref)
    assert linked.tracker.fetch("s1") == MovedTo(linked.ref)
