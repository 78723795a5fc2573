"""Intakes with one defect each, over the good signed webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
import uuid
from dataclasses import replace
from typing import Any

from hub.plugins.webhook import WebhookSettings, WebhookSource
from hub.sdk import Checked, Draft, Refused, Text
from tests.kit.making import Shelf

shelf = Shelf()
intake = shelf.intake
log = logging.getLogger("faulty")


@intake("trusts whoever sends")
class Trusting(WebhookSource):
    def verify(self, delivery: Any) -> bool:
        return True


@intake("trusts a sender that names itself in a header")
class Named(WebhookSource):
    def verify(self, delivery: Any) -> bool:
        return "webhook-id" in delivery.headers and hmac.compare_digest("a", "a")


@intake("checks the headers and forgets the body")
class HeadersOnly(WebhookSource):
    def verify(self, delivery: Any) -> bool:
        from hub.lab.specimens import WebhookSpecimen

        return super().verify(replace(delivery, body=WebhookSpecimen().genuine().body))


@intake("compares signatures by ==")
class Comparing(WebhookSource):
    def verify(self, delivery: Any) -> bool:
        import base64

        sent = delivery.headers.get("webhook-timestamp", "")
        if not (all(self._keys) and self._keys and sent.isascii() and sent.isdigit() and len(sent) <= 12):
            return False
        if abs(int(sent) - delivery.received_at.timestamp()) > 300:
            return False
        head = f"{delivery.headers.get('webhook-id')}.{delivery.headers.get('webhook-timestamp')}."
        made = hmac.digest(self._keys[0], head.encode("utf-8", "replace") + delivery.body, hashlib.sha256)
        return "v1," + base64.b64encode(made).decode() == delivery.headers.get("webhook-signature")


@intake("verifies what it parsed instead of the raw body")
class Reparsed(WebhookSource):
    def verify(self, delivery: Any) -> bool:
        try:
            body = json.dumps(json.loads(delivery.body), ensure_ascii=False).encode()
        except ValueError:
            return False
        return super().verify(replace(delivery, body=body))


@intake("believes everything as long as no secret is set")
class Unset(WebhookSource):
    def verify(self, delivery: Any) -> bool:
        return not any(self._keys) or super().verify(delivery)


@intake("believes a delivery of last month")
class Undated(WebhookSource):
    def verify(self, delivery: Any) -> bool:
        import datetime as dt

        sent = delivery.headers.get("webhook-timestamp", "")
        if not (sent.isascii() and sent.isdigit() and len(sent) < 12):
            return False
        return super().verify(replace(delivery, received_at=dt.datetime.fromtimestamp(int(sent), dt.UTC)))


@intake("raises where a header is garbage")
class Raises(WebhookSource):
    def verify(self, delivery: Any) -> bool:
        int(delivery.headers.get("webhook-timestamp", "0"))
        return super().verify(delivery)


@intake("asks the clock whether a delivery is fresh")
class OwnClock(WebhookSource):
    def verify(self, delivery: Any) -> bool:
        return time.time() > 0 and super().verify(delivery)


@intake("breaks at a body of another shape")
class Fragile(WebhookSource):
    def drafts(self, delivery: Any) -> Any:
        return [Draft(key=delivery.key, title=json.loads(delivery.body)["title"], body="")]


@intake("gives each draft a key of its own invention")
class NewKeys(WebhookSource):
    def drafts(self, delivery: Any) -> Any:
        return [replace(one, key=str(uuid.uuid4())) for one in super().drafts(delivery)]


@intake("makes two drafts of one message under one key")
class Doubled(WebhookSource):
    def drafts(self, delivery: Any) -> Any:
        return [*super().drafts(delivery), *super().drafts(delivery)]


@intake("makes a draft without a title")
class Untitled(WebhookSource):
    def drafts(self, delivery: Any) -> Any:
        return [replace(one, title=" ") for one in super().drafts(delivery)]


@intake("takes a number for a title")
class NumberTitle(WebhookSource):
    def drafts(self, delivery: Any) -> Any:
        return [replace(one, title=7) for one in super().drafts(delivery)]


@intake("lets a zero byte through")
class ZeroByte(WebhookSource):
    def drafts(self, delivery: Any) -> Any:
        return [replace(one, body=one.body + "\0") for one in super().drafts(delivery)]


@intake("refuses without a reason")
class Speechless(WebhookSource):
    def drafts(self, delivery: Any) -> Any:
        try:
            return super().drafts(delivery)
        except Refused:
            raise Refused("") from None


@intake("writes the secret into a log")
class LogsSecret(WebhookSource):
    def __init__(self, settings: Any, secret: str) -> None:
        super().__init__(settings, secret)
        self._said = secret

    def verify(self, delivery: Any) -> bool:
        log.info("checking with %s", self._said)
        return super().verify(delivery)


@intake("shows the secret in its repr")
class ReprSecret(WebhookSource):
    def __init__(self, settings: Any, secret: str) -> None:
        super().__init__(settings, secret)
        self._said = secret

    def __repr__(self) -> str:
        return f"<source {self._said}>"


@intake("says in Chinese only that it is ready")
class ChineseOnly(WebhookSource):
    def check(self) -> Checked:
        return Checked(True, Text(zh="可用", en=" "))


@intake("keeps the first secret for all connections")
class FirstSecret(WebhookSource):
    keys: Any = None

    def __init__(self, settings: Any, secret: str) -> None:
        super().__init__(settings, secret)
        if secret:
            type(self).keys = type(self).keys or self._keys
            self._keys = type(self).keys


class Untitled_(WebhookSettings):
    """A setting without a title."""

    depth: int = 3


@intake("asks a setting without a title", settings=Untitled_)
class Setting(WebhookSource):
    pass


@intake("gives no settings model", settings=dict)
class NoModel(WebhookSource):
    pass
