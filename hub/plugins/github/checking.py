"""Can a connection to GitHub work? Said in both languages, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.plugins.github.answers import NotThere
from hub.plugins.github.client import Client
from hub.plugins.github.place import Place
from hub.sdk import Checked, Refused, Retry, Text


def check(client: Client, place: Place, token: str, hook_secret: str) -> Checked:
    """Token, repository and rights. What a fine-grained token may write, the first write tells."""
    if not token:
        return _no("没有令牌", "There is no token")
    try:
        found = place.look()
        scopes = client.call("GET", f"/repos/{place.name}").headers.get("X-OAuth-Scopes")
    except NotThere as error:
        return _no(f"GitHub 没有找到它：{error.message}", f"GitHub does not find it: {error.message}")
    except (Retry, Refused) as error:
        return _no(f"GitHub 没有接受：{error.reason}", f"GitHub did not accept it: {error.reason}")
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
        return _no(f"仓库 {name} 已停用议题", f"Issues are disabled in {name}")
    if found.get("archived"):
        return _no(f"仓库 {name} 已归档，只读", f"The repository {name} is archived and cannot be changed")
    # Only classic tokens name their scopes; an empty list is a token that may only read what is public.
    granted = {scope.strip() for scope in (scopes or "").split(",")}
    needed = {"repo"} if found.get("private") else {"repo", "public_repo"}
    if scopes is not None and not granted & needed:
        return _no("令牌缺少 repo 权限", "The token lacks the scope repo")
    rights = found.get("permissions")
    if isinstance(rights, dict) and not any(rights.values()):
        return _no(f"令牌无权使用仓库 {name}", f"The token has no rights in {name}")
    return None


def _no(zh: str, en: str) -> Checked:
    return Checked(False, Text(zh=zh, en=en))
