"""What Worktile's refusals mean for people. Its list of error codes is not published."""

from __future__ import annotations

from hub.sdk import Refused, Text

# Seen in working clients: 1102 is a malformed token, 1103 one that is wrong or at its end.
TOKEN = frozenset((1102, 1103))

SENTENCES = {
    "credentials": Text(
        zh="Worktile 不接受此凭据：请从创建应用的页面重新复制 client id 与密钥（或重新获取 refresh token）",
        en="Worktile does not accept these credentials: copy the client id and secret again from the page"
        " where the application was made (or fetch a new refresh token)",
    ),
    "https": Text(
        zh="该地址只接受 https：请把根地址改为以 https:// 开头",
        en="This server wants https: let the root address begin with https://",
    ),
    "root": Text(
        zh="该地址不是 Worktile 开放接口：公有云请填 https://dev.worktile.com，私有部署请填其域名",
        en="This is not Worktile's open API: write https://dev.worktile.com for the cloud,"
        " its own domain for a private server",
    ),
    "create": Text(
        zh="Worktile 未公开新建任务的接口：请关联已有任务，或由管理员在连接设置 calls 中填写 create",
        en="Worktile publishes no call for making a task: link an existing one, or let an administrator"
        " who knows the server name “create” in the setting calls",
    ),
    "update": Text(
        zh="Worktile 未公开修改任务的接口：请在 Worktile 中修改，或由管理员在连接设置 calls 中填写 update",
        en="Worktile publishes no call for changing a task: change it there, or let an administrator"
        " who knows the server name “update” in the setting calls",
    ),
    "comment": Text(
        zh="Worktile 未公开添加评论的接口：请在 Worktile 中评论，或由管理员在连接设置 calls 中填写 comment",
        en="Worktile publishes no call for comments: comment there, or let an administrator"
        " who knows the server name “comment” in the setting calls",
    ),
}


class WorktileRefused(Refused):
    """A no with a sentence in both languages."""

    def __init__(self, text: Text, fields: tuple[str, ...] = ()) -> None:
        """``text`` says what to do."""
        super().__init__(f"{text.zh} / {text.en}", fields)
        self.text = text


def refused(name: str, fields: tuple[str, ...] = ()) -> WorktileRefused:
    """The refusal with this sentence."""
    return WorktileRefused(SENTENCES[name], fields)


def unknown(code: object) -> WorktileRefused:
    """A code nobody has told the meaning of."""
    return WorktileRefused(Text(zh=f"Worktile 拒绝（代码 {code}）", en=f"Worktile refuses (code {code})"))
