"""What GitHub's answers mean: limits are waited for, refusals named, nothing is guessed."""

import datetime as dt
import json

import pytest

from hub.lab.wire import Answer
from hub.plugins.github.answers import Elsewhere, Judge, NotThere
from hub.sdk import Refused, Retry

DATE = {"Date": "Mon, 02 Mar 2026 09:00:00 GMT"}
RESET = int(dt.datetime(2026, 3, 2, 9, 10, tzinfo=dt.UTC).timestamp())


class Headers(dict):
    """By name in any case, as the way out gives them."""

    def __init__(self, values):
        super().__init__((name.lower(), value) for name, value in values.items())

    def get(self, name, default=None):
        return super().get(name.lower(), default)

    def __contains__(self, name):
        return super().__contains__(name.lower())


def answer(status, body=None, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, Headers({**DATE, **named}), json.dumps(body).encode() if body else b"")


def judged(*args, **headers):
    return Judge().accept(answer(*args, **headers))


LIMIT = {"message": "You have exceeded a secondary rate limit. Please wait."}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "30"}, 30),
        ({"retry_after": "30", "x_ratelimit_remaining": "0", "x_ratelimit_reset": str(RESET)}, 30),
        ({"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": str(RESET)}, 601),
        ({"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": str(RESET), "Date": ""}, 60),
        ({"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "soon"}, 60),
        ({"X_RateLimit_Remaining": "4000"}, 60),
        ({}, 60),
    ],
)
def test_a_limit_is_waited_for_as_long_as_github_says(headers, seconds):
    with pytest.raises(Retry) as retry:
        judged(403, LIMIT, **headers)
    assert retry.value.after == dt.timedelta(seconds=seconds)


def test_limits_without_a_time_are_waited_for_longer_and_longer():
    judge, waits = Judge(), []
    for _ in range(9):
        with pytest.raises(Retry) as retry:
            judge.accept(answer(403, LIMIT))
        waits.append(retry.value.after.total_seconds())
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    judge.accept(answer(200, {}))
    with pytest.raises(Retry) as retry:
        judge.accept(answer(403, LIMIT))
    assert retry.value.after.total_seconds() == 60


def test_a_403_for_want_of_rights_is_no_limit():
    with pytest.raises(Refused, match="Resource not accessible"):
        judged(
            403, {"message": "Resource not accessible by personal access token"}, X_RateLimit_Remaining="9"
        )


@pytest.mark.parametrize("status", [404, 410, 451])
def test_what_is_not_there_is_no_refusal(status):
    with pytest.raises(NotThere) as missing:
        judged(status, {"message": "This issue was deleted"})
    assert (missing.value.status, missing.value.message) == (status, "This issue was deleted")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_what_moved_says_where(status):
    with pytest.raises(Elsewhere) as moved:
        judged(status, Location="https://api.github.test/repositories/7/issues/1")
    assert moved.value.url.endswith("/repositories/7/issues/1")
    with pytest.raises(Elsewhere) as moved:
        judged(status, {"url": "https://api.github.test/repositories/8"})
    assert moved.value.url.endswith("/repositories/8")


@pytest.mark.parametrize(
    ("error", "fields"),
    [
        ({"resource": "Issue", "field": "title", "code": "too_long"}, ("title",)),
        ({"resource": "Issue", "field": "body", "message": "is too long"}, ("body",)),
        ({"resource": "Issue", "field": "assignees", "code": "invalid"}, ("assignee",)),
        ({"resource": "Issue", "field": "state_reason", "code": "invalid"}, ("status",)),
        ({"resource": "Label", "field": "name", "code": "too_long"}, ("labels",)),
        ({"resource": "Milestone", "field": "number"}, ()),
        ("just a sentence", ()),
    ],
)
def test_a_refusal_names_the_field_in_our_words(error, fields):
    with pytest.raises(Refused) as refused:
        judged(422, {"message": "Validation Failed", "errors": [error]})
    assert refused.value.fields == fields
    assert "Validation Failed" in refused.value.reason


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"errors": 5}', b'{"errors": [5, null]}', b"null"])
def test_a_refusal_in_an_odd_shape_is_a_refusal(body):
    with pytest.raises(Refused, match="422"):
        Judge().accept(Answer(422, Headers({}), body))


def test_a_wrong_token_is_said_so():
    with pytest.raises(Refused, match="does not accept the token"):
        judged(401, {"message": "Bad credentials"})
