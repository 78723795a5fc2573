"""What trackers post is read, compared and dated in one way for all of them."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.connections.posted import moment, posted, signs
from hub.core.connections.recent import since_look
from hub.core.values import DeliveryValue, FarChange, Refused

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


def delivered(body: bytes, kind: str = "application/json") -> DeliveryValue:
    return DeliveryValue("1", {"content-type": kind}, body, NOON)


def test_a_delivery_is_read_as_json_also_where_it_came_as_a_form() -> None:
    assert posted(delivered(b'{"id": 1}')) == {"id": 1}
    assert posted(delivered(b"payload=%7B%22id%22%3A+1%7D", "application/x-www-form-urlencoded")) == {"id": 1}


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(Refused, match="not JSON"):
        posted(delivered(body))


@given(st.binary(max_size=40), st.text(min_size=1, max_size=8), st.text(max_size=70))
def test_only_the_right_digits_sign_a_body(body: bytes, secret: str, other: str) -> None:
    right = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert signs(body, secret, right)
    assert signs(body, secret, other) == (other == right)
    assert not signs(body + b" ", secret, right)


def test_an_empty_secret_signs_nothing() -> None:
    assert not signs(b"{}", "", hmac.new(b"", b"{}", hashlib.sha256).hexdigest())


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-03-02T12:00:00Z", NOON),
        ("2026-03-02T20:00:00+08:00", NOON),
        ("2026-03-02T12:00:00.000+0000", NOON),
        ("2026-03-02T12:00:00", NOON),
        ("0001-01-01T00:00:00+09:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1_770_000_000, None),
        ({"at": "2026-03-02"}, None),
    ],
)
def test_a_time_is_read_in_utc_or_not_at_all(text: object, read: dt.datetime | None) -> None:
    assert moment(text) == read
    assert read is None or str(moment(text)).endswith("+00:00")


def test_what_was_changed_in_the_second_of_a_look_may_have_been_seen() -> None:
    log = [
        FarChange("title", str(second), "ann", NOON + dt.timedelta(seconds=second), True)
        for second in (2, -1, 0, 1)
    ]
    assert since_look(log, None) == log
    later = since_look(log, "2026-03-02T20:00:00+08:00")
    assert [(one.value, one.maybe_seen) for one in later] == [("0", True), ("1", False)]
