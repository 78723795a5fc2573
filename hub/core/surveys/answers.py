"""Reading a form's or survey's posted answers against its questions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from hub.core.values import Question, Refusal

MAX_TEXT = 300
MAX_LONGTEXT = 20_000


def read_answers(
    questions: Sequence[Question], posted: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Refusal]]:
    """The answers by question key, and what is wrong by question key (nothing raised, nothing lost)."""
    answers: dict[str, Any] = {}
    wrong: dict[str, Refusal] = {}
    for question in questions:
        if question.kind == "file":
            continue
        try:
            value = _read(question, posted.get(question.key, "").strip())
        except Refusal as refusal:
            wrong[question.key] = refusal
        else:
            if value is not None:
                answers[question.key] = value
    return answers, wrong


def _read(question: Question, raw: str) -> Any:
    if not raw:
        if question.required:
            raise Refusal("required", field=question.key)
        return None
    if question.kind == "scale":
        if not (raw.isascii() and raw.isdigit() and question.low <= int(raw) <= question.high):
            raise Refusal("out_of_range", field=question.key, least=question.low, most=question.high)
        return int(raw)
    if question.kind == "choice":
        if raw not in {key for key, _ in question.choices}:
            raise Refusal("unknown_choice", field=question.key, value=raw[:80])
        return raw
    if question.kind == "date":
        try:
            return dt.date.fromisoformat(raw).isoformat()
        except ValueError:
            raise Refusal("not_a_date", field=question.key, value=raw[:80]) from None
    if question.kind == "email" and ("@" not in raw.strip("@") or " " in raw or len(raw) > 254):
        raise Refusal("not_an_email", field=question.key, email=raw[:80])
    most = MAX_LONGTEXT if question.kind == "longtext" else MAX_TEXT
    if len(raw) > most:
        raise Refusal("too_long", field=question.key, most=most, length=len(raw))
    return raw
