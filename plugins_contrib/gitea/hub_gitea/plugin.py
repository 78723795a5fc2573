"""Offers the issues of Gitea and Forgejo as a tracker; what works on them is loaded with a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hub.sdk import Http, Text, TrackerKind, hookimpl
from hub_gitea.settings import GiteaSettings

if TYPE_CHECKING:
    from hub_gitea.tracker import GiteaTracker

LIMITS = (
    Text(zh="附件：留在本系统中", en="Files: they stay in the hub"),
    Text(
        zh="打开与关闭以外的状态：此处放弃的任务在那里显示为关闭",
        en="States other than open and closed: what is dropped here is closed there",
    ),
    Text(zh="优先级、截止日期、预估、工时", en="Priorities, due dates, estimates and work logs"),
    Text(
        zh="补发 Webhook：Gitea 每次只发送一回，遗漏的由定期查询补上",
        en="Webhooks that were lost: Gitea sends each once, and the regular look finds what it said",
    ),
)
# Where core keeps what ``changed_since`` gave last: it holds the repository's number.
CURSOR = "sweep_cursor"


def _open(
    settings: GiteaSettings, secrets: Mapping[str, str], http: Http, state: Mapping[str, Any]
) -> GiteaTracker:
    from hub_gitea.client import Client
    from hub_gitea.feed import Cursor
    from hub_gitea.place import Place
    from hub_gitea.tracker import GiteaTracker

    client = Client(http, str(settings.base_url), secrets.get("token", ""))
    place = Place(client, settings.repository, Cursor.read(state.get(CURSOR)).repository)
    return GiteaTracker(client, place, settings, secrets)


class GiteaPlugin:
    """Offers the tracker kind ``gitea``."""

    name = "gitea"
    title = Text(zh="Gitea / Forgejo 工单", en="Gitea and Forgejo issues")
    api = ">=1.0,<2"

    @hookimpl
    def execute_trackers(self) -> Sequence[TrackerKind]:
        """Issues of one repository."""
        secrets = ("token", "hook_secret")
        return [TrackerKind("gitea", self.title, GiteaSettings, _open, secrets=secrets, limits=LIMITS)]


plugin = GiteaPlugin()
