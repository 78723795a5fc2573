"""The imitation's webhooks: signed deliveries, sent once; what failed can be asked for again."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.core.database import new_uuid
from hub.core.values import DeliveryValue
from hub.lab.github.forge import Comment, Forge, Issue, Repository
from hub.lab.github.shown import Shown, stamp, user

TIMEOUT = 10
Post = Callable[[str, Mapping[str, str], bytes], int]


@dataclass
class Hook:
    """A registered address."""

    id: int
    repository_id: int
    url: str
    secret: str
    events: list[str]
    active: bool = True

    def shown(self) -> dict[str, Any]:
        """As the API writes it: the secret is masked."""
        config = {"url": self.url, "content_type": "json", "secret": "********", "insecure_ssl": "0"}
        return {"id": self.id, "name": "web", "active": self.active, "events": self.events, "config": config}


@dataclass
class Sending:
    """One attempt to deliver; ``status_code`` None while nobody has sent it."""

    id: int
    guid: str
    hook: Hook
    event: str
    action: str
    at: int
    headers: Mapping[str, str]
    body: bytes
    redelivery: bool = False
    status_code: int | None = None

    def shown(self) -> dict[str, Any]:
        """As the list of deliveries writes it."""
        well = self.status_code is not None and 200 <= self.status_code < 300
        return {
            "id": self.id,
            "guid": self.guid,
            "delivered_at": stamp(self.at),
            "redelivery": self.redelivery,
            "duration": 0.1,
            "status": "OK" if well else "failed to connect",
            "status_code": self.status_code,
            "event": self.event,
            "action": self.action,
            "installation_id": None,
            "repository_id": self.hook.repository_id,
        }


class Hooks:
    """Hooks and what they sent. Nothing leaves by itself: ``deliver`` sends what waits."""

    def __init__(self, forge: Forge) -> None:
        """``forge`` tells what happens."""
        self._forge = forge
        forge.told = self._told
        self.forget()

    def forget(self) -> None:
        """Be as new."""
        self._ids = itertools.count(1)
        self.hooks: dict[int, Hook] = {}
        self.sendings: list[Sending] = []
        self._waiting: list[Sending] = []

    def add(self, repository_id: int, url: str, secret: str, events: list[str]) -> Hook:
        """Register an address; GitHub greets it with a ping."""
        hook = Hook(next(self._ids), repository_id, url, secret, events)
        self.hooks[hook.id] = hook
        self._queue(hook, "ping", "", {"zen": "Keep it logically awesome.", "hook_id": hook.id})
        return hook

    def again(self, sending: Sending) -> None:
        """Send the same once more, under the same id."""
        self._put(
            Sending(
                next(self._ids), sending.guid, sending.hook, sending.event, sending.action,
                self._forge.now(), sending.headers, sending.body, True,
            )
        )  # fmt: skip

    def deliver(self, post: Post | None = None) -> list[int]:
        """Send what waits; gives the answers' states, 0 where there was none."""
        waiting, self._waiting = self._waiting, []
        for sending in waiting:
            sending.status_code = (post or _post)(sending.hook.url, sending.headers, sending.body)
        return [sending.status_code or 0 for sending in waiting]

    def take(self) -> list[DeliveryValue]:
        """What waits, for a lab that delivers it itself."""
        waiting, self._waiting = self._waiting, []
        for sending in waiting:
            sending.status_code = 202
        now = self._forge.clock.now()
        return [
            DeliveryValue(
                sending.guid,
                {name.lower(): value for name, value in sending.headers.items()},
                sending.body,
                now,
            )
            for sending in waiting
        ]

    def _told(
        self,
        event: str,
        action: str,
        repository: Repository,
        issue: Issue,
        *,
        who: str,
        comment: Comment | None = None,
    ) -> None:
        shown = Shown(self._forge, "https://api.github.test")
        payload = {
            "action": action,
            "issue": shown.issue(repository, issue),
            "repository": {"id": repository.id, "full_name": repository.name},
            "sender": user(who),
        }
        if comment:
            payload["comment"] = shown.comment(repository, issue, comment)
        for hook in self.hooks.values():
            if hook.active and hook.repository_id == repository.id and event in hook.events:
                self._queue(hook, event, action, payload)

    def _queue(self, hook: Hook, event: str, action: str, payload: dict[str, Any]) -> None:
        body, guid = json.dumps(payload).encode(), new_uuid()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/imitation",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": guid,
            "X-GitHub-Hook-ID": str(hook.id),
            "X-Hub-Signature-256": "sha256="
            + hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest(),
        }
        self._put(
            Sending(next(self._ids), guid, hook, event, action, self._forge.now(), headers, body)
        )  # fmt: skip

    def _put(self, sending: Sending) -> None:
        self.sendings.append(sending)
        self._waiting.append(sending)


def _post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    request = urllib.request.Request(url, body, dict(headers), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except (urllib.error.URLError, OSError):
        return 0
