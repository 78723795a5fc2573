"""What stands on the far side of an intake or a channel, for the suites; found by ``hub.specimens``.

A tracker has an imitation; an intake needs only what its sender would send, a channel something that
takes messages. The entry point's name is the kind's, and it is called without arguments::

    [project.entry-points."hub.specimens"]
    webhook = "hub.lab.specimens:WebhookSpecimen"
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from standardwebhooks import Webhook

from hub.core.values import DeliveryValue

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

GROUP = "hub.specimens"
NOW = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)


class IntakeSpecimen(Protocol):
    """The sender of an intake.

    It may also offer ``another()``, a second message of the same sender; ``forged()``, a delivery that is
    signed with an empty key; and ``rotated()``, deliveries with two signatures of which one fits.
    """

    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    # What proves a delivery: ``body`` (a signature), ``token`` (a bearer), ``none`` (a secret address).
    signature: str
    # Whether a delivery that was signed long ago is to be refused.
    expires: bool

    def genuine(self) -> DeliveryValue:
        """A delivery as the far side would send it."""
        ...


class ChannelSpecimen(Protocol):
    """The far side of a channel, in memory."""

    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    # What the channel calls; None for one that speaks no HTTP.
    application: WSGIApplication | None
    # Answers with which it says no although the status is 200, as it really words them.
    errors_with_200: Sequence[bytes]
    # Names of the secrets that are part of its address, because the API knows no other way.
    in_addresses: frozenset[str]

    def received(self) -> list[str]:
        """The texts that have arrived, oldest first."""
        ...


def specimen_of(kind: str) -> Any:
    """A new specimen for this kind; raises ``LookupError`` where nobody offers one."""
    found = {point.name: point for point in entry_points(group=GROUP)}
    if kind not in found:
        raise LookupError(f"nobody offers a specimen of {kind}; there are: {', '.join(sorted(found))}")
    return found[kind].load()()


class WebhookSpecimen:
    """A sender that signs by Standard Webhooks 1.0."""

    secret = "whsec_" + base64.b64encode(bytes(range(32))).decode()
    settings: Mapping[str, Any] = MappingProxyType({})
    secrets: Mapping[str, str] = MappingProxyType({"secret": secret})
    signature = "body"
    expires = True
    body: Mapping[str, Any] = MappingProxyType(
        {
            "key": "order-77",
            "title": "发票金额不对",
            "body": "Invoice 77 has the wrong amount.",
            "contact": {"name": "Li Na", "email": "li@example.com"},
            "priority": "High",
            "goals": ["correct invoice sent"],
        }
    )

    def genuine(self) -> DeliveryValue:
        """One signed message."""
        body = json.dumps(dict(self.body), ensure_ascii=False)
        return self._sent(body.encode(), Webhook(self.secret).sign("msg_1", NOW, body))

    def another(self) -> DeliveryValue:
        """The same person wants something else."""
        body = json.dumps({**self.body, "key": "order-78", "title": "打印机坏了"}, ensure_ascii=False)
        return self._sent(body.encode(), Webhook(self.secret).sign("msg_2", NOW, body), "msg_2")

    def rotated(self) -> list[DeliveryValue]:
        """What is signed with the secret and with the one before, either way round."""
        body = json.dumps(dict(self.body), ensure_ascii=False)
        before = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()
        new, old = (Webhook(secret).sign("msg_1", NOW, body) for secret in (self.secret, before))
        return [self._sent(body.encode(), f"{one} {other}") for one, other in ((new, old), (old, new))]

    def forged(self) -> DeliveryValue:
        """What somebody sends who hopes that no secret is set: signed with an empty key."""
        body = json.dumps(dict(self.body), ensure_ascii=False).encode()
        content = b"msg_1.%d.%s" % (NOW.timestamp(), body)
        return self._sent(body, "v1," + base64.b64encode(hmac.digest(b"", content, "sha256")).decode())

    @staticmethod
    def _sent(body: bytes, signature: str, key: str = "msg_1") -> DeliveryValue:
        at = str(int(NOW.timestamp()))
        headers = {"webhook-id": key, "webhook-timestamp": at, "webhook-signature": signature}
        return DeliveryValue(key, headers, body, NOW)


class FormSpecimen:
    """The hub's own page, posting answers."""

    settings: Mapping[str, Any] = MappingProxyType({"categories": "network | 网络 | Network"})
    secrets: Mapping[str, str] = MappingProxyType({})
    signature = "none"
    expires = False

    def genuine(self) -> DeliveryValue:
        """A form as it was filled in."""
        return self._filled_in("post-1", "VPN does not connect")

    def another(self) -> DeliveryValue:
        """The same person fills it in once more."""
        return self._filled_in("post-2", "The printer is broken")

    @staticmethod
    def _filled_in(key: str, title: str) -> DeliveryValue:
        answers = {
            "title": title,
            "body": "Since this morning.",
            "category": "network",
            "wanted_by": "2026-03-20",
            "name": "王芳",
            "email": "wang@example.com",
        }
        return DeliveryValue(key, {}, json.dumps(answers).encode(), NOW)


class MailboxSpecimen:
    """A mailbox with one mail in it."""

    settings: Mapping[str, Any] = MappingProxyType({"host": "imap.example.org", "username": "support"})
    secrets: Mapping[str, str] = MappingProxyType({"password": "mailbox-words"})
    signature = "none"
    expires = False

    def genuine(self) -> DeliveryValue:
        """The mail as it lies there."""
        return self._mail(1)

    def another(self) -> DeliveryValue:
        """The same person's next mail."""
        return self._mail(2)

    @staticmethod
    def _mail(number: int) -> DeliveryValue:
        lines = (
            "From: Li Na <li@example.com>",
            "To: support@example.org",
            "Subject: =?utf-8?b?5omT5Y2w5py65Z2P5LqG?=",
            f"Message-ID: <{number}@example.com>",
            "Date: Wed, 04 Mar 2026 12:00:00 +0000",
            "MIME-Version: 1.0",
            'Content-Type: text/plain; charset="utf-8"',
            "",
            "The printer is broken.",
            "",
        )
        return DeliveryValue(f"1-{number}", {}, "\r\n".join(lines).encode(), NOW)


class SmtpSpecimen:
    """A mail server's settings; tests/plugins/email speaks with a real one."""

    settings: Mapping[str, Any] = MappingProxyType(
        {"host": "smtp.example.org", "sender": "support@example.org", "username": "support"}
    )
    secrets: Mapping[str, str] = MappingProxyType({"password": "server-words"})
    application = None
    errors_with_200: Sequence[bytes] = ()
    in_addresses: frozenset[str] = frozenset()

    def received(self) -> list[str]:
        """Nothing: it takes no calls."""
        return []
