"""PingCode's error codes in words. No list is published: these have been seen on the real service."""

from __future__ import annotations

from hub.sdk import Refused, Text

WRONG_CREDENTIALS = "100024"
TOO_MANY = "100038"
# "Does not exist" comes as 400: work items, ideas, and the principal of comments.
GONE = frozenset(("100317", "100725"))
GONE_COMMENT = "100051"
# The text says "state does not exist", although it is the way there that is missing.
NO_WAY = frozenset(("100303", "100702", "100719"))

SENTENCES = {
    WRONG_CREDENTIALS: Text(
        zh="PingCode 不接受此 client id 或 client secret：请到“企业后台 → 凭据管理”重新复制两者",
        en="PingCode does not accept this client id or client secret: copy both again from 凭据管理"
        " in its admin console",
    ),
    "401": Text(
        zh="PingCode 不再接受此凭据：应用可能已删除或密钥已重置，请到“企业后台 → 凭据管理”重新获取",
        en="PingCode no longer accepts these credentials: the app was deleted or its secret reset;"
        " fetch them again from 凭据管理 in its admin console",
    ),
    "https": Text(
        zh="该地址只接受 https：请把根地址改为以 https:// 开头",
        en="This server wants https: let the root address begin with https://",
    ),
    "root": Text(
        zh="该地址不是 PingCode 开放接口：公有云请填 https://open.pingcode.com，私有部署请填 https://主机名/open",
        en="This is not PingCode's open API: write https://open.pingcode.com for the cloud,"
        " https://<host>/open for a private server",
    ),
    "state": Text(
        zh="PingCode 的流转规则不允许从当前状态转到该状态：请在 PingCode 中补上流转，或调整状态映射",
        en="PingCode's flow has no way from the present state to this one: add it there"
        " or change the status map",
    ),
    "assignee": Text(
        zh="PingCode 的接口不能清空负责人：请在 PingCode 页面上清空，或指定另一人",
        en="PingCode's API cannot clear an assignee: clear it in PingCode itself or choose somebody else",
    ),
}


class PingCodeRefused(Refused):
    """A no with PingCode's code and a sentence in both languages."""

    def __init__(self, code: str, text: Text, fields: tuple[str, ...] = ()) -> None:
        """``code`` is PingCode's, the HTTP status, or a key of ``SENTENCES``."""
        super().__init__(f"{text.zh} / {text.en}", fields)
        self.code = code
        self.text = text


def refused(code: str, message: str = "", fields: tuple[str, ...] = ()) -> PingCodeRefused:
    """The refusal for a code; PingCode's own words where the code is not known."""
    if code in NO_WAY:
        code = "state"
    known = SENTENCES.get(code)
    words = f"{message[:200]} ({code})".strip()
    said = Text(zh=f"PingCode 拒绝：{words}", en=f"PingCode refuses: {words}")
    return PingCodeRefused(code, known or said, fields or (("status",) if code == "state" else ()))


# What its API cannot do, shown where a connection is made.
LIMITS = (
    Text(
        zh="修改评论：本系统中的修改不会到达 PingCode，页面会注明",
        en="Comments cannot be changed there; the page says so",
    ),
    Text(zh="清空负责人：显示为“被拒绝”", en="An assignee cannot be cleared; it shows as refused"),
    Text(zh="需求和工单的标签", en="Labels of ideas and tickets"),
    Text(
        zh="描述中的表格、视频等：此类描述只读",
        en="Descriptions with tables, videos and the like are read only",
    ),
    Text(zh="附件、工时、优先级", en="Attachments, work logs and priorities are left alone"),
    Text(
        zh="需求与工单的删除不会通知：下次同步时才发现",
        en="Deleted ideas and tickets are noticed only when they are looked at again",
    ),
)
