"""*Test connection*: one sentence that says what to do, and what is off."""

from __future__ import annotations

from hub.plugins.worktile import reading, sweeping
from hub.plugins.worktile.client import Client, NotThere
from hub.plugins.worktile.settings import WRITES, WorktileSettings
from hub.plugins.worktile.texts import SENTENCES, WorktileRefused
from hub.sdk import Checked, Refused, Retry, Text

SHOWN = 5
WORDS = {
    "create": Text(zh="新建任务", en="making tasks"),
    "update": Text(zh="修改任务", en="changing tasks"),
    "comment": Text(zh="添加评论", en="adding comments"),
}


def check(client: Client, settings: WorktileSettings) -> Checked:
    """Credentials, address and project."""
    try:
        wrong = _wrong(client, settings)
    except Retry as ill:
        return Checked.unreached("Worktile", ill)
    except NotThere:
        return Checked(False, SENTENCES["root"])
    except WorktileRefused as no:
        known = no.text in SENTENCES.values()
        return Checked(False, no.text if known else _closed(settings, no.text))
    except Refused as no:
        return Checked.unreached("Worktile", no)
    return Checked(False, wrong) if wrong else Checked(True, _fine(settings))


def _wrong(client: Client, settings: WorktileSettings) -> Text | None:
    if settings.api == "tenant":
        projects = list(sweeping.every(client, "/open-api/mission/get-projects-by-page"))
        if settings.project not in {reading.ref(row) for row in projects}:
            some = "、".join(f"{row.get('name')} ({reading.ref(row)})" for row in projects[:SHOWN]) or "–"
            return Text(
                zh=f"没有项目 {settings.project}，或凭据无权查看：可见的项目有 {some}",
                en=f"There is no project {settings.project} that these credentials may see:"
                f" take one of {some}",
            )
    sweeping.look(client, None, 1)
    return None


def _closed(settings: WorktileSettings, said: Text) -> Text:
    return Text(
        zh=f"{said.zh}：请检查应用的权限范围、项目 {settings.project}，以及当前版本是否开放接口",
        en=f"{said.en}: check the rights of the application, the project {settings.project}, and whether your"
        " edition opens the API",
    )


def _fine(settings: WorktileSettings) -> Text:
    off = [WORDS[name] for name in WRITES if settings.call(name) is None]
    zh, en = "、".join(text.zh for text in off), ", ".join(text.en for text in off)
    return Text(
        zh=f"已连接到 Worktile，任务会读入。{f'未开启：{zh}（Worktile 未公开这些接口）' if off else ''}",
        en="Connected to Worktile, tasks come in."
        + (f" Off: {en} (Worktile publishes no such calls)" if off else ""),
    )
