"""Webhooks: genuine by their signature, registered by their address, asked for again when they were lost."""

import datetime as dt
import json
import urllib.parse

import pytest

from hub.lab.github import Account
from hub.sdk import DeliveryValue, Hint, Refused
from tests.plugins.github.conftest import SECRET, open_on

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
URL = "https://hub.example.org/in/github-x"
MEI = Account("mei")
FIELDS = {"title": "T", "body": "", "status": "open", "assignee": None, "labels": frozenset()}


def delivery(body, event="issues", secret=SECRET, **headers):
    import hashlib
    import hmac

    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return DeliveryValue(
        "guid-1", {"x-github-event": event, "x-hub-signature-256": signature, **named}, body, AT
    )


def test_the_published_vector_is_genuine(wire):
    # docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
    tracker = open_on(wire, secrets={"token": "t", "hook_secret": "It's a Secret to Everybody"})
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = {"x-hub-signature-256": signature}
    assert tracker.verify(DeliveryValue("1", headers, b"Hello, World!", AT))
    assert not tracker.verify(DeliveryValue("1", headers, b"Hello, World?", AT))
    assert not tracker.verify(
        DeliveryValue("1", {"x-hub-signature-256": signature[7:]}, b"Hello, World!", AT)
    )
    assert not tracker.verify(DeliveryValue("1", {"x-hub-signature": signature}, b"Hello, World!", AT))
    assert not tracker.verify(DeliveryValue("1", {"x-hub-signature-256": "sha256=é"}, b"Hello, World!", AT))


def test_without_a_secret_no_delivery_is_genuine(wire):
    tracker = open_on(wire, secrets={"token": "t"})
    assert not tracker.verify(delivery(b"{}", secret=""))


def test_names_the_issue_a_delivery_is_about(tracker):
    home = {"id": 1001, "full_name": "octo/app"}
    for event in ("issues", "issue_comment"):
        body = json.dumps({"action": "edited", "issue": {"number": 7}, "repository": home}).encode()
        assert list(tracker.hints(delivery(body, event))) == [Hint("7")]
    assert list(tracker.hints(delivery(json.dumps({"issue": {"number": 7}}).encode()))) == [Hint("7")]
    other = json.dumps({"issue": {"number": 7}, "repository": {"full_name": "octo/archive"}}).encode()
    assert list(tracker.hints(delivery(other))) == [Hint("octo/archive#7")]
    form = b"payload=" + urllib.parse.quote(json.dumps({"issue": {"number": 7}})).encode()
    as_form = delivery(form, content_type="application/x-www-form-urlencoded")
    assert list(tracker.hints(as_form)) == [Hint("7")]


@pytest.mark.parametrize(
    ("event", "body"),
    [
        ("ping", {"zen": "Keep it logically awesome.", "hook_id": 1}),
        ("push", {"issue": {"number": 1}}),
        ("issue_comment", {"issue": {"number": 7, "pull_request": {"url": "x"}}}),
        ("issues", {"issue": None}),
        ("issues", {"issue": {"number": "7"}}),
        ("issues", {"issue": {"number": True}}),
        ("issues", {"issue": {"number": -1}}),
        ("issues", {"issue": {"number": 7}, "repository": {"full_name": "a b/c d"}}),
        ("issues", []),
        ("issues", None),
        ("issues", "text"),
        ("", {}),
    ],
)
def test_what_is_not_about_an_issue_names_nothing(tracker, event, body):
    assert list(tracker.hints(delivery(json.dumps(body).encode(), event))) == []


def test_a_delivery_that_is_no_json_is_refused(tracker):
    for body in (b"", b"{", b"\xff", b"[" * 100_000):
        with pytest.raises(Refused):
            tracker.hints(delivery(body))


def test_the_hook_is_made_once_and_set_right_where_it_is(tracker, github, home):
    github.hooks.add(home.id, "https://elsewhere.test/", "x", ["push"])
    for _ in range(2):
        tracker.ensure_hook(URL)
    hook = next(hook for hook in github.hooks.hooks.values() if hook.url == URL)
    assert len(github.hooks.hooks) == 2
    hook.active, hook.secret, hook.events = False, "old", ["issues", "push"]
    tracker.ensure_hook(URL)
    assert (hook.active, hook.secret, hook.events) == (True, SECRET, ["issues", "issue_comment"])


def test_a_hook_needs_a_secret_and_the_right_to_make_it(tracker, wire, forge):
    with pytest.raises(Refused, match="hook secret"):
        open_on(wire, secrets={"token": "hub-token"}).ensure_hook(URL)
    forge.tokens["hub-token"] = Account("hub-bot", admin=False)
    with pytest.raises(Refused, match="may not manage webhooks"):
        tracker.ensure_hook(URL)


def test_the_deliveries_of_the_imitation_are_genuine_and_name_their_issue(tracker, github, forge, home):
    tracker.ensure_hook(URL)
    issue = forge.create(home, MEI, {"title": "T"})
    forge.comment(home, issue, "mei", "hi")
    pull = forge.create(home, MEI, {"title": "PR"}, pull=True)
    forge.comment(home, pull, "mei", "not ours")
    sent = github.hooks.take()
    assert all(tracker.verify(one) for one in sent)
    assert [list(tracker.hints(one)) for one in sent] == [[], [Hint("1")], [Hint("1")], []]
    assert len({one.headers["x-github-delivery"] for one in sent}) == len(sent)


def test_what_failed_is_asked_for_again_once_under_the_same_id(tracker, github, clock, forge, home):
    tracker.ensure_hook(URL)
    came, up = [], False

    def post(url, headers, body):
        came.append(headers["X-GitHub-Delivery"])
        return 202 if up else 0

    github.hooks.deliver(post)
    forge.create(home, MEI, {"title": "T"})
    github.hooks.deliver(post)
    clock.forward(minutes=5)
    first = tracker.redeliver(URL, None)
    assert first
    github.hooks.deliver(post)
    assert came == [came[0], came[1], *came[:2]] or sorted(came[2:]) == sorted(came[:2])
    clock.forward(minutes=5)
    # The redelivery failed, too: it is not asked for without end, the sweep sees what it said.
    second = tracker.redeliver(URL, first)
    assert github.hooks.deliver(post) == []
    up = True
    forge.create(home, MEI, {"title": "U"})
    github.hooks.deliver(post)
    clock.forward(minutes=5)
    tracker.redeliver(URL, second)
    assert github.hooks.deliver(post) == []


def test_deliveries_older_than_github_keeps_are_left_alone(tracker, github, clock, forge, home):
    tracker.ensure_hook(URL)
    github.hooks.deliver(lambda url, headers, body: 0)
    clock.forward(days=4)
    forge.create(home, MEI, {"title": "T"})
    github.hooks.deliver(lambda url, headers, body: 202)
    tracker.redeliver(URL, None)
    assert github.hooks.deliver(lambda url, headers, body: 202) == []


def test_without_a_hook_there_is_nothing_to_ask_for(tracker):
    assert tracker.redeliver(URL, "2026-01-01T00:00:00Z") == "2026-01-01T00:00:00Z"
