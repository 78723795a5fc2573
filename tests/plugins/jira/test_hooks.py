"""Jira's webhooks: what is genuine, and what they are about."""

import datetime as dt
import hashlib
import hmac
import json

import pytest

from hub.plugins.jira.hooks import hints, is_genuine
from hub.sdk import DeliveryValue, Hint, Refused

SECRET = "It's a Secret to Everybody"
AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def delivery(body, header=None, at=AT, secret=SECRET):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    signed = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {} if header == "" else {"x-hub-signature": header or signed}
    return DeliveryValue("k", headers, body, at)


def test_atlassians_own_example_is_genuine():
    known = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    assert is_genuine(delivery(b"Hello World!", known), SECRET)
    assert is_genuine(delivery(b"Hello World!", known.upper()), SECRET)
    assert not is_genuine(delivery(b"Hello World?", known), SECRET)


@pytest.mark.parametrize("header", ["", "sha256=", "sha256", "=", "sha256=ä", "sha256=00", "md5=x"])
def test_another_signature_is_not_genuine(header):
    assert not is_genuine(delivery(b"{}", header), SECRET)


def test_a_weaker_method_is_not_accepted_even_where_it_is_right():
    weak = hmac.new(SECRET.encode(), b"{}", hashlib.sha1).hexdigest()
    assert not is_genuine(delivery(b"{}", f"sha1={weak}"), SECRET)


def test_without_a_secret_nothing_is_genuine():
    empty = hmac.new(b"", b"{}", hashlib.sha256).hexdigest()
    assert not is_genuine(delivery(b"{}", f"sha256={empty}"), "")


@pytest.mark.parametrize(("hours", "wanted"), [(0, True), (23, True), (25, False), (-25, False)])
def test_what_is_too_old_is_not_genuine(hours, wanted):
    sent = int((AT - dt.timedelta(hours=hours)).timestamp() * 1000)
    assert is_genuine(delivery({"timestamp": sent}), SECRET) is wanted


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"issue": {"id": "10001", "key": "OPS-1"}}, ["10001"]),
        ({"issue": {"id": 10001}}, ["10001"]),
        ({"comment": {"self": "https://j/rest/api/2/issue/10002/comment/5"}}, ["10002"]),
        ({"issue": {"id": "1"}, "comment": {"self": "https://j/rest/api/2/issue/1/comment/5"}}, ["1"]),
        ({"worklog": {"issueId": "10003"}}, ["10003"]),
        ({"issueLink": {"sourceIssueId": 1, "destinationIssueId": 2}}, ["1", "2"]),
        ({"issue": None, "user": None}, []),
        ({"issue": [], "comment": "x", "worklog": 5}, []),
        ({"issue": {"id": True}, "comment": {"self": 5}}, []),
        ([], []),
        (None, []),
        ("x", []),
        ({"x": "y" * 5_000_000}, []),
    ],
)
def test_hints_name_the_issues_of_every_shape(body, wanted):
    assert list(hints(delivery(body))) == [Hint(ref) for ref in wanted]


@pytest.mark.parametrize("body", [b"{", b"<html>", b"", b"\xff", b"[" * 100_000])
def test_a_delivery_that_is_no_json_is_refused(body):
    assert is_genuine(delivery(body), SECRET)
    with pytest.raises(Refused):
        hints(delivery(body))
