"""Bringing an issue one step on: by the transitions Jira allows now, filling what they ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.plugins.jira.client import Client, issue_path
from hub.plugins.jira.errors import record, rows, words
from hub.plugins.jira.reading import status_of
from hub.plugins.jira.settings import JiraSettings
from hub.sdk import Refused

Transition = Mapping[str, Any]


class Walking:
    """The transitions of one project's issues."""

    def __init__(self, client: Client, settings: JiraSettings) -> None:
        """``settings`` say what may be passed through, and what transitions ask for."""
        self._client = client
        self._settings = settings

    def ways(self, ref: str, status: str) -> Mapping[str, Sequence[str]]:
        """What may follow this status now; only those of the settings may be passed on the way on."""
        possible, through = self._possible(ref), self._settings.through
        first = [name for name in through if name in possible]
        ends = {name: () for name in possible if name not in through}
        return {**ends, status: (*first, *ends)}

    def step(self, ref: str, goal: str) -> None:
        """Take the transition to this status; ``Refused`` for the field status where none leads there."""
        possible = self._possible(ref)
        if goal not in possible:
            here = status_of(record(self._client.get(issue_path(ref), fields="status")))
            if here == goal:
                return
            reachable = ", ".join(sorted(possible)) or "no status (may the account transition issues?)"
            raise Refused(
                f"no transition leads from {here} to {goal}; from {here} to {reachable}", ["status"]
            )
        body = self._body(possible[goal], goal)
        try:
            self._client.post(issue_path(ref, "transitions"), body)
        except Refused as no:
            raise Refused(no.reason, ["status"]) from None

    def _possible(self, ref: str) -> Mapping[str, Transition]:
        answer = record(self._client.get(issue_path(ref, "transitions"), expand="transitions.fields"))
        found = [one for one in rows(answer.get("transitions")) if _target(one) and words(one.get("id"))]
        return {_target(one): one for one in reversed(found)}

    def _body(self, transition: Transition, goal: str) -> dict[str, Any]:
        given = self._settings.filled(goal)
        asked = record(transition.get("fields"))
        missing = sorted(
            words(record(about).get("name")) or name
            for name, about in asked.items()
            if record(about).get("required")
            and not record(about).get("hasDefaultValue")
            and name not in given
        )
        if missing:
            raise Refused(f"on the way to {goal} Jira asks for {', '.join(missing)}", ["status"])
        body: dict[str, Any] = {"transition": {"id": words(transition.get("id"))}}
        if fields := {name: value for name, value in given.items() if name in asked}:
            body["fields"] = fields
        return body


def _target(transition: Transition) -> str:
    return words(record(transition.get("to")).get("name"))
