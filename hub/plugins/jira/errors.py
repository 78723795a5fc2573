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


class Unreadable(Refused):
    """A good status with a page or nothing sensible behind it."""


def body_of(answer: HttpAnswer) -> Any:
    """What a good answer says; raises what a bad one means. 429 and 5xx were raised before."""
    if answer.status in (404, 410):
        raise NotThere(_message(answer))
    if answer.status == 409:
        raise Retry(f"somebody else was changing the issue: {_message(answer)}")
    if answer.status in (401, 407):
        raise Refused(f"Jira does not accept the token: {_message(answer)}")
    if 300 <= answer.status < 400:
        raise Refused(f"Jira sends us elsewhere (status {answer.status}): is the address right?")
    if answer.status >= 400:
        raise Refused(f"Jira refuses it: {_message(answer)}", _fields(answer))
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
