"""How the imitation writes items and comments into its answers."""

from __future__ import annotations

from typing import Any

from hub.lab.pingcode.board import AREAS, CONTAINERS, PEOPLE, STATES, Item, state_id, tag_id

ROOT = "https://rest_api_root"


def person(account: str | None) -> dict[str, Any] | None:
    """A member as a reference."""
    if account is None:
        return None
    name = PEOPLE[account]
    url = f"{ROOT}/v1/directory/users/{account}"
    return {"id": account, "url": url, "name": name.lower(), "display_name": name}


def state(name: str) -> dict[str, Any]:
    """A state as a reference."""
    return {"id": state_id(name), "url": ROOT, "name": name, "type": STATES[name], "color": "#ff7575"}


def item(one: Item) -> dict[str, Any]:
    """An item as get-one and lists give it: without its type."""
    kind = AREAS[one.area]
    shape: dict[str, Any] = {
        "id": one.id,
        "url": f"{ROOT}/v1/{one.area}/{one.id}",
        kind: {"id": CONTAINERS[kind], "url": ROOT, "name": "Service"},
        "identifier": one.identifier,
        "short_id": f"s{one.number}",
        "html_url": f"https://pingcode.invalid/{one.area}/s{one.number}",
        "title": one.title,
        "state": state(one.state),
        "assignee": person(one.assignee),
        "description": one.description or None,
        "properties": {"hub_ref": None, "severity": None, **one.properties},
        "created_at": int(one.made),
        "created_by": None,
        "updated_at": one.updated,
        "updated_by": None,
    }
    if one.area == "work_item":
        tags = [{"id": tag_id(name), "url": ROOT, "name": name} for name in one.tags]
        shape |= {"tags": tags, "is_archived": 0, "is_deleted": int(one.deleted)}
    if one.area == "ticket":
        shape["channel"] = "internal"
    return shape


def comment(one: dict[str, Any]) -> dict[str, Any]:
    """A comment; a deleted one keeps its row."""
    return {
        "id": one["id"],
        "url": f"{ROOT}/v1/comments/{one['id']}",
        "content": one["content"],
        "created_at": one["at"],
        "created_by": person(one["by"]),
        "is_reply_comment": 0,
        "replied_comment": None,
        "attachments": [],
        "is_deleted": int(one["deleted"]),
    }
