"""The door of the imitation: tokens that live thirty days, and 200 calls a minute for each application."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from hub.core.database import Clock, new_uuid

LIFE = 30 * 86400
MOST, SPAN = 200, 60


class Door:
    """Applications, their tokens and their calls."""

    def __init__(self, clock: Clock, applications: Mapping[str, str]) -> None:
        """``applications`` holds each client id with its secret."""
        self._clock = clock
        self.applications = dict(applications)
        self._tokens: dict[str, tuple[str, int]] = {}
        self._calls: dict[str, deque[float]] = {}
        self.breaches = 0

    def token(self, client_id: str, secret: str) -> tuple[str, int] | None:
        """A new token and the second in which it ends; earlier ones stay good."""
        if not secret or self.applications.get(client_id) != secret:
            return None
        made, ends = new_uuid(), int(self._clock.now().timestamp()) + LIFE
        self._tokens[made] = client_id, ends
        return made, ends

    def who(self, token: str) -> str | None:
        """The application behind a token that is good."""
        client_id, ends = self._tokens.get(token, ("", 0))
        return client_id if client_id in self.applications and ends > self._clock.now().timestamp() else None

    def revoke(self, client_id: str, secret: str | None = None) -> None:
        """The application is deleted, or gets another secret: its tokens end at once."""
        self._tokens = {token: known for token, known in self._tokens.items() if known[0] != client_id}
        if secret is None:
            self.applications.pop(client_id, None)
        else:
            self.applications[client_id] = secret

    def wait(self, client_id: str) -> int:
        """Count a call; gives the seconds to wait where it is one too many."""
        now, calls = self._clock.now().timestamp(), self._calls.setdefault(client_id, deque())
        while calls and calls[0] <= now - SPAN:
            calls.popleft()
        if len(calls) >= MOST:
            self.breaches += 1
            return max(1, int(calls[0] + SPAN - now) + 1)
        calls.append(now)
        return 0

    def reset(self) -> None:
        """Forget what was counted."""
        self._calls.clear()
        self.breaches = 0
