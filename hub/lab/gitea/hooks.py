"""The imitation's webhooks: signed deliveries, each sent once."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from dataclasses import dataclass
from typing import Any

from hub.core.database import new_uuid
from hub.core.values import DeliveryValue
from hub.lab.gitea.forge import Comment, Forge, Issue, Repository
from hub.lab.gitea.shown import Shown, user


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
        """As the API writes it: without the secret."""
        config = {"url": self.url, "content_type": "json"}
        return {
            "id": self.id,
            "type": "gitea",
            "active": self.active,
            "events": self.events,
            "config": config,
        }


class Hooks:
    """Hooks and what they sent since somebody looked."""

    def __init__(self, forge: Forge) -> None:
        """``forge`` tells what happens."""
        self._forge = forge
        forge.told = self._told
        self.forget()

    def forget(self) -> None:
        """Be as new."""
        self._ids = itertools.count(1)
        self.hooks: dict[int, Hook] = {}
        self._waiting: list[DeliveryValue] = []

    def add(self, repository_id: int, url: str, secret: str, events: list[str]) -> Hook:
        """Register an address."""
        hook = Hook(next(self._ids), repository_id, url, secret, events)
        self.hooks[hook.id] = hook
        return hook

    def take(self) -> list[DeliveryValue]:
        """What was sent: one attempt each, and nobody asks what became of it."""
        waiting, self._waiting = self._waiting, []
        return waiting

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
        shown = Shown(self._forge, "https://gitea.test")
        payload = {
            "action": action,
            "number": issue.number,
            "issue": shown.issue(repository, issue),
            "repository": {"id": repository.id, "full_name": repository.name},
            "sender": user(who),
            "is_pull": issue.pull,
        }
        if comment:
            payload["comment"] = shown.comment(repository, issue, comment)
        for hook in self.hooks.values():
            if hook.active and hook.repository_id == repository.id:
                self._waiting.append(self._delivery(hook, event, payload))

    def _delivery(self, hook: Hook, event: str, payload: dict[str, Any]) -> DeliveryValue:
        body, guid = json.dumps(payload).encode(), new_uuid()
        # With an empty secret the header is there, and empty.
        signature = hmac.new(hook.secret.encode(), body, hashlib.sha256).hexdigest() if hook.secret else ""
        headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={signature}"}
        for maker in ("gitea", "gogs", "forgejo"):
            headers |= {
                f"x-{maker}-event": event,
                f"x-{maker}-delivery": guid,
                f"x-{maker}-signature": signature,
            }
        return DeliveryValue(guid, headers, body, self._forge.clock.now())
