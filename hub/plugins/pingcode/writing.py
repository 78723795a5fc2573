"""What a change becomes in PingCode: a body, a step in its flow, labels by id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.plugins.pingcode import html, marks
from hub.plugins.pingcode.areas import Facts
from hub.plugins.pingcode.codes import SENTENCES, PingCodeRefused
from hub.sdk import SetChange, Text

Item = Mapping[str, Any]


def plain(item: Item, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The body of one PATCH for title, text and assignee."""
    body: dict[str, Any] = {}
    if "title" in changes:
        body["title"] = marks.kept(changes["title"], str(item.get("title") or ""))
    if "body" in changes:
        if lost := html.kept_out(str(item.get("description") or "")):
            said = Text(
                zh=f"PingCode 中的描述含有本系统无法改写的内容（{'、'.join(lost)}）：请在 PingCode 中修改",
                en=f"The description in PingCode holds what the hub cannot write ({', '.join(lost)}):"
                " change it there",
            )
            raise PingCodeRefused("description", said, ("body",))
        body["description"] = html.to_html(changes["body"])
    if "assignee" in changes:
        if changes["assignee"]:
            body["assignee_id"] = changes["assignee"]
        elif item.get("assignee"):
            # null is answered 200 and changes nothing, "" is refused.
            raise PingCodeRefused("assignee", SENTENCES["assignee"], ("assignee",))
    return body


def state(facts: Facts, item: Item, wanted: str) -> str | None:
    """The id of the state with this name, or of this type; None where it is there."""
    goals = facts.named("states", wanted, ("name", "type"))
    if not goals:
        said = Text(
            zh=f"该类型没有状态 {wanted}：请调整状态映射",
            en=f"The type has no state {wanted}: change the status map",
        )
        raise PingCodeRefused("state", said, ("status",))
    here = str((item.get("state") or {}).get("id", ""))
    if here in goals:
        return None
    follow = (facts.edges() or {}).get(here, ())
    # Knowing no way is not knowing that there is none: PingCode says so itself.
    return next((goal for goal in goals if goal in follow), goals[0])


def labels(facts: Facts, item: Item, change: SetChange) -> list[tuple[str, bool]]:
    """The tags to add (true) and to take away, by id."""
    there = {str(tag["name"]): str(tag["id"]) for tag in item.get("tags") or ()}
    steps = []
    for name in sorted(change.add - set(there)):
        found = facts.named("tags", name)
        if not found:
            said = Text(
                zh=f"PingCode 中没有标签“{name}”：请先在那里建立",
                en=f"PingCode has no tag “{name}”: make it there first",
            )
            raise PingCodeRefused("tag", said, ("labels",))
        steps.append((found[0], True))
    return steps + [(there[name], False) for name in sorted(change.remove & set(there))]
