"""What Jira's answers mean: refusals with their fields, things that are not there, pages instead of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.sdk import HttpAnswer, Refused, Retry

# Jira's names of what it refuses, in the hub's words.
FIELDS = {
    "summary": "title",
    "description": "body",
    "assignee": "assignee",
    "labels": "labels",
    "status": "status",
    "resolution": "status",
    "priority": "priority",
    "duedate": "due",
    "timetracking": "estimate",
    "timetracking_originalestimate": "estimate",
}
LONGEST = 300


class NotThere(Exception):
    """404 or 410: it is gone, or the account may not see it."""

    def __init__(self, message: str) -> None:
        """``message`` is Jira's own word."""
        super().__init__(message)
        self.message = message


class Unusable(Refused):
    """Nothing will work before somebody mends the connection; ``cause`` says what: a key of ``SENTENCES``."""

    def __init__(self, cause: str, reason: str) -> None:
        """``reason`` is for the health line; the connection's test says what to do."""
        super().__init__(reason)
        self.cause = cause


class Unreadable(Unusable):
    """A good status with a page or nothing sensible behind it."""

    def __init__(self, reason: str) -> None:
        """What stood there instead."""
        super().__init__("root", reason)


class Denied(Refused):
    """Jira understood and said no."""

    def __init__(self, status: int, message: str, fields: list[str]) -> None:
        """``message`` is Jira's own word."""
        super().__init__(f"Jira refuses it: {message}", fields)
        self.status, self.message = status, message


def body_of(answer: HttpAnswer, asked: str = "") -> Any:
    """What a good answer says; raises what a bad one means. 429 and 5xx were raised before.

    ``asked`` is the address that was called.
    """
    if answer.status in (404, 410) and answer.body.lstrip()[:1] == b"<":
        # Jira says it in JSON; a page says that the address leads somewhere else.
        raise Unreadable(f"there is a page in place of Jira's {answer.status}: is the address right?")
    if answer.status in (404, 410):
        raise NotThere(_message(answer))
    if answer.status == 409:
        raise Retry(f"somebody else was changing the issue: {_message(answer)}")
    if answer.status in (401, 407):
        # Data Center asks for a captcha after some wrong attempts, and refuses the right token, too.
        captcha = "AUTHENTICATION_DENIED" in answer.headers.get("X-Seraph-LoginReason", "")
        cause = "captcha" if captcha else "token"
        raise Unusable(cause, f"Jira does not accept the token: {_message(answer)}")
    if 300 <= answer.status < 400:
        to_https = answer.headers.get("Location", "").startswith("https://") and asked.startswith("http:")
        elsewhere = f"Jira sends us elsewhere (status {answer.status}): is the address right?"
        raise Unusable("https" if to_https else "root", elsewhere)
    if answer.status >= 400:
        raise Denied(answer.status, _message(answer), _fields(answer))
    if answer.status == 204 or not answer.body:
        return {}
    if answer.body.lstrip()[:1] not in (b"{", b"["):
        raise Unreadable(
            "Jira answers with a page instead of JSON: is the address right, is a sign-in before it?"
        )
    try:
        return answer.json()
    except Refused as no:
        raise Unreadable(f"Jira: {no.reason}") from None


def record(value: Any) -> Mapping[str, Any]:
    """The value where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a JSON list; nothing where it is none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def words(value: Any) -> str:
    """A text or a number as text; else nothing."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _said(answer: HttpAnswer) -> Mapping[str, Any]:
    try:
        return record(answer.json())
    except Refused:
        return {}


def _message(answer: HttpAnswer) -> str:
    said = _said(answer)
    messages = said.get("errorMessages")
    parts = [words(one) for one in messages] if isinstance(messages, list) else []
    parts += [f"{name}: {words(text)}" for name, text in record(said.get("errors")).items()]
    parts += [words(said.get("message"))]
    return "; ".join(part for part in parts if part)[:LONGEST] or f"status {answer.status}"


def _fields(answer: HttpAnswer) -> list[str]:
    named = record(_said(answer).get("errors"))
    return sorted({FIELDS[name] for name in named if name in FIELDS})
