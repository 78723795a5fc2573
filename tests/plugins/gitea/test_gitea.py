"""What Gitea and Forgejo do in their own way."""

import hashlib
import hmac
import json

import pytest
from pydantic import ValidationError
from werkzeug.wrappers import Response

from hub.core.database import SystemClock
from hub.core.values import DeliveryValue, Gone, Refused, Retry
from hub.lab.gitea.forge import Account
from hub.lab.pair import HandClock
from hub.lab.wire import Wire
from hub.outbound import Guard, Outbound
from hub.sdk import SetChange
from tests.plugins.far import serving
from tests.plugins.gitea.conftest import KIND, MARK, Link

NOW = HandClock().now()


def says(checked, zh, en):
    assert not checked.ok
    assert zh in checked.text.zh, checked.text.zh
    assert en in checked.text.en, checked.text.en


# ---- what is written ---------------------------------------------------------------------------


def test_labels_are_given_by_their_numbers_and_made_where_they_are_missing(link):
    link.forge.org_labels[7] = "of all"
    link.task.edit(labels=frozenset({"new", "of all"}))
    assert link.settle() == "settled"
    assert link.there.see(link.store.ref).fields["labels"] == {"new", "of all"}
    assert list(link.home.labels.values()) == ["new"]
    assert 7 in link.issue.labels


def test_a_label_that_may_not_be_made_is_shown_as_refused_and_holds_up_no_other_field():
    link = Link(make_labels=False)
    assert link.settle() == "settled"
    link.task.edit(title="Renamed", labels=frozenset({"new"}))
    assert link.settle() == "refused"
    assert "no label “new”" in link.store.states["labels"].declined.reason["text"]
    assert link.issue.title == "Renamed"


def test_of_two_labels_of_one_name_both_are_taken_away(link):
    twins = [link.forge.add_label(link.home, "red") for _ in range(2)]
    link.forge.label(link.home, link.issue, twins, True, "mei")
    link.tracker.update(link.store.ref, {"labels": SetChange(frozenset(), frozenset({"red"}))})
    assert link.issue.labels == []


def test_other_assignees_stay(link):
    link.forge.change(link.home, link.issue, Account("mei"), {"assignees": ["anna", "mei"]})
    assert link.settle() == "settled"
    link.task.edit(assignee=2)
    assert link.settle() == "settled"
    assert link.issue.assignees == ["anna", "jonas"]


def test_an_issue_with_open_dependencies_stays_open_and_says_so(link):
    other = link.forge.create(link.home, Account("mei"), {"title": "First this"})
    link.issue.depends_on.append(other.number)
    link.task.edit(status="done", title="Renamed")
    assert link.settle() == "refused"
    assert "open dependencies" in link.store.states["status"].declined.reason["text"]
    assert link.issue.title == "Renamed"


def test_whoever_may_not_write_is_told_that_labels_and_owner_stay(link):
    account = link.forge.tokens["hub-token"]
    account.push = account.admin = False
    link.task.edit(assignee=2, labels=frozenset({"red"}))
    assert link.settle() == "refused"
    assert link.issue.assignees == ["mei"]
    assert "drops labels and assignees" in link.tracker.check().text.en


def test_a_lost_answer_makes_no_twin(fresh):
    fresh.there.gitea.faults.next("lose_answer")
    for _ in range(2):
        assert fresh.settle() == "settled"
    assert len(fresh.there.items()) == 1


# ---- what is read ------------------------------------------------------------------------------


def test_pull_requests_and_what_is_said_on_them_are_none_of_ours(link):
    tracker, pull = link.tracker, link.home.issues[1]
    _refs, cursor = tracker.changed_since(None)
    link.clock.forward(minutes=5)
    link.forge.comment(link.home, pull, "mei", "LGTM")
    refs, _ = tracker.changed_since(cursor)
    assert "1" not in refs
    with pytest.raises(Refused, match="pull request"):
        tracker.fetch("1")
    assert tracker.scan(None)[0] == [link.store.ref]


def test_a_comment_that_was_changed_is_told_although_its_issue_has_no_new_time(link):
    said = link.forge.comment(link.home, link.issue, "mei", "Early")
    _refs, cursor = link.tracker.changed_since(None)
    link.clock.forward(days=1)
    assert link.tracker.changed_since(cursor)[0] == [link.store.ref]
    _refs, cursor = link.tracker.changed_since(cursor)
    before = link.issue.updated
    link.forge.edit_comment(link.home, link.issue, said, "mei", "Late")
    assert link.issue.updated == before
    assert link.store.ref in link.tracker.changed_since(cursor)[0]


def test_a_page_that_was_cut_short_is_not_the_last(link):
    for number in range(120):
        link.forge.create(link.home, Account("mei"), {"title": f"T{number}"})
    refs, cursor = [], None
    while True:
        found, cursor = link.tracker.scan(cursor)
        refs += found
        if cursor is None:
            break
    assert sorted(map(int, refs)) == sorted(map(int, link.there.items()))


def test_a_list_that_loses_an_issue_while_it_is_read_leaves_none_out(link):
    for number in range(120):
        link.forge.create(link.home, Account("mei"), {"title": f"T{number}"})
    refs, cursor = link.tracker.scan(None)
    refs = list(refs)
    link.forge.delete(link.home, link.home.issues[122])
    while cursor is not None:
        found, cursor = link.tracker.scan(cursor)
        refs += found
    assert set(link.there.items()) <= set(refs)


def test_one_change_of_the_owner_is_one_entry_though_the_time_line_has_two(link):
    link.tracker.update(link.store.ref, {"assignee": "jonas"})
    told = [
        change.value for change in link.tracker.history(link.store.ref, None) if change.field == "assignee"
    ]
    assert told[-1] == "jonas"
    assert None not in told


def test_a_server_without_a_time_line_has_no_history_and_loses_no_issue(link):
    class Old(Wire):
        def send(self, method, url, **request):
            return super().send(method, url.replace("/timeline", "/nothing"), **request)

    link.wire = Old(link.there.application)
    assert list(link.tracker.history(link.store.ref, None)) == []
    link.there.delete(link.store.ref)
    with pytest.raises(Retry, match="went"):
        link.tracker.history(link.store.ref, None)


def test_a_renamed_repository_is_followed_even_when_its_name_is_given_away(link):
    tracker = link.tracker
    _refs, cursor = tracker.changed_since(None)
    link.forge.rename(link.home, "grp/new")
    assert tracker.fetch(link.store.ref).ref == link.store.ref
    link.forge.add_repository("grp/app")
    again = KIND.open(link.settings, link.there.secrets, link.wire, {"sweep_cursor": cursor})
    assert again.fetch(link.store.ref).fields["title"] == link.issue.title


def test_an_issue_is_gone_only_where_the_repository_can_be_read(link):
    link.home.has_issues = False
    with pytest.raises(Refused, match="disabled"):
        link.tracker.fetch(link.store.ref)
    link.home.has_issues = True
    link.home.readable = False
    with pytest.raises(Refused, match="may not see"):
        link.tracker.fetch(link.store.ref)
    link.home.readable = True
    link.there.delete(link.store.ref)
    assert isinstance(link.tracker.fetch(link.store.ref), Gone)


@pytest.mark.parametrize("cursor", ["", "x", "[]", '{"issues": 3}', '{"repository": "x", "issues": "{}"}'])
def test_a_cursor_that_cannot_be_read_begins_anew(link, cursor):
    assert link.tracker.changed_since(cursor)[0] == link.tracker.changed_since(None)[0]


# ---- webhooks ----------------------------------------------------------------------------------


def delivery(body, secret="a-hook-secret-for-the-lab", **headers):
    raw = json.dumps(body).encode()
    signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest() if secret else ""
    own = {"x-gitea-event": "issues", "x-gitea-signature": signature}
    return DeliveryValue("1", {**own, **headers}, raw, NOW)


def test_an_empty_signature_and_one_for_other_receivers_prove_nothing(link):
    assert link.tracker.verify(delivery({}))
    assert not link.tracker.verify(delivery({}, secret=""))
    good = delivery({}).headers["x-gitea-signature"]
    assert not link.tracker.verify(delivery({}, **{"x-forgejo-signature": "0" * 64}))
    assert link.tracker.verify(delivery({}, **{"x-hub-signature-256": f"sha256={good}"}))
    alone = DeliveryValue("1", {"x-hub-signature-256": f"sha256={good}"}, b"{}", NOW)
    assert not link.tracker.verify(alone)


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ({"issue": {"number": 3}, "repository": {"id": 1}}, "issues"),
        ({"issue": {"number": 3, "pull_request": {}}, "is_pull": True}, "issue_comment"),
        ({"issue": {"number": True}}, "issues"),
        ({"issue": {"number": 3}}, "push"),
        ({"issue": []}, "issues"),
    ],
)
def test_hints_of_others_name_nothing(link, body, event):
    tracker = link.tracker
    tracker.fetch(link.store.ref)  # from now on the repository's number is known
    assert tracker.hints(delivery(body, **{"x-gitea-event": event})) == []


def test_the_hook_is_registered_once_and_set_right(link):
    hooks = link.there.gitea.hooks
    for _ in range(2):
        link.tracker.ensure_hook("https://hub.example.org/in/x")
    (mine,) = [hook for hook in hooks.hooks.values() if hook.url.endswith("/in/x")]
    assert mine.secret == link.there.secrets["hook_secret"]
    link.forge.tokens["hub-token"].admin = False
    with pytest.raises(Refused, match="may not manage"):
        link.tracker.ensure_hook("https://hub.example.org/in/x")


# ---- Test connection, over real HTTP ----------------------------------------------------------


@pytest.fixture
def http():
    http = Outbound(retry=Retry, refused=Refused, now=SystemClock().now, guard=Guard(["127.0.0.1"]))
    yield http
    http.close()


def opened(http, there, address, **secrets):
    settings = KIND.settings(base_url=address, repository="grp/app")
    return KIND.open(settings, {**there.secrets, **secrets}, http, {})


def test_works_over_real_http_whatever_the_root_address_ends_with(http, fresh):
    with serving(fresh.there.application) as address:
        for root in (address, f"{address}/", f"{address}/api/v1", f"{address}/api/v1/"):
            assert opened(http, fresh.there, root).check().ok
        tracker = opened(http, fresh.there, address)
        ref = tracker.create({"title": "打印机", "body": "@mei #12", "labels": frozenset()}, MARK)
        assert tracker.fetch(ref).fields["body"] == "@mei #12"
        assert tracker.find(MARK) == ref


def test_says_what_to_do_where_something_is_wrong(http, fresh):
    there, home = fresh.there, fresh.home
    with serving(there.application) as address:
        says(opened(http, there, address, token="old").check(), "重新生成", "make a new one")
        says(opened(http, there, address, token="").check(), "没有令牌", "no token")
        home.archived = True
        says(opened(http, there, address).check(), "已归档", "archived")
        home.archived, home.has_issues = False, False
        says(opened(http, there, address).check(), "已停用工单", "Issues are disabled")
        home.readable = False
        says(opened(http, there, address).check(), "协作者", "as a collaborator")
    says(opened(http, there, address).check(), "请检查根地址", "check the root address")
    says(opened(http, there, "http://10.1.2.3").check(), "[outbound] allow", "[outbound] allow")


def test_knows_another_server_a_proxy_and_https_by_their_answers(http, fresh):
    def secured(environ, start):
        return Response(status=308, headers={"Location": f"https://{environ['HTTP_HOST']}/"})(environ, start)

    for answer, zh, en in (
        (secured, "以 https:// 开头", "begin with https://"),
        (Response("<html>", 404), "不是 Gitea", "neither Gitea nor Forgejo"),
        (Response("<html>", 200, mimetype="text/html"), "不是 Gitea", "neither Gitea nor Forgejo"),
        (Response("<html>", 403, mimetype="text/html"), "没有应答", "did not answer"),
    ):
        with serving(answer) as address:
            says(opened(http, fresh.there, address).check(), zh, en)


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "git.example.org"},
        {"repository": "app"},
        {"label_color": "green"},
        {"status_map": {"open": ["new"]}},
    ],
)
def test_settings_that_cannot_be_right_are_refused_when_saved(wrong):
    with pytest.raises(ValidationError):
        KIND.settings(**{"base_url": "https://git.test", "repository": "grp/app", **wrong})
