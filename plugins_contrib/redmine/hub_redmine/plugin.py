"""Offers the issues of Redmine as a tracker; what works on them is loaded with a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hub.sdk import Http, Text, TrackerKind, hookimpl
from hub_redmine.settings import RedmineSettings

if TYPE_CHECKING:
    from hub_redmine.tracker import RedmineTracker

LIMITS = (
    Text(zh="标签：Redmine 没有标签", en="Labels: Redmine has none"),
    Text(zh="附件与工时：留在各自一侧", en="Files and work logs: they stay where they are"),
    Text(
        zh="私有备注：没有权限时 Redmine 会把它公开而不提示，因此内部备注不会送出，那里的私有备注也不会读入",
        en="Private notes: without the right Redmine makes them public and says nothing, so internal ones"
        " never leave, and private ones there do not come in",
    ),
    Text(
        zh="评论的修改与删除：那里的修改不改变工单的更新时间，要到定期查看时才会发现",
        en="News of changed comments: a change there leaves no time behind and is seen by the regular look",
    ),
    Text(zh="Textile 与 CommonMark 之间的转换", en="Textile: texts are not converted to or from it"),
)


def _open(
    settings: RedmineSettings, secrets: Mapping[str, str], http: Http, state: Mapping[str, Any]
) -> RedmineTracker:
    from hub_redmine.client import Client
    from hub_redmine.tracker import RedmineTracker

    client = Client(http, str(settings.base_url), secrets.get("key", ""))
    return RedmineTracker(client, settings, secrets)


class RedminePlugin:
    """Offers the tracker kind ``redmine``."""

    name = "redmine"
    title = Text(zh="Redmine 工单", en="Redmine issues")
    api = ">=1.0,<2"

    @hookimpl
    def execute_trackers(self) -> Sequence[TrackerKind]:
        """Issues of one project."""
        secrets = ("key", "hook_secret")
        return [TrackerKind("redmine", self.title, RedmineSettings, _open, secrets=secrets, limits=LIMITS)]


plugin = RedminePlugin()
