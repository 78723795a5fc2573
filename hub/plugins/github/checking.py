"""Can a connection to GitHub work? Said in both languages, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.plugins.github.answers import Denied, Hidden, NotThere, Unusable
from hub.plugins.github.client import Client
from hub.plugins.github.place import Place
from hub.sdk import Checked, Refused, Retry, Text

SENTENCES = {
    "token": Text(
        zh="GitHub 不接受此令牌（已过期、被撤销或未复制完整）：请在 Settings → Developer settings → Personal"
        " access tokens 重新生成，再填到这里",
        en="GitHub does not accept this token (expired, revoked or not copied whole): make a new one under"
        " Settings → Developer settings → Personal access tokens and enter it here",
    ),
    "root": Text(
        zh="该地址不是 GitHub 的接口：github.com 请填 https://api.github.com，GitHub Enterprise Server 请填"
        " https://主机名/api/v3",
        en="This is not GitHub's API: write https://api.github.com for github.com, https://<host>/api/v3 for"
        " a GitHub Enterprise Server",
    ),
    "https": Text(
        zh="该地址只接受 https：请把接口地址改为以 https:// 开头",
        en="This server wants https: let the API address begin with https://",
    ),
    "sso": Text(
        zh="该组织要求令牌通过单点登录授权：请在 GitHub 的令牌列表中选择 Configure SSO 并授权该组织",
        en="The organisation wants the token authorised for its single sign-on: choose Configure SSO beside"
        " the token at GitHub and authorise the organisation",
    ),
}


def check(client: Client, place: Place, token: str, hook_secret: str) -> Checked:
    """Token, repository and rights. What a fine-grained token may write, the first write tells."""
    if not token:
        return _no("没有令牌：请填写 GitHub 的访问令牌", "There is no token: enter one that GitHub made")
    try:
        found = place.look()
        scopes = client.call("GET", f"/repos/{place.name}").headers.get("X-OAuth-Scopes")
    except Unusable as no:
        return Checked(False, SENTENCES[no.cause])
    except (Hidden, NotThere):
        return _no(
            f"GitHub 没有仓库 {place.name}，或令牌无权查看：请检查名称（owner/name）、令牌所选的仓库与权限"
            "（Issues：读写；Metadata：只读），以及该组织是否准许此类令牌",
            f"GitHub has no repository {place.name}, or the token may not see it: check the name"
            " (owner/name), the repositories and rights of the token (Issues: read and write, Metadata:"
            " read), and whether the organisation lets such tokens in",
        )
    except Denied as no:
        return _no(
            f"GitHub 拒绝（{no.status}：{no.message}）：请检查令牌权限（Issues：读写；Metadata：只读），以及"
            "当前套餐是否包含该功能",
            f"GitHub refuses ({no.status}: {no.message}): check the rights of the token (Issues: read and"
            " write, Metadata: read), and whether your plan has this area",
        )
    except (Retry, Refused) as error:
        return Checked.unreached("GitHub", error)
    if wrong := _wrong(found, scopes):
        return wrong
    zh, en = f"可以访问仓库 {place.name}", f"The repository {place.name} can be used"
    rights = found.get("permissions")
    if isinstance(rights, dict) and not (rights.get("push") or rights.get("triage")):
        zh += "；但该账号无写权限，GitHub 会忽略标签和负责人"
        en += "; but the account may not push, so GitHub drops labels and assignees"
    if not hook_secret:
        zh += "；没有 Webhook 密钥，只靠定期查询"
        en += "; without a hook secret there are no webhooks, only the regular look"
    return Checked(True, Text(zh=zh, en=en))


def _wrong(found: Mapping[str, Any], scopes: str | None) -> Checked | None:
    name = found.get("full_name")
    if found.get("has_issues") is False:
        return _no(
            f"仓库 {name} 已停用议题：请在仓库 Settings → General → Features 中勾选 Issues",
            f"Issues are disabled in {name}: tick Issues under Settings → General → Features of the"
            " repository",
        )
    if found.get("archived"):
        return _no(
            f"仓库 {name} 已归档，只读：请先取消归档，或改用另一仓库",
            f"The repository {name} is archived and cannot be changed: unarchive it or take another one",
        )
    # Only classic tokens name their scopes; an empty list is a token that may only read what is public.
    granted = {scope.strip() for scope in (scopes or "").split(",")}
    needed = {"repo"} if found.get("private") else {"repo", "public_repo"}
    if scopes is not None and not granted & needed:
        return _no(
            "令牌缺少 repo 权限：请在 GitHub 编辑该令牌并勾选 repo",
            "The token lacks the scope repo: edit it at GitHub and tick repo",
        )
    rights = found.get("permissions")
    if isinstance(rights, dict) and not any(rights.values()):
        return _no(
            f"令牌无权使用仓库 {name}：请把该账号加为协作者，并给令牌 Issues 读写权限",
            f"The token has no rights in {name}: add its account as a collaborator, and give the token"
            " Issues: read and write",
        )
    return None


def _no(zh: str, en: str) -> Checked:
    return Checked(False, Text(zh=zh, en=en))
