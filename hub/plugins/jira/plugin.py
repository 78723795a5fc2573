"""Offers the tracker kind ``jira``; what it needs is loaded when the first connection opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.plugins.jira.settings import JiraSettings
from hub.sdk import Http, Text, Tracker, TrackerKind, hookimpl


def _open(
    settings: JiraSettings, secrets: Mapping[str, str], http: Http, state: Mapping[str, Any]
) -> Tracker:
    from hub.plugins.jira.client import Client
    from hub.plugins.jira.tracker import JiraTracker

    client = Client(http, settings, secrets.get("token", ""))
    return JiraTracker(client, settings, secrets.get("hook_secret", ""))


class JiraPlugin:
    """Offers the tracker kind ``jira``."""

    name = "jira"
    title = Text(zh="Jira", en="Jira")
    api = ">=1.0,<2"

    @hookimpl
    def execute_trackers(self) -> Sequence[TrackerKind]:
        """Jira, Cloud and Data Center."""
        return [TrackerKind("jira", self.title, JiraSettings, _open, secrets=("token", "hook_secret"))]


plugin = JiraPlugin()
