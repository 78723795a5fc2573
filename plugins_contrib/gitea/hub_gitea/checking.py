"""Can a connection work? Said in both languages, before anything is written."""

from __future__ import annotations

from hub.sdk import Checked, Refused, Retry, Text
from hub_gitea.client import Client, Denied, NotThere, Row, Unusable
from hub_gitea.place import Hidden, Place

SENTENCES = {
    "token": Text(
        zh="服务器不接受此令牌（被撤销或未复制完整）：请在 设置 → 应用 → 管理访问令牌 重新生成，再填到这里",
        en="The server does not accept this token (revoked or not copied whole): make a new one under"
        " Settings → Applications → Access tokens and enter it here",
    ),
    "root": Text(
        zh="该地址不是 Gitea 或 Forgejo：请填写浏览器中看到的根地址，如 https://git.example.org；"
        "若安装在子路径下，请一并填写",
        en="This is neither Gitea nor Forgejo: write the root address that your browser shows, such as"
        " https://git.example.org, with the path below which it is installed",
    ),
    "https": Text(
        zh="该地址只接受 https：请把根地址改为以 https:// 开头",
        en="This server wants https: let the root address begin with https://",
    ),
}


def check(client: Client, place: Place, token: str, hook_secret: str) -> Checked:
    """Token, repository and rights."""
    if not token:
        return _no("没有令牌：请填写访问令牌", "There is no token: enter an access token")
    try:
        found = place.look()
    except Unusable as no:
        return Checked(False, SENTENCES[no.cause])
    except (Hidden, NotThere):
        return _no(
            f"没有仓库 {place.name}，或令牌无权查看：请检查名称（owner/name），把该账号加为协作者，并给令牌"
            " repository（读）与 issue（读写）权限",
            f"There is no repository {place.name}, or the token may not see it: check the name (owner/name),"
            " add its account as a collaborator, and give the token repository (read) and issue"
            " (read and write)",
        )
    except Denied as no:
        return _no(
            f"服务器拒绝（{no.status}：{no.message}）：请给令牌 repository（读）与 issue（读写）权限",
            f"The server refuses ({no.status}: {no.message}): give the token repository (read) and issue"
            " (read and write)",
        )
    except (Retry, Refused) as error:
        return Checked.unreached("Gitea", error)
    return _wrong(found) or _fine(found, hook_secret)


def _wrong(found: Row) -> Checked | None:
    name, rights = found.get("full_name"), found.get("permissions")
    if found.get("has_issues") is False:
        return _no(
            f"仓库 {name} 已停用工单：请在仓库 设置 → 单元 中启用内置工单",
            f"Issues are disabled in {name}: enable the built-in issues under Settings → Units of the"
            " repository",
        )
    if found.get("archived"):
        return _no(
            f"仓库 {name} 已归档，只读：请先取消归档，或改用另一仓库",
            f"The repository {name} is archived and cannot be changed: unarchive it or take another one",
        )
    if isinstance(rights, dict) and not any(rights.values()):
        return _no(
            f"令牌无权使用仓库 {name}：请把该账号加为协作者",
            f"The token has no rights in {name}: add its account as a collaborator",
        )
    return None


def _fine(found: Row, hook_secret: str) -> Checked:
    zh, en = f"可以访问仓库 {found['full_name']}", f"The repository {found['full_name']} can be used"
    rights = found.get("permissions")
    if isinstance(rights, dict) and not (rights.get("push") or rights.get("admin")):
        zh += "；但该账号无写权限，服务器会忽略标签和负责人"
        en += "; but the account may not write, so the server drops labels and assignees"
    if not hook_secret:
        zh += "；没有 Webhook 密钥，只靠定期查询"
        en += "; without a hook secret there are no webhooks, only the regular look"
    return Checked(True, Text(zh=zh, en=en))


def _no(zh: str, en: str) -> Checked:
    return Checked(False, Text(zh=zh, en=en))
