"""The sandbox plugin over real HTTP on loopback, through the hub's one way out."""

import datetime as dt
import json
import threading

import pytest
from pydantic import ValidationError
from standardwebhooks import Webhook
from werkzeug.serving import make_server

from hub.core.database import SystemClock
from hub.lab.pair import HandClock
from hub.lab.sandbox import SandboxTracker
from hub.outbound import Guard, Outbound
from hub.plugins.sandbox.plugin import plugin
from hub.sdk import (
    CANONICAL_FIELDS,
    Catalogue,
    DeliveryValue,
    FarItem,
    Gone,
    Hint,
    MovedTo,
    Refused,
    Retry,
    SetChange,
)

SECRET = "whsec_" + "c2FuZGJveC1zZWNyZXQtb2YtMjQtYnl0ZXM="
(KIND,) = plugin.execute_trackers()
FIELDS = {
    "title": "T",
    "body": "line\r\nline ",
    "status": "todo",
    "assignee": "mei",
    "labels": frozenset({"b", "a"}),
    "priority": "high",
    "due": "2026-05-04",
    "estimate": 90,
}


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def sandbox(clock):
    sandbox = SandboxTracker(clock=clock)
    yield sandbox
    sandbox.close()


@pytest.fixture
def http():
    http = Outbound(retry=Retry, refused=Refused, now=SystemClock().now, guard=Guard(["127.0.0.1"]))
    yield http
    http.close()


@pytest.fixture
def tracker(sandbox, http):
    server = make_server("127.0.0.1", 0, sandbox, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings = KIND.settings(base_url=f"http://127.0.0.1:{server.server_port}/")
    yield KIND.open(settings, {"hook_secret": SECRET}, http, {})
    server.shutdown()
    thread.join()
    server.server_close()


def test_makes_finds_reads_and_changes_an_item(tracker, sandbox):
    ref = tracker.create(FIELDS, "mark-1")
    assert (tracker.find("mark-1"), tracker.find("mark-2")) == (ref, None)
    item = tracker.fetch(ref)
    assert isinstance(item, FarItem)
    assert set(item.fields) == set(CANONICAL_FIELDS)
    assert item.fields == FIELDS | {"body": "line\nline"}
    tracker.update(
        ref, {"title": "T2", "labels": SetChange(frozenset({"c"}), frozenset({"a"})), "assignee": None}
    )
    changed = tracker.fetch(ref)
    assert changed.fields["labels"] == {"b", "c"}
    assert (changed.fields["title"], changed.fields["assignee"]) == ("T2", None)
    changes = {(change.field, change.value) for change in tracker.history(ref, item.version)}
    assert changes == {("title", "T2"), ("labels", frozenset({"b", "c"})), ("assignee", None)}
    assert changed.url.endswith(f"/items/{ref}")


def test_comments_carry_their_mark(tracker):
    ref = tracker.create(FIELDS, "mark-1")
    comment = tracker.add_comment(ref, "hello", "mark-2")
    tracker.edit_comment(ref, comment, "hello again", "mark-2")
    (read,) = tracker.fetch(ref).comments
    assert (read.ref, read.text, read.mark, read.author) == (comment, "hello again", "mark-2", "hub-bot")
    tracker.delete_comment(ref, comment)
    tracker.delete_comment(ref, comment)
    assert tracker.fetch(ref).comments == ()


def test_tells_gone_and_moved(tracker, sandbox):
    first, second = tracker.create(FIELDS, "m1"), tracker.create(FIELDS, "m2")
    sandbox.board.delete(first)
    sandbox.board.move(second, "OPS-1")
    assert isinstance(tracker.fetch(first), Gone)
    assert tracker.fetch(second) == MovedTo("OPS-1")
    assert isinstance(tracker.fetch("SBX-77"), Gone)


def test_a_refused_field_is_named_in_our_words(tracker):
    ref = tracker.create(FIELDS, "m1")
    with pytest.raises(Refused) as refused:
        tracker.update(ref, {"assignee": "nobody", "title": "x"})
    assert refused.value.fields == ("assignee",)


def test_an_ill_tracker_means_try_again(tracker, sandbox):
    sandbox.faults.next("unavailable")
    with pytest.raises(Retry):
        tracker.fetch("SBX-1")
    sandbox.faults.next("too_many")
    with pytest.raises(Retry) as retry:
        tracker.fetch("SBX-1")
    assert retry.value.after == dt.timedelta(seconds=7)
    sandbox.faults.next("change_nothing")
    with pytest.raises(Retry):
        tracker.create(FIELDS, "m1")


def test_the_change_feed_overlaps_by_what_a_clock_may_go_back(tracker, sandbox, clock):
    """What changes while the clock is two minutes behind lies before the last look (14001103)."""
    ref = tracker.create(FIELDS, "m1")
    other = tracker.create(FIELDS, "m2")
    cursor = None
    for _ in range(3):
        refs, cursor = tracker.changed_since(cursor)
    assert list(refs) == [], "each change is told twice, and not for ever"
    clock.forward(minutes=-2)
    tracker.update(ref, {"title": "while the clock was wrong"})
    clock.forward(minutes=2)
    refs, cursor = tracker.changed_since(cursor)
    assert list(refs) == [ref]
    clock.forward(minutes=2)
    tracker.update(other, {"title": "later"})
    assert other in tracker.changed_since(cursor)[0]


def test_catalogue_and_check(tracker):
    assert tracker.check().ok
    catalogue = tracker.catalogue()
    assert isinstance(catalogue, Catalogue)
    assert "todo" in catalogue.states
    assert ("jonas", "Jonas") in catalogue.people


def test_check_says_what_is_wrong(http):
    closed = make_server("127.0.0.1", 0, lambda environ, start: [])
    port = closed.server_port
    closed.server_close()
    tracker = KIND.open(KIND.settings(base_url=f"http://127.0.0.1:{port}/"), {}, http, {})
    checked = tracker.check()
    assert not checked.ok
    assert checked.text.zh
    assert checked.text.en


def delivery(body, secret=SECRET, at=None, sent=None):
    at = at or dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int((sent or at).timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", sent or at, body.decode("latin-1")),
    }
    return DeliveryValue("msg_1", headers, body, at)


def test_only_hints_with_our_signature_are_genuine(tracker):
    body = json.dumps({"type": "item.changed", "item": "SBX-1"}).encode()
    genuine = delivery(body)
    assert tracker.verify(genuine)
    assert list(tracker.hints(genuine)) == [Hint("SBX-1")]
    other = "whsec_" + "b3RoZXItc2VjcmV0LW9mLTI0LWJ5dGVzLi4="
    assert not tracker.verify(delivery(body, secret=other))
    assert not tracker.verify(DeliveryValue("msg_1", genuine.headers, body + b" ", genuine.received_at))
    old = genuine.received_at - dt.timedelta(minutes=6)
    assert not tracker.verify(delivery(body, sent=old))
    assert not tracker.verify(DeliveryValue("msg_1", {}, body, genuine.received_at))
    assert not tracker.verify(DeliveryValue("msg_1", genuine.headers, b"\xff", genuine.received_at))


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"item": 5}', b'{"item": ""}', b"null"])
def test_odd_hints_name_nothing(tracker, body):
    assert list(tracker.hints(delivery(body))) == []


def test_a_hint_that_is_no_json_is_refused(tracker):
    with pytest.raises(Refused):
        tracker.hints(delivery(b"{"))


def test_without_a_secret_no_hint_is_genuine(http):
    tracker = KIND.open(KIND.settings(base_url="http://127.0.0.1:1/"), {}, http, {})
    assert not tracker.verify(delivery(b"{}"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"status_map": {"open": ["todo"]}},
        {"status_map": {"opened": ["todo"]}},
        {"directions": {"colour": "in"}},
        {"directions": {"title": "sideways"}},
        {"people_map": {1: "mei", 2: "mei"}},
        {"policies": {"title": "loudest"}},
        {"base_url": "sandbox"},
        {"unknown": 1},
    ],
)
def test_settings_that_cannot_be_right_are_refused_when_saved(wrong):
    with pytest.raises(ValidationError):
        KIND.settings(**({"base_url": "http://127.0.0.1/"} | wrong))


def test_settings_survive_being_stored():
    settings = KIND.settings(base_url="http://127.0.0.1/", people_map={1: "mei"})
    assert KIND.settings.model_validate(json.loads(json.dumps(settings.model_dump(mode="json")))) == settings
