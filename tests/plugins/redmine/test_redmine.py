"""What Redmine does in its own way."""

import json

import pytest
from hub_redmine.texts import Texts, inward, mark_of
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from werkzeug.wrappers import Response

from hub.core.database import SystemClock
from hub.core.values import DeliveryValue, Gone, Refused, Retry
from hub.lab.redmine.book import MARK_FIELD
from hub.outbound import Guard, Outbound
from tests.plugins.far import serving
from tests.plugins.redmine.conftest import KIND, MARK, Link


def says(checked, zh, en):
    assert not checked.ok
    assert zh in checked.text.zh, checked.text.zh
    assert en in checked.text.en, checked.text.en


# ---- what is written ---------------------------------------------------------------------------


def test_a_status_is_reached_by_what_the_workflow_allows(link):
    link.task.edit(status="done")
    assert link.settle() == "settled"
    assert link.there.see(link.ref).fields["status"] == "Closed"
    moves = [
        d["new_value"] for entry in link.issue.journals for d in entry.details if d["name"] == "status_id"
    ]
    assert len(moves) > 1, "New has no way to Closed: it went over another"


def test_a_write_that_is_answered_well_and_changes_nothing_is_shown_at_its_field(link):
    link.there.ail("silent")
    link.task.edit(title="Renamed")
    assert link.settle() == "refused"
    assert link.store.states["title"].declined
    link.task.edit(title="Renamed again")
    assert link.settle() == "settled"
    assert link.issue.values["subject"] == "Renamed again"


def test_an_owner_a_day_and_an_estimate_are_taken_out_by_an_empty_text_since_null_is_nothing(link):
    link.task.edit(due="2026-05-01", estimate=50)
    assert link.settle() == "settled"
    assert link.issue.values["estimated_hours"] == 0.83
    assert link.there.see(link.ref).fields["estimate"] == 50
    link.task.edit(assignee=None, due=None, estimate=None)
    assert link.settle() == "settled"
    seen = link.there.see(link.ref).fields
    assert (seen["assignee"], seen["due"], seen["estimate"]) == (None, None, None)


def test_of_several_fields_the_one_that_cannot_be_is_named_in_any_language(link):
    with pytest.raises(Refused) as no:
        link.tracker.update(link.ref, {"title": "x" * 300, "body": "New", "priority": "High"})
    assert no.value.fields == ("title",)
    seen = link.there.see(link.ref).fields
    assert (seen["body"], seen["priority"]) == ("New", "High")


def test_an_issue_is_made_even_where_somebody_cannot_own_it():
    link = Link(people_map={1: "77"})
    assert link.settle() == "refused"
    assert link.there.items() == [link.ref]
    assert "Assignee is invalid" in link.store.states["assignee"].declined.reason["text"]


def test_two_who_save_at_the_same_moment_wait_for_one_another(link):
    link.there.ail("stale")
    with pytest.raises(Retry, match="same moment"):
        link.tracker.update(link.ref, {"title": "Mine"})
    link.task.edit(title="Mine")
    assert link.settle() == "settled"


def test_a_note_that_was_not_kept_is_refused_in_words(link):
    link.book.may_note = False
    with pytest.raises(Refused, match="kept nothing"):
        link.tracker.add_comment(link.ref, "hello", MARK)


def test_a_redmine_before_5_says_that_notes_cannot_be_changed(link):
    ref = link.tracker.add_comment(link.ref, "hello", MARK)
    link.book.old = True
    with pytest.raises(Refused, match=r"5\.0 or newer"):
        link.tracker.edit_comment(link.ref, ref, "hello again", MARK)
    assert link.tracker.transitions(link.ref, "New") is None


def test_whatever_a_project_requires_goes_along_with_new_issues():
    field = {"id": MARK_FIELD, "value": "as required"}
    link = Link(create_fields={"custom_fields": [field]}, tracker_id=2)
    assert link.settle() == "settled"
    assert link.issue.fields[MARK_FIELD] == "as required"


# ---- what is made once -------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"mark_field": MARK_FIELD}, {"text_format": "textile"}])
def test_an_issue_is_found_by_its_mark_among_many_and_among_closed_ones(settings):
    link = Link(**settings)
    ref = link.tracker.create({"title": "T", "body": "B"}, MARK)
    link.book.change(link.book.issues[int(ref)], 5, {"status_id": 5})
    for number in range(130):
        link.tracker.create({"title": f"T{number}"}, f"{number:036}")
    assert link.tracker.find(MARK) == ref
    assert link.tracker.find("no such mark") is None
    assert link.tracker.fetch(ref).fields["body"] == "B"


def test_a_mark_field_that_filters_nothing_finds_no_stranger():
    link = Link(mark_field=MARK_FIELD)
    other = link.tracker.create({"title": "Another"}, "x" * 36)
    link.book.is_filter = False
    assert link.tracker.find(MARK) is None
    assert link.tracker.find("x" * 36) == other
    says(link.tracker.check(), "作为过滤条件", "Used as a filter")


# ---- what is read ------------------------------------------------------------------------------


def test_private_notes_do_not_come_in(link):
    link.book.change(link.issue, 5, {"notes": "Only for us", "private_notes": True})
    link.book.change(link.issue, 5, {"notes": "For all"})
    assert [one.text for one in link.tracker.fetch(link.ref).comments] == ["For all"]
    assert link.settle() == "settled"


def test_journals_are_read_in_their_order_whatever_the_answer_has(link):
    for number in range(4):
        link.clock.forward(seconds=1)
        link.there.say(link.ref, "5", f"said {number}")
        assert [one.text for one in link.tracker.fetch(link.ref).comments][-1] == f"said {number}"


def test_the_change_log_tells_texts_and_only_what_came_after_the_look(link):
    version = link.tracker.fetch(link.ref).version
    link.there.edit(link.ref, "5", "body", "Rewritten\nthere")
    link.there.edit(link.ref, "5", "status", "Feedback")
    log = link.tracker.history(link.ref, version)
    assert [(one.field, one.value, one.author, one.foreign) for one in log] == [
        ("body", "Rewritten\nthere", "Mei", True),
        ("status", "Feedback", "Mei", True),
    ]


def test_the_feed_pages_by_time_and_tells_a_whole_second_of_changes(link):
    _refs, cursor = link.tracker.changed_since(None)
    made = {str(link.book.create(5, {"subject": f"T{n}"}).id) for n in range(250)}
    told, _ = link.tracker.changed_since(cursor)
    assert made <= set(told)
    refs, cursor = [], None
    while True:
        found, cursor = link.tracker.scan(cursor)
        refs += found
        if cursor is None:
            break
    assert set(refs) == set(link.there.items())


def test_an_issue_that_was_moved_to_another_project_is_followed(link):
    link.there.move(link.ref)
    link.task.edit(title="Renamed")
    assert link.settle() == "settled"
    assert link.issue.values["subject"] == "Renamed"


def test_an_issue_is_gone_only_where_the_project_can_be_read(link):
    link.there.delete(link.ref)
    link.book.may_see = False
    with pytest.raises(Refused, match="no project"):
        link.tracker.fetch(link.ref)
    link.book.may_see = True
    assert isinstance(link.tracker.fetch(link.ref), Gone)


@given(text=st.text(max_size=40) | st.sampled_from(["@mei #12", "a\r\nb", "`#1`", "<!-- hub:v1 id=x -->"]))
@pytest.mark.parametrize("form", ["common_mark", "textile"])
def test_every_text_comes_back_as_it_left_and_calls_nobody(form, text):
    texts, whole = Texts(form), text.replace("\r\n", "\n").replace("\r", "\n")
    for mark in (MARK, None):
        there = texts.outward(text, mark).replace("\n", "\r\n")
        assert inward(there) == whole
        assert mark_of(there) == mark or mark is None


def test_hints_name_issues_and_nothing_else(link):
    now = link.clock.now()

    def hints(body):
        return [one.ref for one in link.tracker.hints(DeliveryValue("1", {}, json.dumps(body).encode(), now))]

    assert hints({"type": "issue.deleted", "data": {"issue": {"id": 41}}}) == ["41"]
    for odd in (
        {},
        [],
        {"data": {"news": {"id": 3}}},
        {"data": {"issue": {"id": True}}},
        {"data": {"issue": 3}},
    ):
        assert hints(odd) == []


# ---- Test connection, over real HTTP ----------------------------------------------------------


@pytest.fixture
def http():
    http = Outbound(retry=Retry, refused=Refused, now=SystemClock().now, guard=Guard(["127.0.0.1"]))
    yield http
    http.close()


def opened(http, there, address, *, key=None, **settings):
    made = KIND.settings(base_url=address, project="app", **settings)
    secrets = there.secrets if key is None else {"key": key}
    return KIND.open(made, secrets, http, {})


def test_works_over_real_http_and_says_what_to_do_where_it_does_not(http, fresh):
    there = fresh.there
    with serving(there.application) as address:
        tracker = opened(http, there, f"{address}/")
        assert tracker.check().ok
        ref = tracker.create({"title": "打印机", "body": "@mei #12"}, MARK)
        assert tracker.fetch(ref).fields["body"] == "@mei #12"
        assert ("5", "Mei") in tracker.catalogue().people
        says(opened(http, there, address, key="old").check(), "重新复制", "copy the API access key again")
        says(opened(http, there, address, key="").check(), "没有密钥", "no key")
        german = {"open": ["Neu"], "doing": ["x"], "waiting": ["x"], "done": ["x"], "dropped": ["x"]}
        says(opened(http, there, address, status_map=german).check(), "没有状态 Neu", "no status Neu")
        there.book.may_see = False
        says(opened(http, there, address).check(), "项目成员", "a member of it")
    says(opened(http, there, address).check(), "请检查根地址", "check the root address")
    says(opened(http, there, "http://10.1.2.3").check(), "[outbound] allow", "[outbound] allow")


def test_knows_another_server_and_https_by_their_answers(http, fresh):
    def secured(environ, start):
        return Response(status=301, headers={"Location": f"https://{environ['HTTP_HOST']}/"})(environ, start)

    for answer, zh, en in (
        (secured, "以 https:// 开头", "begin with https://"),
        (Response("<html>", 404), "不是 Redmine", "not Redmine"),
        (Response("<html>", 200, mimetype="text/html"), "不是 Redmine", "not Redmine"),
    ):
        with serving(answer) as address:
            says(opened(http, fresh.there, address).check(), zh, en)


@pytest.mark.parametrize(
    "wrong", [{"base_url": "redmine"}, {"project": "A B"}, {"text_format": "html"}, {"tracker_id": 0}]
)
def test_settings_that_cannot_be_right_are_refused_when_saved(wrong):
    with pytest.raises(ValidationError):
        KIND.settings(**{"base_url": "https://redmine.test", "project": "app", **wrong})


def test_a_status_that_does_not_count_as_closed_is_told(fresh):
    table = {**fresh.settings.status_map, "done": ["Resolved"]}
    assert "Resolved does not count as closed" in Link(status_map=table).tracker.check().text.en
