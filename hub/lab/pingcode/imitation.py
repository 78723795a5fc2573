"""The imitation of PingCode as the lab plays with it: work items of one project."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hub.core.database import Clock, new_uuid
from hub.core.values import DeliveryValue, FarComment, FarItem, Refused
from hub.lab.pingcode.api import Api
from hub.lab.pingcode.board import CONTAINERS, PEOPLE, STATES, Board, Item, Wrong
from hub.lab.pingcode.guard import Door

CLIENT, SECRET, HOOK_SECRET = "lab-client", "lab-secret-0123456789", "lab-hook-0123456789"
LAG = 20
NAMES = {"body": "description", "labels": "tags", "status": "state"}
IN_TITLE = re.compile(r"\s*\[hub:[0-9a-f]{12}\]")
IN_COMMENT = re.compile(r"<p>\[hub:([0-9A-Za-z-]+)\]</p>")


class PingCodeImitation:
    """Fulfils ``hub.lab.imitation.Imitation``."""

    settings: Mapping[str, Any] = MappingProxyType(
        {
            "base_url": "https://pingcode.invalid",
            "client_id": CLIENT,
            "container": CONTAINERS["project"],
            "type": "task",
            "mark_property": "hub_ref",
            "status_map": {
                "open": ["新建"],
                "doing": ["处理中"],
                "waiting": ["挂起"],
                "done": ["已完成"],
                "dropped": ["已关闭"],
            },
        }
    )
    secrets: Mapping[str, str] = MappingProxyType({"client_secret": SECRET, "hook_secret": HOOK_SECRET})
    accounts = tuple(PEOPLE)
    states = tuple(STATES)
    fields = ("title", "body", "status", "assignee", "labels")
    logged: tuple[str, ...] = ()
    quirks = frozenset({"silent", "lag", "skew"})
    # A Flow signs nothing and sends a bearer token; the token of the API comes by a GET with a query.
    signature = "token"
    in_addresses = frozenset({"client_secret"})

    def __init__(self, clock: Clock, root: str = "") -> None:
        """``root`` is ``/open`` on a private server."""
        self._clock = clock
        self._off = dt.timedelta(0)
        self.board = Board(self)
        # Tokens and limits follow the true time: a clock that jumps back is the data's.
        self.door = Door(clock, {CLIENT: SECRET})
        self.api = Api(self.board, self.door, self, root)
        self.application = self.api.app

    def now(self) -> dt.datetime:
        """PingCode's own clock."""
        return self._clock.now() + self._off

    @property
    def breaches(self) -> int:
        """How often more than 200 calls a minute were made."""
        return self.door.breaches

    def reset(self) -> None:
        """Forget every item, fault and delivery."""
        self.heal()
        self.board.reset()
        self.door.reset()

    def see(self, ref: str) -> FarItem | None:
        """The item in the words of the plugin's ``fetch``."""
        item = self.board.items.get(ref)
        if item is None or item.deleted:
            return None
        values = {
            "title": IN_TITLE.sub("", item.title),
            "body": _paragraphs(item.description),
            "status": item.state,
            "assignee": item.assignee,
            "labels": frozenset(item.tags),
        }
        comments = tuple(_comment(one) for one in item.comments if not one["deleted"])
        return FarItem(ref, "", values, str(item.updated), comments)

    def items(self) -> list[str]:
        """The ids of all items that are there."""
        return [item.id for item in self.board.items.values() if not item.deleted]

    def edit(self, ref: str, who: str, field: str, value: Any) -> None:
        """Somebody changes one field in PingCode's pages, where an assignee can be cleared."""
        item = self._item(ref)
        if field == "body":
            value = _html(value)
        elif field == "labels":
            value = sorted(value)
        elif field == "title" and (mark := IN_TITLE.search(item.title)):
            value += mark[0]
        try:
            self.board.change(item, {NAMES.get(field, field): value})
        except Wrong as wrong:
            raise Refused(wrong.message, [field]) from None

    def say(self, ref: str, who: str, text: str) -> str:
        """Somebody comments."""
        return str(self.board.say(self._item(ref), who, _html(text))["id"])

    def edit_comment(self, ref: str, comment: str, who: str, text: str) -> None:
        """Somebody changes a comment in PingCode's pages; our line stays."""
        item = self._item(ref)
        found = self.board.comment(item, comment)
        mark = IN_COMMENT.search(found["content"])
        found["content"] = _html(text) + (mark[0] if mark else "")
        self.board.changed.append(item)

    def delete_comment(self, ref: str, comment: str, who: str) -> None:
        """Somebody takes a comment away; its row stays."""
        item = self._item(ref)
        self.board.comment(item, comment)["deleted"] = True
        self.board.changed.append(item)

    def delete(self, ref: str) -> None:
        """Somebody deletes the item."""
        self.board.delete(self._item(ref))

    def move(self, ref: str) -> str:
        """An item keeps its id wherever it goes."""
        return ref

    def deliveries(self) -> list[DeliveryValue]:
        """What a Flow set up by our guide sends: the id of the item, and the token it was given."""
        changed = list(dict.fromkeys(item.id for item in self.board.changed))
        self.board.changed.clear()
        headers = {"authorization": f"Bearer {HOOK_SECRET}"}
        return [
            DeliveryValue(new_uuid(), headers, json.dumps({"id": ref}).encode(), self._clock.now())
            for ref in changed
        ]

    def ail(self, quirk: str) -> None:
        """``silent``: the next write does nothing; ``lag``: lists are late; ``skew``: the clock is behind."""
        if quirk == "silent":
            self.api.silent += 1
        elif quirk == "lag":
            self.board.lag = LAG
        elif quirk == "skew":
            self._off = dt.timedelta(minutes=-2)

    def heal(self) -> None:
        """Work as one should."""
        self.api.silent, self.board.lag, self._off = 0, 0, dt.timedelta(0)

    def close(self) -> None:
        """Nothing is held."""

    def _item(self, ref: str) -> Item:
        return self.board.item("work_item", ref)


def _comment(one: Mapping[str, Any]) -> FarComment:
    mark = IN_COMMENT.search(one["content"])
    text = _paragraphs(IN_COMMENT.sub("", one["content"]))
    return FarComment(one["id"], PEOPLE.get(one["by"], ""), text, mark=mark[1] if mark else None)


def _html(text: str) -> str:
    parts = (html.escape(part, quote=False).replace("\n", "<br>") for part in text.split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in parts if part)


def _paragraphs(content: str) -> str:
    """The plain words in it, as the lab's people write them."""
    content = re.sub(r"<br ?/?>\n?", "\n", content)
    parts = re.findall(r"(?s)<p>(.*?)</p>", content) or ([content] if content else [])
    return "\n\n".join(html.unescape(re.sub(r"<(/?)(strong)>", "**", part)) for part in parts)
