"""The Jira plugin over real HTTP, its searches, and every odd answer."""

import datetime as dt
import json

import pytest
from pydantic import ValidationError

from hub.lab.jira import Jira
from hub.lab.wire import Wire
from hub.outbound import Answer
from hub.plugins.jira.search import Search
from hub.sdk import Catalogue, FarItem, Gone, MovedTo, Recent, Refused, Retry, SetChange
from tests.plugins.jira.conftest import KIND, MARK, MARK2, open_on, settings_of

FIELDS = {
    "title": "T",
    "body": "one\n\ntwo",
    "status": "To Do",
    "assignee": "5b-mei",
    "labels": frozenset({"b", "a"}),
    "priority": "High",
    "due": "2026-05-04",
    "estimate": 90,
}


class Canned:
    """Answers every call alike, but for some paths."""

    def __init__(self, status=200, body=b"{}", headers=None, **by_path):
        self.answer, self.by_path, self.calls = Answer(status, headers or {}, body, Refused), by_path, []

    def send(self, method, url, **request):
        self.calls.append((method, url, request))
        for end, answer in self.by_path.items():
            if url.endswith(end.replace("_", "/")):
                return answer
        return self.answer


def said(value, status=200):
    return Answer(status, {}, json.dumps(value).encode(), Refused)


def test_makes_finds_reads_and_changes_an_issue_over_http(served, flavour):
    tracker, jira = served
    ref = tracker.create(FIELDS, MARK)
    assert (tracker.find(MARK), tracker.find(MARK2)) == (ref, None)
    item = tracker.fetch(ref)
    assert isinstance(item, FarItem)
    assert item.fields == FIELDS
    tracker.update(
        ref,
        {"title": "T2", "labels": SetChange(frozenset({"c"}), frozenset({"a"})), "assignee": None}
        | {"status": "In Progress", "priority": "Lowest", "due": None, "estimate": 30},
    )
    changed = tracker.fetch(ref)
    assert changed.fields == {
        **FIELDS,
        "title": "T2",
        "labels": {"b", "c"},
        "assignee": None,
        "status": "In Progress",
        "priority": "Lowest",
        "due": None,
        "estimate": 30,
    }
    log = {(change.field, change.value) for change in tracker.history(ref, item.version)}
    assert log == {
        ("title", "T2"),
        ("labels", frozenset({"b", "c"})),
        ("assignee", None),
        ("status", "In Progress"),
        ("priority", "Lowest"),
        ("due", None),
        ("estimate", 30),
    }
    assert tracker.history(ref, changed.version) == []
    assert tracker.fetch(jira.site.issues[ref].key) == MovedTo(ref)
    comment = tracker.add_comment(ref, "hello **you**", MARK2)
    tracker.edit_comment(ref, comment, "hello again", MARK2)
    (read,) = tracker.fetch(ref).comments
    assert (read.ref, read.text, read.mark, read.author) == (comment, "hello again", MARK2, "Service hub")
    tracker.delete_comment(ref, comment)
    tracker.delete_comment(ref, comment)
    tracker.edit_comment(ref, comment, "late", MARK2)
    assert tracker.fetch(ref).comments == ()


def test_comments_are_asked_for_by_themselves_only_where_one_is_new_or_there_are_many(served):
    tracker, jira = served
    ref = tracker.create(FIELDS, MARK)
    ours, asked = tracker.add_comment(ref, "ours", MARK2), []
    jira.site.say(jira.site.issues[ref], "5b-mei", jira.site.native("theirs"))
    tracker._client.pages = lambda path, *args, pages=tracker._client.pages, **params: (
        asked.append(path) or pages(path, *args, **params)
    )
    said = [(one.ref == ours, one.mark) for one in tracker.fetch(ref).comments]
    assert said == [(True, MARK2), (False, None)]
    known = len(asked)
    assert [(one.ref == ours, one.mark) for one in tracker.fetch(ref).comments] == said
    assert len(asked) == known
    for number in range(20):
        jira.site.say(jira.site.issues[ref], "5b-mei", jira.site.native(f"word {number}"))
    assert len(tracker.fetch(ref).comments) == 22
    assert len(asked) == known + 1


def test_check_and_catalogue(served):
    tracker, jira = served
    jira.site.create("5b-anna", {"summary": "x", "assignee": "5b-lin"})
    checked = tracker.check()
    assert (checked.ok, "Service hub" in checked.text.en) == (True, True)
    catalogue = tracker.catalogue()
    assert isinstance(catalogue, Catalogue)
    assert catalogue.states == ("To Do", "In Progress", "Blocked", "Done", "Cancelled")
    assert ("5b-lin", "林 Lin") in catalogue.people


@pytest.mark.parametrize(
    ("secrets", "changed", "word"),
    [
        ({"token": "wrong"}, {}, "token"),
        ({}, {"project": "NOPE"}, "NOPE"),
        ({}, {"through": ["Review"]}, "Review"),
        ({}, {"base_url": "https://jira.test/nowhere"}, "NOPE"),
    ],
)
def test_check_says_what_is_wrong(clock, secrets, changed, word):
    secrets = {"token": "hub-token"} | secrets
    checked = open_on(Wire(Jira(clock)), secrets=secrets, **changed).check()
    assert not checked.ok
    assert checked.text.zh
    assert word in checked.text.en or word == "NOPE"


def test_the_old_search_is_gone_at_cloud_and_the_new_one_elsewhere(clock):
    for cloud, path in ((True, "/rest/api/3/search"), (False, "/rest/api/2/search/jql")):
        wire = Wire(Jira(clock, cloud=cloud))
        wire_tracker = open_on(wire, "cloud" if cloud else "datacenter")
        answer = wire.send(
            "GET",
            f"https://jira.test{path}",
            params={"jql": "project = OPS"},
            headers=wire_tracker._client._headers,
        )
        assert answer.status in (404, 410)


def test_the_feed_pages_to_its_end(link):
    for number in range(130):
        link.clock.forward(minutes=1)
        link.site.create("5b-mei", {"summary": f"issue {number}"})
    refs, cursor = link.tracker.changed_since(None)
    assert list(refs) == list(link.site.issues)
    link.clock.forward(hours=1)
    link.site.change(link.site.issues[refs[5]], "5b-mei", {"summary": "later"})
    again, later = link.tracker.changed_since(cursor)
    assert refs[5] in again
    assert len(again) < len(refs)
    assert Recent.read(later).since > Recent.read(cursor).since


def test_what_changed_last_is_not_told_for_ever(link):
    """Each look overlaps the one before; a quiet project must not cost a call for each issue of it."""
    link.site.create("5b-mei", {"summary": "the last before the holidays"})
    cursor, told = None, []
    for _ in range(4):
        link.clock.forward(minutes=1)
        refs, cursor = link.tracker.changed_since(cursor)
        told.append(len(refs))
    assert told == [1, 1, 0, 0]


def test_a_cursor_of_milliseconds_is_gone_on_from(link):
    first = link.site.create("5b-mei", {"summary": "known"})
    link.clock.forward(hours=1)
    known = str(int(link.clock.now().timestamp() * 1000))
    link.clock.forward(hours=1)
    second = link.site.create("5b-mei", {"summary": "new"})
    refs, _ = link.tracker.changed_since(known)
    assert second.id in refs
    assert first.id not in refs


def test_the_feed_misses_nothing_that_the_index_shows_late(cloud):
    _, cursor = cloud.tracker.changed_since(None)
    cloud.far.ail("lag")
    other = cloud.site.create("5b-mei", {"summary": "late"})
    assert other.id not in cloud.tracker.changed_since(cursor)[0]
    cloud.clock.forward(seconds=30)
    refs, cursor = cloud.tracker.changed_since(cursor)
    assert other.id not in refs
    cloud.clock.forward(minutes=3)
    assert other.id in cloud.tracker.changed_since(cursor)[0]


def test_what_was_just_made_is_forced_into_the_search(cloud):
    cloud.far.ail("lag")
    ref = cloud.tracker.create(FIELDS, MARK)
    assert cloud.tracker.find(MARK) == ref
    fresh = open_on(cloud.wire)
    assert fresh.find(MARK) is None
    cloud.clock.forward(minutes=3)
    assert fresh.find(MARK) == ref


def test_what_the_index_lists_but_is_gone_is_not_found(cloud):
    ref = cloud.tracker.create(FIELDS, MARK)
    search = cloud.tracker._search
    cloud.far.delete(ref)
    listed, search.labelled = search.labelled, lambda label, fresh: ["99999", *listed(label, fresh)]
    assert cloud.tracker.find(MARK) is None


@pytest.mark.parametrize(
    ("zone", "cursor", "wanted"),
    [
        ("Asia/Shanghai", "2026-03-02T01:02:59+00:00", "2026-03-02 09:02"),
        (None, "2026-03-02T12:00:00+00:00", "2026-03-02 00:00"),
        ("No/Where", "2026-03-02T12:00:00+00:00", "2026-03-02 00:00"),
        # 01:30 comes twice that night in Berlin's 02:30: the first of both is asked for.
        ("Europe/Berlin", "2026-10-25T01:30:00+00:00", "2026-10-25 01:30"),
    ],
)
def test_data_center_is_asked_in_minutes_of_its_users_zone(zone, cursor, wanted):
    http = Canned(200, b'{"issues": []}', myself=said({"timeZone": zone}))
    client = open_on(http, "datacenter")._client
    millis = str(int(dt.datetime.fromisoformat(cursor).timestamp() * 1000))
    assert Search(client, "OPS", "labels = x").changed(millis) == ([], millis)
    jql = http.calls[-1][2]["params"]["jql"]
    assert jql == f'project = "OPS" AND (labels = x) AND updated >= "{wanted}" ORDER BY updated ASC, key ASC'


def test_cloud_is_asked_in_milliseconds():
    http = Canned(200, b'{"issues": []}')
    open_on(http).changed_since("1788105520000")
    assert "updated >= 1788105520000" in http.calls[-1][2]["params"]["jql"]


def test_a_search_that_never_ends_is_given_up():
    http = Canned(200, b'{"issues": [], "nextPageToken": "again"}')
    with pytest.raises(Refused, match="does not end"):
        open_on(http).changed_since(None)


def test_each_edition_shows_its_credentials_in_its_way():
    http = Canned()
    for flavour, start in (("cloud", "Basic "), ("datacenter", "Bearer ")):
        open_on(http, flavour).changed_since(None)
        assert http.calls[-1][2]["headers"]["Authorization"].startswith(start)
        assert "hub-token" not in http.calls[-1][1]


ISSUE = {"id": "1", "key": "OPS-1", "fields": {"summary": "T", "status": {"name": "To Do"}}}
BAD = [
    b"",
    b"<html>Log in</html>",
    b"[]",
    b"null",
    b"{",
    b'"x"',
    b"{}",
    b'{"fields": null}',
    b'{"id": "1", "fields": {"summary": null, "status": {"name": "x"}}}',
    b'{"id": "1", "fields": {"summary": "x", "status": null}}',
    b'{"id": "1", "fields": {"summary": "x", "status": {"name": 5.5}}}',
    b'{"fields": {"summary": "x", "status": {"name": "x"}}}',
    b"[" * 100_000,
    b"<" * 5_000_000,
]


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("flavour", ["cloud", "datacenter"])
def test_an_answer_that_is_no_issue_is_refused_with_a_reason(body, flavour):
    tracker = open_on(Canned(200, body), flavour)
    with pytest.raises(Refused) as refused:
        tracker.fetch("1")
    assert "Jira" in refused.value.reason


@pytest.mark.parametrize(
    "odd",
    [
        {"assignee": {}, "labels": None, "description": None},
        {"assignee": {"accountId": None}, "labels": [None, 5, "a"], "description": 5},
        {"assignee": "x", "labels": "x", "description": {"type": "doc"}},
        {"assignee": [], "labels": {}, "description": {"content": [None, 1, {"type": None}]}},
    ],
)
def test_odd_values_and_null_users_are_read(odd):
    issue = {**ISSUE, "fields": {**ISSUE["fields"], **odd}}
    issue["changelog"] = {
        "histories": [None, {"id": None}, {"id": "x", "items": [None, {"field": "status"}]}]
    }
    comments = {
        "comments": [None, {"id": "7", "author": None, "body": None, "created": "yesterday"}, {"body": 1}],
        "total": 3,
    }
    http = Canned(200, json.dumps(issue).encode(), _comment=said(comments), myself=said({"accountId": None}))
    item = open_on(http).fetch("1")
    assert (item.fields["assignee"], item.fields["body"], item.version) == (None, "", "0")
    assert item.fields["labels"] <= {"a"}
    (comment,) = item.comments
    assert (comment.author, comment.text, comment.at, comment.mark) == ("", "", None, None)


def test_odd_log_entries_are_left_out():
    odd = [
        None,
        {"id": "3", "author": None, "items": None},
        {"id": "4", "items": [{"field": "colour"}, {}, None]},
    ]
    good = {"id": "5", "author": {}, "created": None, "items": [{"field": "summary", "toString": "X"}]}
    http = Canned(200, json.dumps({"values": [*odd, good], "total": 4}).encode())
    (change,) = open_on(http).history("1", "0")
    assert (change.field, change.value, change.author, change.at) == ("title", "X", "", None)


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (301, b"", "elsewhere"),
        (400, b'{"errorMessages": ["no", null, 5], "errors": {"summary": "too long"}}', "too long"),
        (400, b'{"errors": [1]}', "status 400"),
        (401, b"<html>", "token"),
        (403, b'{"message": "Forbidden"}', "Forbidden"),
        (413, b"<html>", "status 413"),
        (418, b"[]", "status 418"),
    ],
)
def test_a_no_is_said_in_jiras_words(status, body, wanted):
    tracker = open_on(Canned(status, body))
    for call in (
        lambda: tracker.fetch("1"),
        lambda: tracker.create(FIELDS, MARK),
        lambda: tracker.update("1", {"title": "x"}),
        lambda: tracker.changed_since(None),
        lambda: tracker.add_comment("1", "x", MARK),
    ):
        with pytest.raises(Refused) as refused:
            call()
        assert wanted in refused.value.reason


def test_a_refused_field_is_named_in_our_words(link):
    ref = link.tracker.create(FIELDS, MARK)
    for changes, field in (
        ({"title": "x" * 256}, "title"),
        ({"assignee": "nobody"}, "assignee"),
        ({"status": "Review"}, "status"),
        ({"labels": SetChange(frozenset({"a b"}), frozenset())}, "labels"),
    ):
        with pytest.raises(Refused) as refused:
            link.tracker.update(ref, changes)
        assert refused.value.fields == (field,)


def test_somebody_elses_transition_at_the_same_time_means_try_again():
    with pytest.raises(Retry):
        open_on(Canned(409, b"{}")).update("1", {"title": "x"})


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>ok</html>", b'{"id": null}', b"[]", b"{"])
def test_a_making_without_a_number_is_unclear_not_refused(body):
    tracker = open_on(Canned(201, body))
    with pytest.raises(Retry):
        tracker.create(FIELDS, MARK)
    with pytest.raises(Retry):
        tracker.add_comment("1", "x", MARK)


def test_rights_that_were_taken_do_not_look_like_deleted_issues():
    with pytest.raises(Refused, match="project"):
        open_on(Canned(404, b"{}")).fetch("1")
    assert isinstance(open_on(Canned(404, b"{}", project_OPS=said({}))).fetch("1"), Gone)
    went = open_on(Canned(404, b"{}"))
    with pytest.raises(Retry):
        went.update("1", {"title": "x"})
    with pytest.raises(Retry):
        went.add_comment("1", "x", MARK)
    assert went.history("1", None) == ()


def test_a_new_issue_has_mark_property_link_and_own_fields(clock):
    jira = Jira(clock)
    changed = {"hub_url": "https://hub.example.org", "issue_type": "10002"}
    tracker = open_on(Wire(jira), create_fields={"priority": {"name": "High"}}, **changed)
    ref = tracker.create(FIELDS, MARK)
    issue = jira.site.issues[ref]
    assert f"hub-{MARK}" in issue.labels
    assert issue.properties["hub.ref"]["id"] == MARK
    assert list(issue.remote_links) == [f"system=https://hub.example.org&id={MARK}"]
    assert tracker.fetch(ref).fields["labels"] == {"a", "b"}


def test_a_link_back_that_is_not_allowed_harms_nothing(clock):
    http = Canned(403, b"{}", issue=said({"id": "77"}, 201))
    assert open_on(http, hub_url="https://hub.example.org").create(FIELDS, MARK) == "77"


def test_jira_is_asked_to_keep_quiet_where_that_is_wanted():
    http = Canned(204, b"")
    open_on(http, notify_users=False).update("1", {"title": "x"})
    assert http.calls[-1][2]["params"] == {"notifyUsers": "false"}
    open_on(http).update("1", {"title": "x"})
    assert "params" not in http.calls[-1][2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"project": "OPS; drop"},
        {"project": ""},
        {"flavour": "server"},
        {"base_url": "jira"},
        {"jql": "labels = x order BY rank"},
        {"create_fields": {"summary": "x"}},
        {"status_map": {"open": ["To Do"]}},
        {"transition_fields": {"Done": "x"}},
        {"transition_fields": {"Done": "[1]"}},
        {"create_fields": {"priority": "{"}},
        {"unknown": 1},
    ],
)
def test_settings_that_cannot_work_are_refused_when_saved(wrong):
    with pytest.raises(ValidationError):
        settings_of(**wrong)


def test_settings_survive_being_stored():
    settings = settings_of()
    assert KIND.settings.model_validate(json.loads(json.dumps(settings.model_dump(mode="json")))) == settings


def test_the_plugin_loads_nothing_heavy_before_its_first_connection():
    import subprocess
    import sys

    heavy = "'markdown_it', 'hub.plugins.jira.tracker', 'requests'"
    code = f"import sys, hub.plugins.jira.plugin; print([m for m in ({heavy},) if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
