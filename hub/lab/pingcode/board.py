"""What the imitation of PingCode knows: items of the three areas, comments, states and flows; in memory."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.core.database import Clock

PEOPLE = {f"{number:032x}": name for number, name in enumerate(("Mei", "Jonas", "Lin", "Anna"), 0xA0)}
STATES = {
    "新建": "pending",
    "处理中": "in_progress",
    "挂起": "in_progress",
    "已完成": "completed",
    "已关闭": "closed",
}
# From each state the states its flow leads to: finishing takes two steps, and dropping can be taken back.
FLOWS = {
    "新建": ("处理中", "挂起", "已关闭"),
    "处理中": ("新建", "挂起", "已完成", "已关闭"),
    "挂起": ("新建", "处理中", "已完成", "已关闭"),
    "已完成": ("处理中", "挂起", "已关闭", "新建"),
    "已关闭": ("新建", "处理中", "挂起"),
}
TAGS = ("a", "b", "c", "red", "green", "blue", "grey", "printer", "网络")
AREAS = {"work_item": "project", "idea": "product", "ticket": "product"}
CONTAINERS = {"project": f"{0xF1:024x}", "product": f"{0xF2:024x}"}
TYPES = {"task": "任务", "bug": "缺陷"}
TICKET_TYPES = {f"{0xE1:024x}": "咨询"}
PROPERTIES = ("hub_ref", "severity")
MOST_TITLE = 255
MISSING = {"work_item": "100317", "idea": "100725", "ticket": "100726"}
SHANGHAI = dt.timezone(dt.timedelta(hours=8))


class Wrong(Exception):
    """What it answers 400 with; ``code`` is a digit string."""

    def __init__(self, code: str, message: str) -> None:
        """``message`` is for people."""
        super().__init__(message)
        self.code, self.message = code, message


def state_id(name: str) -> str:
    """The id of a state."""
    return f"{0xC0 + list(STATES).index(name):024x}"


def tag_id(name: str) -> str:
    """The id of a tag."""
    return f"{0xD0 + TAGS.index(name):024x}"


@dataclass
class Item:
    """One item; ``updated`` is in whole seconds, ``made`` says when lists begin to show it."""

    id: str
    number: int
    area: str
    title: str
    made: float
    description: str = ""
    state: str = "新建"
    assignee: str | None = None
    tags: list[str] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    updated: int = 0
    deleted: bool = False
    comments: list[dict[str, Any]] = field(default_factory=list)

    @property
    def identifier(self) -> str:
        """What people call it."""
        return f"{ {'work_item': 'RDD', 'idea': 'IDE', 'ticket': 'TKT'}[self.area] }-{self.number}"


class Board:
    """Everything it knows. ``lag`` seconds pass before lists and search show a new item."""

    def __init__(self, clock: Clock, *, lag: float = 0) -> None:
        """``clock`` gives the time."""
        self._clock, self.lag = clock, lag
        self.items: dict[str, Item] = {}
        self.changed: list[Item] = []
        self._made = 0

    def reset(self) -> None:
        """Forget every item."""
        self.items.clear()
        self.changed.clear()
        self._made = 0

    def now(self) -> int:
        """Its clock: whole seconds."""
        return int(self._clock.now().timestamp())

    def new_id(self) -> str:
        """24 hexadecimal digits."""
        self._made += 1
        return f"{0x5EB6 << 64 | self._made:024x}"

    def item(self, area: str, ref: str) -> Item:
        """The item of this id or short id, deleted or not; ideas and tickets know their identifier, too."""
        for item in self.items.values():
            names = {item.id, f"s{item.number}"} | (set() if area == "work_item" else {item.identifier})
            if item.area == area and ref in names:
                return item
        raise Wrong(MISSING.get(area, "100049"), f"{area}不存在")

    def shown(self, area: str) -> Iterator[Item]:
        """What lists and search know by now, by number."""
        now = self._clock.now().timestamp()
        # What was made before its clock went back has been shown since.
        late = {item.id for item in self.items.values() if now - self.lag < item.made <= now}
        return (item for item in self.items.values() if item.area == area and item.id not in late)

    def create(self, area: str, values: Mapping[str, Any]) -> Item:
        """Make an item from checked values."""
        at = self._clock.now().timestamp()
        made = Item(self.new_id(), len(self.items) + 1, area, "", at)
        self._take(made, values)
        self.items[made.id] = made
        self._touch(made)
        return made

    def change(self, item: Item, values: Mapping[str, Any]) -> None:
        """Change an item; the API's word for nobody does nothing."""
        if item.deleted:
            raise Wrong(MISSING[item.area], f"{item.area}不存在")
        before = self._picture(item)
        self._take(item, values)
        if self._picture(item) != before:
            self._touch(item)

    @staticmethod
    def _picture(item: Item) -> tuple[Any, ...]:
        return item.title, item.description, item.state, item.assignee, tuple(item.tags), str(item.properties)

    def _take(self, item: Item, values: Mapping[str, Any]) -> None:
        title = str(values.get("title", item.title)).strip()
        if not title or len(title) > MOST_TITLE:
            raise Wrong("100301", "标题长度须为 1 到 255")
        state = values.get("state", item.state)
        if state != item.state and state not in FLOWS[item.state]:
            raise Wrong({"ticket": "100702", "idea": "100719"}.get(item.area, "100303"), "状态不存在")
        if (assignee := values.get("assignee", item.assignee)) not in (None, *PEOPLE):
            raise Wrong("100301", "负责人不存在")
        properties = values.get("properties") or {}
        if unknown := sorted(set(properties) - set(PROPERTIES)):
            raise Wrong("100302", f"属性不存在: {unknown[0]}")
        item.title, item.state, item.assignee = title, state, assignee
        item.description = _cleaned(str(values.get("description", item.description) or ""))
        item.tags = list(values.get("tags", item.tags))
        item.properties = {**item.properties, **properties}

    def delete(self, item: Item) -> None:
        """Softly: it stays and says so."""
        item.deleted = True
        self._touch(item)

    def say(self, item: Item, who: str | None, content: str) -> dict[str, Any]:
        """Add a comment; ``who`` is None for an enterprise token, which is nobody."""
        if not content.strip():
            raise Wrong("100301", "评论不能为空")
        made = {"id": self.new_id(), "content": content, "by": who, "at": self.now(), "deleted": False}
        item.comments.append(made)
        self.changed.append(item)
        return made

    def comment(self, item: Item, ref: str) -> dict[str, Any]:
        """A comment that is there."""
        for comment in item.comments:
            if comment["id"] == ref and not comment["deleted"]:
                return comment
        raise Wrong("100051", "评论不存在")

    def _touch(self, item: Item) -> None:
        item.updated = self.now()
        self.changed.append(item)


def _cleaned(html: str) -> str:
    html = re.sub(r"(?is)<script.*?(</script>|$)", "", html)
    return re.sub(r"(?is)(<[^>]*?)\son\w+\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)", r"\1", html)
