"""The plugin before the imitation, over real HTTP and the hub's one way out."""

import datetime as dt
import json

import pytest
from pydantic import ValidationError
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from hub.core.execute.ways import way
from hub.lab.github import Account
from hub.sdk import (
    CANONICAL_FIELDS,
    OPTIONAL_FIELDS,
    FarItem,
    Gone,
    Hooks,
    MovedTo,
    Refused,
    Retry,
    SetChange,
)
from tests.plugins.github.conftest import KIND, MARK, SECRETS, open_on, serve

FIELDS = {
    "title": "T",
    "body": "line\nfor @octocat, see #1",
    "status": "open",
    "assignee": "mei",
    "labels": frozenset({"b", "a"}),
}
MEI = Account("mei")


def test_makes_finds_reads_and_changes_an_issue(served, home):
    ref = served.create(FIELDS, MARK)
    assert (served.find(MARK), served.find("01938a6e-7c00-7000-8000-000000000002")) == (ref, None)
    item = served.fetch(ref)
    assert isinstance(item, FarItem)
    assert set(item.fields) == set(CANONICAL_FIELDS) - set(OPTIONAL_FIELDS)
    assert item.fields == FIELDS
    assert "@octocat" not in home.issues[1].body
    assert item.url == "https://github.test/octo/app/issues/1"
    served.update(
        ref,
        {
            "title": "T2",
            "body": "other #2",
            "labels": SetChange(frozenset({"c"}), frozenset({"a"})),
            "assignee": "jonas",
            "status": "not_planned",
        },
    )
    changed = served.fetch(ref)
    assert changed.fields == {
        "title": "T2",
        "body": "other #2",
        "status": "not_planned",
        "assignee": "jonas",
        "labels": frozenset({"b", "c"}),
    }
    assert home.issues[1].body.startswith(f"<!-- hub:v1 id={MARK} -->\n"), "the mark stays"
    log = [(change.field, change.value) for change in served.history(ref, item.version)]
    assert ("title", "T2") in log
    assert ("status", "not_planned") in log
    assert [value for field, value in log if field == "assignee"][-1] == "jonas"


def test_the_reason_of_a_closed_issue_is_changed_by_way_of_open(served, home):
    ref = served.create(FIELDS, MARK)
    served.update(ref, {"status": "completed"})
    for status in way(served.transitions(ref, "completed"), "completed", "not_planned"):
        served.update(ref, {"status": status})
    assert served.fetch(ref).fields["status"] == "not_planned"
    log = [change.value for change in served.history(ref, None) if change.field == "status"]
    assert log == ["completed", "open", "not_planned"], "each step of ours is told"
    served.update(ref, {"status": "open"})
    assert served.fetch(ref).fields["status"] == "open"


def test_what_somebody_else_passes_on_the_way_to_another_reason_is_nobodys_choice(served, home, forge):
    ref = served.create(FIELDS, MARK)
    issue = home.issues[1]
    for change in ({"state": "closed"}, {"state": "open"}):
        forge.change(home, issue, MEI, change)
    forge.change(home, issue, MEI, {"state": "closed", "state_reason": "not_planned"})
    log = [change.value for change in served.history(ref, None) if change.field == "status"]
    assert log == ["completed", "not_planned"]


def test_comments_carry_their_mark_and_call_nobody(served, home):
    ref = served.create(FIELDS, MARK)
    comment = served.add_comment(ref, "hello @octocat", MARK)
    served.edit_comment(ref, comment, "hello again @octocat", MARK)
    (read,) = served.fetch(ref).comments
    assert (read.ref, read.text, read.mark, read.author) == (
        comment,
        "hello again @octocat",
        MARK,
        "hub-bot",
    )
    assert "@octocat" not in home.issues[1].comments[int(comment)].body
    served.delete_comment(ref, comment)
    served.delete_comment(ref, comment)
    served.edit_comment(ref, comment, "too late", MARK)
    assert served.fetch(ref).comments == ()


def test_reads_every_page_of_comments(served, forge, home):
    ref = served.create(FIELDS, MARK)
    for number in range(203):
        forge.comment(home, home.issues[1], "mei", f"word {number}")
    assert [comment.text for comment in served.fetch(ref).comments] == [f"word {n}" for n in range(203)]


def test_a_comment_deleted_while_pages_are_read_hides_no_other(tracker, wire, forge, home):
    ref = tracker.create(FIELDS, MARK)
    for number in range(150):
        forge.comment(home, home.issues[1], "mei", f"word {number}")
    first = next(iter(home.issues[1].comments.values()))

    def between(method, path):
        if path.endswith("/comments") and first.id in home.issues[1].comments and wire.reads > seen:
            forge.delete_comment(home, home.issues[1], first, "mei")

    seen = wire.reads + 2
    wire.before = between
    read = {comment.text for comment in tracker.fetch(ref).comments}
    assert {f"word {number}" for number in range(1, 150)} <= read


def test_tells_deleted_from_moved_and_from_what_cannot_be_read(served, forge, home):
    for number in range(1, 6):
        served.create({**FIELDS, "title": f"T{number}"}, MARK)
    other = forge.add_repository("octo/archive")
    forge.delete(home, home.issues[1])
    forge.transfer(home, home.issues[2], other)
    assert isinstance(served.fetch("1"), Gone)
    assert served.fetch("2") == MovedTo("octo/archive#1")
    moved = served.fetch("octo/archive#1")
    assert moved.fields["title"] == "T2"
    served.update("octo/archive#1", {"title": "there"})
    comment = served.add_comment("octo/archive#1", "hi", MARK)
    served.delete_comment("octo/archive#1", comment)
    assert other.issues[1].title == "there"
    assert isinstance(served.fetch("77"), Gone)
    other.readable = False
    forge.transfer(home, home.issues[3], other)
    assert isinstance(served.fetch("3"), Gone)
    home.has_issues = False
    with pytest.raises(Refused, match="disabled"):
        served.fetch("4")
    home.readable = False
    with pytest.raises(Refused, match="may not see it"):
        served.fetch("4")


def test_a_renamed_repository_is_followed_and_another_of_its_name_is_not_taken_for_it(http, url, forge, home):
    tracker = open_on(http, url)
    ref = tracker.create(FIELDS, MARK)
    forge.rename(home, "octo/application")
    assert tracker.fetch(ref).fields["title"] == "T"
    tracker.update(ref, {"title": "renamed"})
    assert tracker.create(FIELDS, MARK) == "2"
    _refs, cursor = tracker.changed_since(None)
    stranger = forge.add_repository("octo/app")
    forge.create(stranger, MEI, {"title": "of a stranger"})
    again = open_on(http, url, state={"sweep_cursor": cursor})
    assert again.fetch("1").fields["title"] == "renamed"
    assert again.create(FIELDS, MARK) == "3"
    assert len(stranger.issues) == 1


@pytest.mark.parametrize(
    "typed", ["#1", " 1 ", "octo/app#1", "Octo/App#1", "https://github.test/octo/app/issues/1"]
)
def test_an_issue_may_be_named_as_people_name_it(served, typed):
    served.create(FIELDS, MARK)
    assert served.fetch(typed) == MovedTo("1")


@pytest.mark.parametrize("typed", ["one", "", "octo/app", "https://github.test/octo/app/pulls/1", "1; drop"])
def test_what_names_no_issue_is_refused(served, typed):
    with pytest.raises(Refused, match="names no issue"):
        served.fetch(typed)


def test_a_pull_request_is_no_issue(served, forge, home):
    forge.create(home, MEI, {"title": "PR", "body": f"<!-- hub:v1 id={MARK} -->"}, pull=True)
    with pytest.raises(Refused, match="pull request"):
        served.fetch("1")
    assert served.find(MARK) is None
    _refs, cursor = served.changed_since(None)
    assert list(served.changed_since(cursor)[0]) == []


def test_finds_at_once_what_the_search_does_not_know_yet(served, github, http, url):
    ref = served.create(FIELDS, MARK)
    headers = {"Authorization": "Bearer hub-token"}
    found = http.send("GET", f"{url}/search/issues", params={"q": MARK}, headers=headers).json()
    assert found["items"] == []
    assert served.find(MARK) == ref


def test_looks_for_a_mark_no_further_back_than_it_is_old(tracker, wire, clock, forge, home):
    for number in range(350):
        forge.create(home, Account("hub-bot"), {"title": f"old {number}"})
    clock.forward(days=400)
    when = int(clock.now().timestamp() * 1000)
    fresh = f"{when >> 16:08x}-{when & 0xFFFF:04x}-7000-8000-000000000009"
    before = wire.reads
    assert tracker.find(fresh) is None
    assert wire.reads - before <= 3
    ref = tracker.create(FIELDS, fresh)
    assert tracker.find(fresh) == ref


def test_strangers_who_work_on_an_issue_stay_when_the_owner_changes(wire, forge, home):
    tracker = open_on(wire, people_map={1: "Mei", 2: "jonas"})
    ref = tracker.create({**FIELDS, "assignee": None}, MARK)
    forge.assign(home, home.issues[1], MEI, ["anna"], True)
    assert tracker.fetch(ref).fields["assignee"] == "anna", "nobody known here: shown, not dropped"
    tracker.update(ref, {"assignee": "jonas"})
    forge.assign(home, home.issues[1], MEI, ["anna"], True)
    tracker.update(ref, {"assignee": "mei"})
    assert sorted(home.issues[1].assignees) == ["anna", "mei"]
    assert tracker.fetch(ref).fields["assignee"] == "Mei", "in the spelling of the map"


def test_labels_of_the_connection_stay_at_github(wire, home):
    tracker = open_on(wire, new_labels=["From-Hub"])
    ref = tracker.create(FIELDS, MARK)
    assert home.issues[1].labels == ["a", "b", "From-Hub"]
    assert tracker.fetch(ref).fields["labels"] == {"a", "b"}


def test_a_label_that_is_gone_already_is_what_was_wanted(tracker, home):
    ref = tracker.create(FIELDS, MARK)
    tracker.update(ref, {"labels": SetChange(frozenset(), frozenset({"a", "never there/☃"}))})
    assert home.issues[1].labels == ["b"]


def test_without_push_rights_labels_and_owner_are_dropped_or_refused_by_name(tracker, forge, home):
    forge.tokens["hub-token"] = Account("hub-bot", push=False, admin=False)
    ref = tracker.create(FIELDS, MARK)
    assert tracker.fetch(ref).fields["labels"] == frozenset()
    with pytest.raises(Refused) as refused:
        tracker.update(ref, {"title": "x", "labels": SetChange(frozenset({"c"}), frozenset())})
    assert refused.value.fields == ("labels",)
    tracker.update(ref, {"assignee": "mei"})
    assert home.issues[1].assignees == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"title": "x" * 257}, "title"), ({"labels": SetChange(frozenset({"x" * 51}), frozenset())}, "labels")],
)
def test_what_github_does_not_take_is_refused_by_field(tracker, changes, field):
    ref = tracker.create(FIELDS, MARK)
    with pytest.raises(Refused) as refused:
        tracker.update(ref, changes)
    assert refused.value.fields == (field,)


def test_a_text_that_is_too_long_is_refused_before_it_is_sent(tracker, home):
    ref = tracker.create(FIELDS, MARK)
    with pytest.raises(Refused, match="65536") as refused:
        tracker.update(ref, {"body": "@" + "x" * 65_500})
    assert refused.value.fields == ("body",)
    with pytest.raises(Refused, match="65536"):
        tracker.add_comment(ref, "x" * 65_600, MARK)
    assert tracker.fetch(ref).fields["body"] == FIELDS["body"]


def test_with_issues_disabled_nothing_is_made(served, home):
    home.has_issues = False
    with pytest.raises(Refused, match="disabled"):
        served.create(FIELDS, MARK)
    with pytest.raises(Refused, match="disabled"):
        served.changed_since(None)


@pytest.mark.parametrize(
    ("fault", "after"),
    [("unavailable", None), ("too_many", 7), ("secondary", 30), ("secondary_bare", 60)],
)
def test_an_ill_github_means_try_again_and_when(served, github, fault, after):
    served.create(FIELDS, MARK)
    github.faults.next(fault)
    with pytest.raises(Retry) as retry:
        served.fetch("1")
    assert (retry.value.after and retry.value.after.total_seconds()) == after


def test_a_used_up_limit_is_waited_for_until_it_is_reset(tracker, github):
    github.faults.next("primary")
    with pytest.raises(Retry) as retry:
        tracker.fetch("1")
    assert retry.value.after == dt.timedelta(seconds=601)


def test_an_answer_that_says_nothing_may_have_had_an_effect(tracker, github):
    tracker.create(FIELDS, MARK)
    for call in (lambda: tracker.create(FIELDS, MARK), lambda: tracker.add_comment("1", "x", MARK)):
        github.faults.next("change_nothing")
        with pytest.raises(Retry):
            call()


@pytest.mark.parametrize("call", ["update", "add_comment", "history"])
def test_an_issue_that_goes_while_it_is_written_is_looked_at_again(tracker, forge, home, call):
    ref = tracker.create(FIELDS, MARK)
    forge.delete(home, home.issues[1])
    calls = {
        "update": lambda: tracker.update(ref, {"title": "x"}),
        "add_comment": lambda: tracker.add_comment(ref, "x", MARK),
        "history": lambda: tracker.history(ref, None),
    }
    with pytest.raises(Retry, match="went"):
        calls[call]()


def test_the_token_never_travels_to_another_host(http, url):
    seen = []

    def elsewhere(environ, start):
        seen.append(environ.get("HTTP_AUTHORIZATION"))
        start("200 OK", [])
        return [b"{}"]

    def leads_away(environ, start):
        start("301 Moved", [("Location", f"{other}/repositories/1")])
        return [b"{}"]

    with (
        serve(elsewhere) as other,
        serve(leads_away) as evil,
        pytest.raises(Refused, match="another host"),
    ):
        open_on(http, evil).fetch("1")
    assert seen == []


def test_an_enterprise_server_has_its_api_below_a_path(http, github):
    application = DispatcherMiddleware(lambda environ, start: [], {"/api/v3": github})
    with serve(application) as url:
        tracker = open_on(http, f"{url}/api/v3")
        ref = tracker.create(FIELDS, MARK)
        assert tracker.fetch(ref).fields == FIELDS


def test_catalogue_names_states_and_who_can_be_assigned(served):
    catalogue = served.catalogue()
    assert catalogue.states == ("open", "completed", "not_planned", "duplicate")
    assert ("jonas", "jonas") in catalogue.people


def said(tracker):
    checked = tracker.check()
    assert checked.text.zh
    return checked.ok, checked.text.en


def test_check_says_what_works_and_what_does_not(http, url, forge, home):
    assert said(open_on(http, url)) == (True, "The repository octo/app can be used")
    assert "without a hook secret" in said(open_on(http, url, {"token": "hub-token"}))[1]
    assert said(open_on(http, url, {})) == (False, "There is no token: enter one that GitHub made")
    ok, text = said(open_on(http, url, {"token": "wrong"}))
    assert (ok, "expired, revoked" in text) == (False, True)
    ok, text = said(open_on(http, url, repository="octo/none"))
    assert (ok, "octo/none" in text) == (False, True)
    forge.tokens["hub-token"] = Account("hub-bot", push=False)
    ok, text = said(open_on(http, url))
    assert (ok, "drops labels" in text) == (True, True)
    cases = [("", 0, 0), ("public_repo", 0, 1), ("public_repo", 1, 0), ("repo, gist", 1, 1), (None, 1, 1)]
    for scopes, private, fine in cases:
        forge.tokens["hub-token"] = Account("hub-bot", scopes=scopes)
        home.private = bool(private)
        assert said(open_on(http, url))[0] == fine
    for name in ("archived", "has_issues"):
        setattr(home, name, not getattr(home, name))
        assert not said(open_on(http, url))[0]
        setattr(home, name, not getattr(home, name))


def test_check_says_that_nobody_answers(http, url):
    ok, _text = said(open_on(http, "http://127.0.0.1:1"))
    assert not ok


def test_it_can_see_to_its_own_hooks(tracker):
    assert isinstance(tracker, Hooks)
    assert "hooks" in tracker.capabilities
    assert tracker.find_lag == dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"repository": "app"},
        {"repository": "https://github.com/octo/app"},
        {"api_url": "github"},
        {"status_map": {"open": ["open"], "doing": ["in progress"]}},
        {"status_map": {"open": ["open"]}},
        {"longest_text": 5},
        {"unknown": 1},
    ],
)
def test_settings_that_cannot_be_right_are_refused_when_saved(wrong):
    with pytest.raises(ValidationError):
        KIND.settings(**({"repository": "octo/app"} | wrong))


def test_settings_survive_being_stored():
    made = KIND.settings(repository="octo/app", people_map={1: "mei"}, new_labels=["from-hub"])
    assert KIND.settings.model_validate(json.loads(json.dumps(made.model_dump(mode="json")))) == made
    assert str(made.api_url) == "https://api.github.com/"
    assert KIND.secrets == tuple(SECRETS)
