"""The log: one line per event, JSON or text, with the request's id and without secrets."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import sys
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Literal, TextIO

HIDDEN = "***"
request_id: ContextVar[str] = ContextVar("request_id", default="")

_SECRETS = (
    # Authorization: Bearer …, X-Api-Key: …, in any spelling a header or its repr may take
    re.compile(
        r"(?i)((?:proxy-)?authorization|x-api-key|private-token|(?:set-)?cookie)"
        r"(?P<mid>['\"]?\s*[:=,]\s*(?:b?['\"])?)(?:(?:bearer|basic|token|digest)\s+)?[^\s'\",;]+"
    ),
    re.compile(r"(?i)\b(bearer|basic)(?P<mid>\s+)[\w.~+/=-]{8,}"),
    # https://user:password@host
    re.compile(r"([a-z][a-z0-9+.-]*:)(?P<mid>//)[^\s/@'\"]+(?=@)"),
    # ?access_token=…, "password": "…"
    re.compile(
        r"(?i)(?<![\w/-])([\w-]*(?:token|secret|password|passwd|api_?key|signature)|key|sig|code|pw)"
        r"(?P<mid>['\"]?\s*[=:]\s*['\"]?)(?!\*\*\*)[^\s&'\",;}]+"
    ),
    # our own links: whoever reads the path may act
    re.compile(r"(/(?:a|d|f|in|s|t|u))(?P<mid>/)[\w-]{20,}"),
    # the tokens of trackers tell themselves by their beginning
    re.compile(r"\b(gh[pousr]_|github_pat_|glpat-|xox[abprs]-|whsec_|ATATT)(?P<mid>)[\w=+/.-]{8,}"),
)
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def mask(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without these secrets and without what looks like one."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    for pattern in _SECRETS:
        text = pattern.sub(rf"\1\g<mid>{HIDDEN}", text)
    return text


class JsonFormatter(logging.Formatter):
    """One JSON object per line; what a caller gave as ``extra`` becomes fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON, masked."""
        entry: dict[str, object] = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": mask(record.getMessage()),
        }
        if request_id.get():
            entry["request"] = request_id.get()
        extra = vars(record).items()
        entry |= {name: _shown(value) for name, value in extra if name not in _OWN and name not in entry}
        if record.exc_info:
            entry["error"] = mask(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)


def _shown(value: object) -> object:
    return value if isinstance(value, int | float | bool | None) else mask(str(value))


class TextFormatter(logging.Formatter):
    """One line for the eye; only an error's trace takes more."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, masked."""
        tag = f" [{request_id.get()}]" if request_id.get() else ""
        return mask(super().format(record)).replace("\x1b", "") + tag


def set_up(
    level: str = "info", form: Literal["json", "text"] = "json", stream: TextIO | None = None
) -> logging.Handler:
    """Send every record to this stream (standard error); gives the handler, to take it away again."""
    handler = logging.StreamHandler(stream or sys.stderr)
    line = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter(line))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level.upper())
    # Every start asks for the schema's revision; only what goes wrong there is news.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    return handler
