"""Bringing an issue to a status: by the transitions Jira allows now, filling what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.plugins.jira.client import Client, issue_path
from hub.plugins.jira.errors import record, rows, words
from hub.plugins.jira.reading import STEP, start_of, status_of
from hub.plugins.jira.settings import JiraSettings
from hub.sdk import Refused

LONGEST_WAY = 5
Transition = Mapping[str, Any]


class Walk:
    """One way of one issue to one status."""

    def __init__(self, client: Client, settings: JiraSettings, ref: str, goal: str) -> None:
        """``goal`` is the status as people see it."""
        self._client = client
        self._through = settings.through
        self._filled = settings.filled
        self._path = issue_path(ref, "transitions")
        self._ref, self._goal = ref, goal

    def run(self) -> None:
        """Walk; raises ``Refused`` for the field status where no way leads on."""
        issue = record(self._client.get(issue_path(self._ref), fields="status", expand="changelog"))
        here = status_of(issue)
        # A way that is gone on with began where it first began.
        start = start_of(issue) or here
        seen = {here}
        for _ in range(LONGEST_WAY):
            if here == self._goal:
                return
            transition = self._next(here, seen)
            self._go(transition, start)
            here = _target(transition)
            seen.add(here)
        if here != self._goal:
            raise Refused(f"{self._goal} is more than {LONGEST_WAY} steps from {start}", ["status"])

    def _next(self, here: str, seen: set[str]) -> Transition:
        answer = record(self._client.get(self._path, expand="transitions.fields"))
        possible = [one for one in rows(answer.get("transitions")) if _target(one) and words(one.get("id"))]
        by_target = {_target(one): one for one in reversed(possible)}
        for wanted in (self._goal, *self._through):
            if wanted in by_target and wanted not in seen:
                found: Transition = by_target[wanted]
                return found
        reachable = ", ".join(sorted(by_target)) or "no status (may the account transition issues?)"
        raise Refused(
            f"no transition leads from {here} to {self._goal}; from {here} to {reachable}", ["status"]
        )

    def _go(self, transition: Transition, start: str) -> None:
        target = _target(transition)
        given = self._filled(target)
        asked = record(transition.get("fields"))
        missing = sorted(
            words(record(about).get("name")) or name
            for name, about in asked.items()
            if record(about).get("required")
            and not record(about).get("hasDefaultValue")
            and name not in given
        )
        if missing:
            raise Refused(f"on the way to {target} Jira asks for {', '.join(missing)}", ["status"])
        body: dict[str, Any] = {"transition": {"id": words(transition.get("id"))}}
        if fields := {name: value for name, value in given.items() if name in asked}:
            body["fields"] = fields
        if target != self._goal:
            # So that a way cut short is known as ours and gone on with.
            extra = {"start": start, "goal": self._goal}
            body["historyMetadata"] = {"type": STEP, "extraData": extra}
        try:
            self._client.post(self._path, body)
        except Refused as no:
            raise Refused(no.reason, ["status"]) from None


def _target(transition: Transition) -> str:
    return words(record(transition.get("to")).get("name"))
