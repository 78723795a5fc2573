"""Intake by signed webhook (Standard Webhooks 1.0), with a field mapping in the settings."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from hub.sdk import Checked, DeliveryValue, Draft, Refused, SourceKind, Text, hookimpl

TOLERANCE_S = 300
KEY_PREFIX = "whsec_"
LEAST_SECRET_BYTES = 24
LONGEST_TITLE = 300
T = TypeVar("T")


def _path(default: str, title: str) -> Any:
    how = "Dotted path into the JSON; empty: not read."
    return Field(default, title=title, description=how, max_length=200)


class WebhookSettings(BaseModel):
    """Where in the JSON each field stands, and what the sender calls its priorities."""

    model_config = ConfigDict(extra="forbid")

    title: str = _path("title", "Title")
    body: str = _path("body", "Description")
    contact_name: str = _path("contact.name", "Contact name")
    contact_email: str = _path("contact.email", "Contact e-mail")
    customer: str = _path("customer", "Customer")
    category: str = _path("category", "Category")
    priority: str = _path("priority", "Priority")
    wanted_by: str = _path("wanted_by", "Wanted by")
    goals: str = _path("goals", "Goals")
    labels: str = _path("labels", "Labels")
    key: str = _path("key", "Key")
    urgent_words: str = Field("1, urgent, critical, p1, 紧急", title="Words for priority 1 (urgent)")
    high_words: str = Field("2, high, p2, 高", title="Words for priority 2 (high)")
    normal_words: str = Field("3, normal, medium, p3, 中, 普通", title="Words for priority 3 (normal)")
    low_words: str = Field("4, low, p4, 低", title="Words for priority 4 (low)")

    def levels(self) -> dict[str, int]:
        """Each priority word with its level."""
        lines = (self.urgent_words, self.high_words, self.normal_words, self.low_words)
        return {
            word.strip().casefold(): level
            for level, line in enumerate(lines, start=1)
            for word in line.split(",")
            if word.strip()
        }


class WebhookSource:
    """One webhook address. The key of a delivery is its ``webhook-id``, which the signature covers."""

    def __init__(self, settings: WebhookSettings, secret: str) -> None:
        """``secret`` is ``whsec_…``; several, parted by spaces, while one replaces another."""
        self._keys = tuple(_secret_key(part) for part in secret.split())
        self._levels = settings.levels()
        paths = {name: value for name, value in settings.model_dump().items() if not name.endswith("_words")}
        self._paths = {name: tuple(path.split(".")) for name, path in paths.items() if path.strip()}

    def check(self) -> Checked:
        """Look whether the secret can be used and is long enough."""
        if not self._keys or not all(len(key) >= LEAST_SECRET_BYTES for key in self._keys):
            return Checked(
                False,
                Text(
                    zh=f"密钥必须是 whsec_ 加至少 {LEAST_SECRET_BYTES} 字节的 Base64。",
                    en=f"The secret must be whsec_ and base64 of at least {LEAST_SECRET_BYTES} bytes.",
                ),
            )
        return Checked(True, Text(zh="密钥可用。", en="The secret can be used."))

    def verify(self, delivery: DeliveryValue) -> bool:
        """Whether one of the signatures fits the raw body and the time of sending is near that of arrival."""
        headers = delivery.headers
        message, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not message or not (sent.isascii() and sent.isdigit() and len(sent) <= 12):
            return False
        if abs(delivery.received_at.timestamp() - int(sent)) > TOLERANCE_S:
            return False
        # As bytes: comparing texts that are not ASCII would raise instead of saying no.
        given = headers.get("webhook-signature", "").split(" ")
        signed = [part[3:].encode("utf-8", "replace") for part in given if part.startswith("v1,")]
        content = b".".join((message.encode("utf-8", "replace"), sent.encode(), delivery.body))
        wanted = [base64.b64encode(hmac.digest(key, content, hashlib.sha256)) for key in self._keys if key]
        return any(hmac.compare_digest(one, other) for one in wanted for other in signed)

    def drafts(self, delivery: DeliveryValue) -> Iterable[Draft]:
        """One draft; a field of the wrong shape is refused with its path."""
        root = _json(delivery.body)
        title, body = self._read(root, "title", _text), self._read(root, "body", _text) or ""
        title = title or body.strip().partition("\n")[0]
        if not title:
            raise Refused(f"title: nothing stands at {'.'.join(self._paths.get('title', ('(no path)',)))}")
        priority = self._read(root, "priority", _text) or ""
        return [
            Draft(
                key=self._read(root, "key", _text) or delivery.headers.get("webhook-id") or delivery.key,
                title=title[:LONGEST_TITLE],
                body=body,
                contact_name=self._read(root, "contact_name", _text) or "",
                contact_email=self._read(root, "contact_email", _text) or "",
                customer=self._read(root, "customer", _text) or "",
                category=self._read(root, "category", _text) or None,
                priority=self._levels.get(priority.casefold()),
                wanted_by=self._read(root, "wanted_by", _date),
                goals=self._read(root, "goals", _lines) or (),
                labels=self._read(root, "labels", _words) or (),
            )
        ]

    def _read(self, root: Any, name: str, convert: Callable[[Any], T]) -> T | None:
        path = self._paths.get(name, ())
        value = _at(root, path) if path else None
        if value is None:
            return None
        try:
            return convert(value)
        except (TypeError, ValueError) as error:
            raise Refused(f"{name}: {error} at {'.'.join(path)}", (name,)) from None


def _secret_key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(KEY_PREFIX) + "==")
    except (binascii.Error, ValueError):
        return b""


def _json(body: bytes) -> Any:
    try:
        root = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(f"body: not JSON ({type(error).__name__})") from None
    if not isinstance(root, dict | list):
        raise Refused(f"body: an object is wanted, {type(root).__name__} was given")
    return root


def _at(value: Any, path: Sequence[str]) -> Any:
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError(f"a text is wanted, {type(value).__name__} stands")
    # JSON can spell what no database stores: the zero byte and half a surrogate pair.
    return str(value).replace("\0", "").encode("utf-8", "replace").decode().strip()


def _date(value: Any) -> dt.date | None:
    text = _text(value)
    try:
        return dt.datetime.fromisoformat(text).date() if text else None
    except ValueError:
        raise ValueError(f"a date is wanted, {text[:40]!r} stands") from None


def _lines(value: Any) -> tuple[str, ...]:
    return _several(value.splitlines() if isinstance(value, str) else value)


def _words(value: Any) -> tuple[str, ...]:
    return _several(value.split(",") if isinstance(value, str) else value)


def _several(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(f"a list of texts is wanted, {type(value).__name__} stands")
    return tuple(filter(None, map(_text, value)))


def open_webhook(settings: WebhookSettings, secrets: Mapping[str, str], *_unused: object) -> WebhookSource:
    """The object behind one webhook connection."""
    return WebhookSource(settings, secrets.get("secret", ""))


class WebhookPlugin:
    """Offers the kind of intake ``webhook``."""

    name = "webhook"
    api = ">=1.0,<2"
    title = Text(zh="签名 Webhook", en="Signed webhook")

    @hookimpl
    def identify_sources(self) -> Sequence[SourceKind]:
        """The webhook kind."""
        return (SourceKind(self.name, self.title, WebhookSettings, open_webhook, "hook", ("secret",)),)


plugin = WebhookPlugin()
