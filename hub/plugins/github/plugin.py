"""Offers GitHub issues as a tracker; what works on them is loaded with the first connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hub.plugins.github.settings import GitHubSettings
from hub.sdk import Http, Text, TrackerKind, hookimpl

if TYPE_CHECKING:
    from hub.plugins.github.tracker import GitHubTracker

LIMITS = (
    Text(
        zh="附件：GitHub 的接口不能为议题上传文件，附件留在本系统中",
        en="Files: GitHub's API takes none for issues, so they stay in the hub",
    ),
    Text(zh="优先级、截止日期、预估、工时", en="Priorities, due dates, estimates and work logs"),
)
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
        return [TrackerKind("github", self.title, GitHubSettings, _open, secrets=secrets, limits=LIMITS)]


plugin = GitHubPlugin()
