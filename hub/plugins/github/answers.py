"""What GitHub's answers mean: limits, refusals, things that went or moved.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api and
…/troubleshooting-the-rest-api
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from hub.sdk import HttpAnswer, Refused, Retry

# Where GitHub names no time, wait so long, twice as long at each further time, at most an hour.
SHORTEST, LONGEST = dt.timedelta(seconds=60), dt.timedelta(hours=1)

# GitHub's names of what it refuses, in the hub's words.
FIELDS = {
    "title": "title",
    "body": "body",
    "state": "status",
    "state_reason": "status",
    "labels": "labels",
    "label": "labels",
    "assignees": "assignee",
    "assignee": "assignee",
}


class NotThere(Exception):
    """404, 410 or 451: it is gone, switched off, or the token may not see it."""

    def __init__(self, status: int, message: str) -> None:
        """``message`` is GitHub's own word."""
        super().__init__(message)
        self.status = status
        self.message = message


class Unusable(Refused):
    """Nothing will work before somebody mends the connection; ``cause`` says what: a key of ``SENTENCES``."""

    def __init__(self, cause: str, reason: str) -> None:
        """``reason`` is for the health line; the connection's test says what to do."""
        super().__init__(reason)
        self.cause = cause


class Hidden(Refused):
    """The repository is not there, or the token may not see it: GitHub does not say which."""

    def __init__(self, name: str, message: str) -> None:
        """``name`` is the repository's, ``message`` GitHub's own word."""
        super().__init__(f"there is no repository {name}, or the token may not see it: {message}")


class Denied(Refused):
    """GitHub understood and said no."""

    def __init__(self, status: int, message: str, fields: list[str]) -> None:
        """``message`` is GitHub's own word."""
        super().__init__(f"GitHub refuses it ({status}): {message}", fields)
        self.status, self.message = status, message


class Elsewhere(Exception):
    """301, 302, 307 or 308: the issue or the whole repository has another address now."""

    def __init__(self, url: str) -> None:
        """``url`` is the address GitHub gives."""
        super().__init__(url)
        self.url = url


class Judge:
    """Turns answers that are no success into errors; counts limits without a time in a row."""

    def __init__(self) -> None:
        """One for each token: its limits are its own."""
        self._limited = 0

    def accept(self, answer: HttpAnswer) -> HttpAnswer:
        """The answer, where it is a success or 304; raises what it means otherwise."""
        if answer.status < 300 or answer.status == 304:
            self._limited = 0
            return answer
        if answer.status in (301, 302, 307, 308):
            raise Elsewhere(answer.headers.get("Location") or str(_said(answer).get("url", "")))
        message = _message(answer)
        if answer.status == 401:
            raise Unusable("token", f"GitHub does not accept the token: {message}")
        if answer.status == 404 and answer.body.lstrip()[:1] == b"<":
            # The API says it in JSON, a web page or a proxy does not: then nothing is known of the thing.
            raise Unusable("root", "this is not GitHub's API: there is a page in place of its 404")
        if answer.status == 403 and answer.headers.get("X-GitHub-SSO"):
            raise Unusable("sso", f"GitHub wants the token authorised for single sign-on: {message}")
        if answer.status == 403 and _is_limit(answer, message):
            raise Retry(f"GitHub's limit is reached: {message}", self._wait(answer))
        if answer.status in (404, 410, 451):
            raise NotThere(answer.status, message)
        raise Denied(answer.status, message, _fields(answer))

    def _wait(self, answer: HttpAnswer) -> dt.timedelta:
        after = answer.headers.get("Retry-After", "").strip()
        if after.isascii() and after.isdigit():
            return dt.timedelta(seconds=min(int(after[:6]), 86400))
        until = answer.headers.get("X-RateLimit-Reset", "").strip()
        if answer.headers.get("X-RateLimit-Remaining") == "0" and until.isascii() and until.isdigit():
            # Counted from GitHub's own clock; a second more, since it counts whole ones.
            left = int(until[:12]) - _date(answer) + 1 if _date(answer) else 0
            if left > 0:
                return dt.timedelta(seconds=min(left, 86400))
        self._limited += 1
        grown: dt.timedelta = SHORTEST * 2 ** min(self._limited - 1, 10)
        return min(grown, LONGEST)


def _is_limit(answer: HttpAnswer, message: str) -> bool:
    # A token without rights gets a 403 as well: that one says nothing of limits.
    return (
        "Retry-After" in answer.headers
        or answer.headers.get("X-RateLimit-Remaining") == "0"
        or "rate limit" in message.lower()
        or "abuse" in message.lower()
    )


def _date(answer: HttpAnswer) -> int:
    try:
        return int(parsedate_to_datetime(answer.headers.get("Date", "")).timestamp())
    except (ValueError, TypeError, IndexError):
        return 0


def _said(answer: HttpAnswer) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except Refused:
        return {}
    return body if isinstance(body, dict) else {}


def _errors(answer: HttpAnswer) -> list[Any]:
    errors = _said(answer).get("errors")
    return errors if isinstance(errors, list) else []


def _message(answer: HttpAnswer) -> str:
    said = _said(answer)
    parts = [str(said.get("message") or f"status {answer.status}")]
    for error in _errors(answer):
        if isinstance(error, dict):
            named = " ".join(str(error[key]) for key in ("field", "code", "message") if error.get(key))
            parts.append(named)
        else:
            parts.append(str(error))
    return "; ".join(part for part in parts if part)[:300]


def _fields(answer: HttpAnswer) -> list[str]:
    errors = [error for error in _errors(answer) if isinstance(error, dict)]
    named = [FIELDS.get(str(error.get("field")), "") for error in errors]
    # "Label name is too long" comes as an error of the resource Label.
    named += ["labels" for error in errors if error.get("resource") == "Label"]
    return sorted({name for name in named if name})
