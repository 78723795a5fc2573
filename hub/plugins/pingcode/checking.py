"""*Test connection*: one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterable

from hub.plugins.pingcode.areas import Facts, Place, both_words
from hub.plugins.pingcode.client import Client, part
from hub.plugins.pingcode.codes import SENTENCES, PingCodeRefused
from hub.plugins.pingcode.settings import PingCodeSettings
from hub.sdk import Catalogue, Checked, Refused, Retry, Text

TYPES = ("pending", "in_progress", "completed", "closed")


def check(facts: Facts, place: Place, settings: PingCodeSettings) -> Checked:
    """Credentials, address, area, type, states and the property for the mark."""
    try:
        wrong = _wrong(facts, place, settings)
    except Retry as ill:
        return Checked.unreached("PingCode", ill)
    except PingCodeRefused as no:
        return Checked(False, no.text if no.text in SENTENCES.values() else _closed(place, settings, no.code))
    except Refused as no:
        return Checked.unreached("PingCode", no)
    return Checked(False, wrong) if wrong else Checked(True, _fine(place, settings))


def catalogue(facts: Facts, place: Place, client: Client, settings: PingCodeSettings) -> Catalogue:
    """States, members and types of the project or product, and the ways its flows allow."""
    states = tuple(str(row.get("name")) for row in facts.rows("states"))
    base = "/v1/pjm/projects" if place.container == "project" else "/v1/ship/products"
    members = client.every(f"{base}/{part(settings.container)}/members")
    people = [row.get("user") or row for row in members]
    return Catalogue(
        (*states, *TYPES),
        tuple((str(one["id"]), str(one.get("display_name") or one.get("name"))) for one in people),
        facts.kinds(),
        moves=facts.moves(both_words),
        # Only work items take tags.
        fields={} if settings.area == "work_item" else {"labels": "in"},
        mails={str(one["id"]): str(one["email"]) for one in people if one.get("email")},
    )


def _wrong(facts: Facts, place: Place, settings: PingCodeSettings) -> Text | None:
    if settings.area != "idea":
        types = facts.rows("types", fresh=True)
        if settings.type not in {str(row.get("id")) for row in types}:
            there = _listed(f"{row.get('id')} ({row.get('name')})" for row in types)
            return Text(
                zh=f"这里没有类型 {settings.type}：请从这些类型中选一个：{there}",
                en=f"There is no type {settings.type} here: take one of {there}",
            )
    states = facts.rows("states", fresh=True)
    names = {str(row.get("name")) for row in states}
    mapped = {name for listed in settings.status_map.values() for name in listed}
    if missing := sorted(mapped - names - set(TYPES)):
        return Text(
            zh=f"状态映射中的 {_listed(missing)} 在 PingCode 中不存在：请改为 {_listed(sorted(names))}",
            en=f"The status map names {_listed(missing)}, which PingCode does not have:"
            f" use {_listed(sorted(names))}",
        )
    key = settings.mark_property
    if key and key not in {str(row.get("id")) for row in facts.rows("properties", fresh=True)}:
        return Text(
            zh=f"该类型没有属性 {key}：请在 PingCode 中把它加入属性方案，或清空此设置（标记将写在标题末尾）",
            en=f"The type has no property {key}: add it to the property scheme in PingCode, or leave the"
            " setting empty (the mark then stands at the end of titles)",
        )
    return None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _closed(place: Place, settings: PingCodeSettings, code: str) -> Text:
    """No code tells a wrong id from a missing right or an edition without this area."""
    return Text(
        zh=f"PingCode 不提供 {settings.container} 的{place.title.zh}（代码 {code}）：请检查编号、凭据的"
        f"数据范围与权限（{place.scopes}），以及当前版本是否包含该功能",
        en=f"PingCode gives no {place.title.en} of {settings.container} (code {code}): check the id, the data"
        f" range and scopes of the credentials ({place.scopes}), and whether your edition has this area",
    )


def _fine(place: Place, settings: PingCodeSettings) -> Text:
    labels = "" if settings.area == "work_item" else "、设置标签"
    labels_en = "" if settings.area == "work_item" else ", set labels"
    return Text(
        zh=f"已连接到 PingCode 的{place.title.zh}。其接口不能：修改评论、清空负责人{labels}、提供变更记录",
        en=f"Connected to PingCode's {place.title.en}. Its API cannot: change comments, clear an assignee"
        f"{labels_en}, tell a change log",
    )
