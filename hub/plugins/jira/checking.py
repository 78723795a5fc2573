"""Can a connection to Jira work? Said in both languages, before anything is written."""

from __future__ import annotations

from urllib.parse import quote

from hub.plugins.jira.client import Client
from hub.plugins.jira.errors import Denied, NotThere, Unusable, record, rows, words
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


SENTENCES = {
    "token": Text(
        zh="Jira 不接受此令牌（已过期、被撤销，或与邮箱不符）：请重新生成（Cloud：id.atlassian.com →"
        " Security → API tokens，并核对账号邮箱；Data Center：个人设置中的个人访问令牌）",
        en="Jira does not accept the token (expired, revoked, or of another e-mail): make a new one (Cloud:"
        " id.atlassian.com → Security → API tokens, and check the account e-mail; Data Center: personal"
        " access tokens in the profile)",
    ),
    "captcha": Text(
        zh="Jira 因多次登录失败要求验证码：请用此账号在浏览器登录一次 Jira，再测试",
        en="Jira wants a captcha after several failed sign-ins: sign in to Jira once in a browser as this"
        " account, then test again",
    ),
    "root": Text(
        zh="该地址不是 Jira 的起始地址：Cloud 请填 https://名称.atlassian.net，带权限范围的令牌请填"
        " https://api.atlassian.com/ex/jira/<cloud id>，Data Center 请填起始页地址（含上下文路径，如 /jira）",
        en="This is not where Jira begins: write https://name.atlassian.net for Cloud,"
        " https://api.atlassian.com/ex/jira/<cloud id> for a token with scopes, for Data Center the address"
        " of its start page (with its context path, such as /jira)",
    ),
    "https": Text(
        zh="该地址只接受 https：请把 Jira 地址改为以 https:// 开头",
        en="This server wants https: let the Jira address begin with https://",
    ),
}


def check(client: Client, settings: JiraSettings, hook_secret: str) -> Checked:
    """Token, project, statuses. What the account may write, the first write tells."""
    project = settings.project
    try:
        me = record(client.get("/myself"))
        known = statuses(client, project)
    except Unusable as no:
        return Checked(False, SENTENCES[no.cause])
    except NotThere as error:
        return _no(
            f"Jira 没有找到项目 {project}（{error.message}）：请检查项目键，以及该账号能否浏览此项目",
            f"Jira does not find the project {project} ({error.message}): check the key, and whether the"
            " account may browse this project",
        )
    except Denied as no:
        return _no(
            f"Jira 拒绝（{no.status}：{no.message}）：请检查该账号有无 Jira 使用权限、令牌的权限范围，以及站"
            "点的套餐或许可是否有效",
            f"Jira refuses ({no.status}: {no.message}): check whether the account has access to Jira, the"
            " scopes of the token, and whether the plan or licence of the site is in force",
        )
    except (Retry, Refused) as error:
        return Checked.unreached("Jira", error)
    mapped = {name for names in settings.status_map.values() for name in names} | set(settings.through)
    if unknown := ", ".join(sorted(mapped - set(known))):
        return _no(
            f"项目 {project} 没有这些状态：{unknown}；请在映射中改用已有的：{', '.join(known)}",
            f"The project {project} has no status {unknown}: map to those it has: {', '.join(known)}",
        )
    name = words(me.get("displayName")) or words(me.get("name"))
    zh, en = f"以 {name} 的身份可以访问项目 {project}", f"As {name} the project {project} can be used"
    if not hook_secret:
        zh += "；没有 Webhook 密钥，只靠定期查询"
        en += "; without a hook secret there are no webhooks, only the regular look"
    return Checked(True, Text(zh=zh, en=en))


def _no(zh: str, en: str) -> Checked:
    return Checked(False, Text(zh=zh, en=en))
