"""Can a connection work? Said in both languages, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.sdk import Checked, Refused, Retry, Text
from hub_redmine.client import Client, Denied, NotThere, Unusable
from hub_redmine.names import Names
from hub_redmine.settings import RedmineSettings

SENTENCES = {
    "key": Text(
        zh="Redmine 不接受此密钥：请确认 管理 → 配置 → API 已勾选“启用 REST web service”，再从 我的账号"
        " 右侧重新复制 API 访问键",
        en="Redmine does not accept this key: see that Administration → Settings → API has *Enable REST web"
        " service* ticked, and copy the API access key again from the right side of *My account*",
    ),
    "root": Text(
        zh="该地址不是 Redmine：请填写浏览器中看到的根地址；若安装在子路径下（如 https://host/redmine），请一并填写",
        en="This is not Redmine: write the root address that your browser shows, with the path below which it"
        " is installed (such as https://host/redmine)",
    ),
    "https": Text(
        zh="该地址只接受 https：请把根地址改为以 https:// 开头",
        en="This server wants https: let the root address begin with https://",
    ),
}
# A mark that nobody has.
NOBODYS = "00000000-0000-0000-0000-000000000000"


def check(client: Client, settings: RedmineSettings, names: Names, key: str) -> Checked:
    """Key, project, statuses and the mark's field."""
    if not key:
        return _no("没有密钥：请填写 API 访问键", "There is no key: enter an API access key")
    try:
        # A public project answers to anybody, whatever the key: only this call asks who it is.
        client.get("/users/current", "user")
        client.get(f"/projects/{settings.project}", "project")
        return _wrong(client, settings, names) or _fine(settings, names)
    except Unusable as no:
        return Checked(False, SENTENCES[no.cause])
    except NotThere:
        return _no(
            f"没有项目 {settings.project}，或该账号无权查看：请填写项目标识（见项目地址），"
            "并把该账号加为项目成员",
            f"There is no project {settings.project}, or the account may not see it: write its identifier, as"
            " in its address, and make the account a member of it",
        )
    except Denied as no:
        return _no(
            f"Redmine 拒绝（{no.status}）：请给该账号查看与编辑工单的角色",
            f"Redmine refuses ({no.status}): give the account a role that may view and edit issues",
        )
    except (Retry, Refused) as error:
        return Checked.unreached("Redmine", error)


def _wrong(client: Client, settings: RedmineSettings, names: Names) -> Checked | None:
    there = [str(row.get("name")) for row in names.rows("status")]
    missing = sorted({name for known in settings.status_map.values() for name in known} - set(there))
    if missing:
        return _no(
            f"Redmine 没有状态 {'、'.join(missing)}：请在状态映射中改为 {'、'.join(there)}",
            f"Redmine has no status {', '.join(missing)}: choose among {', '.join(there)} in the status map",
        )
    field = settings.mark_field
    if field is None:
        return None
    asked = {"status_id": "*", f"cf_{field}": NOBODYS, "limit": 1}
    if client.rows("/issues", "issues", **asked):
        return _no(
            f"自定义字段 {field} 不能用于筛选：请在 管理 → 自定义属性 中勾选“作为过滤条件”，或清空标记字段",
            f"The custom field {field} does not filter: tick *Used as a filter* under Administration → Custom"
            " fields, or leave the mark field empty",
        )
    return None


def _fine(settings: RedmineSettings, names: Names) -> Checked:
    zh, en = f"可以访问项目 {settings.project}", f"The project {settings.project} can be used"
    closed = {str(row.get("name")): row.get("is_closed") for row in names.rows("status")}
    first = [settings.status_map[state][0] for state in ("done", "dropped") if settings.status_map.get(state)]
    if left_open := [name for name in first if not _flag(closed, name)]:
        zh += f"；但状态 {'、'.join(left_open)} 在 Redmine 中不算关闭"
        en += f"; but {', '.join(left_open)} does not count as closed there"
    return Checked(True, Text(zh=zh, en=en))


def _flag(closed: Mapping[str, Any], name: str) -> bool:
    return closed.get(name) is True


def _no(zh: str, en: str) -> Checked:
    return Checked(False, Text(zh=zh, en=en))
