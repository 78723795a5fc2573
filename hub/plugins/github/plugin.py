"""Offers GitHub issues as a tracker; what works on them is loaded with the first connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hub.plugins.github.settings import GitHubSettings
from hub.sdk import Http, Text, TrackerKind, hookimpl

if TYPE_CHECKING:
    from hub.plugins.github.tracker import GitHubTracker

# Where core keeps what ``changed_since`` gave last: it holds the repository's number.
CURSOR = "sweep_cursor"


def _open(
    settings: GitHubSettings, secrets: Mapping[str, str], http: Http, state: Mapping[str, Any]
) -> GitHubTracker:
    from hub.plugins.github.client import Client
    from hub.plugins.github.feed import Cursor
    from hub.plugins.github.place import Place
    from hub.plugins.github.tracker import GitHubTracker

    client = Client(http, str(settings.api_url), secrets.get("token", ""))
    place = Place(client, settings.repository, Cursor.read(state.get(CURSOR)).repository)
    return GitHubTracker(client, place, settings, secrets)


class GitHubPlugin:
    """Offers the tracker kind ``github``."""

    name = "github"
    title = Text(zh="GitHub 议题", en="GitHub issues")
    api = ">=1.0,<2"

    @hookimpl
    def execute_trackers(self) -> Sequence[TrackerKind]:
        """GitHub issues."""
        secrets = ("token", "hook_secret")
        return [TrackerKind("github", self.title, GitHubSettings, _open, secrets=secrets)]


plugin = GitHubPlugin()
