"""Can a connection to Jira work? Said in both languages, before anything is written."""

from __future__ import annotations

from urllib.parse import quote

from hub.plugins.jira.client import Client
from hub.plugins.jira.errors import NotThere, record, rows, words
from hub.plugins.jira.settings import JiraSettings
from hub.sdk import Checked, Refused, Retry, Text


def statuses(client: Client, project: str) -> list[str]:
    """The names of the project's statuses, each once, in Jira's order."""
    answer = client.get(f"/project/{quote(project)}/statuses")
    found = [words(one.get("name")) for kind in rows(answer) for one in rows(kind.get("statuses"))]
    return list(dict.fromkeys(name for name in found if name))


def types(client: Client, project: str) -> list[tuple[str, str]]:
    """Number and name of each type of issue the project has."""
    answer = client.get(f"/project/{quote(project)}/statuses")
    return [(words(kind.get("id")), words(kind.get("name"))) for kind in rows(answer)]


def check(client: Client, settings: JiraSettings, hook_secret: str) -> Checked:
    """Token, project, statuses. What the account may write, the first write tells."""
    project = settings.project
    try:
        me = record(client.get("/myself"))
        known = statuses(client, project)
    except NotThere as error:
        return _no(
            f"Jira 没有找到项目 {project}：{error.message}",
            f"Jira does not find the project {project}: {error.message}",
        )
    except (Retry, Refused) as error:
        return _no(f"Jira 没有接受：{error.reason}", f"Jira did not accept it: {error.reason}")
    mapped = {name for names in settings.status_map.values() for name in names} | set(settings.through)
    if unknown := ", ".join(sorted(mapped - set(known))):
        return _no(
            f"项目 {project} 没有这些状态：{unknown}；已有：{', '.join(known)}",
            f"The project {project} has no status {unknown}; it has {', '.join(known)}",
        )
    name = words(me.get("displayName")) or words(me.get("name"))
    zh, en = f"以 {name} 的身份可以访问项目 {project}", f"As {name} the project {project} can be used"
    if not hook_secret:
        zh += "；没有 Webhook 密钥，只靠定期查询"
        en += "; without a hook secret there are no webhooks, only the regular look"
    return Checked(True, Text(zh=zh, en=en))


def _no(zh: str, en: str) -> Checked:
    return Checked(False, Text(zh=zh, en=en))
