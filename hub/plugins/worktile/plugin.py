"""Worktile's words in the hub's: it reads what is published and writes by calls an administrator named."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from hub.plugins.worktile import reading, sweeping
from hub.plugins.worktile.checking import check
from hub.plugins.worktile.client import Client, NotThere
from hub.plugins.worktile.settings import WorktileSettings
from hub.plugins.worktile.texts import refused
from hub.sdk import (
    CANONICAL_FIELDS,
    Catalogue,
    Checked,
    DeliveryValue,
    FarChange,
    FarItem,
    Gone,
    Hint,
    Http,
    MovedTo,
    Retry,
    SetChange,
    Text,
    TrackerKind,
    hookimpl,
    posted,
    reads,
)

SIGN = re.compile(r"\s*\[hub:[0-9a-f]{12}\]")
IN_COMMENT = re.compile(r"\s*\[hub:([0-9a-zA-Z-]{8,40})\]")
# Its limit is not published: a working client keeps to few calls, so do we.
CALLS = 60
LIMITS = (
    Text(
        zh="新建与修改任务、添加评论：Worktile 未公开这些接口，除非管理员在 calls 中填写",
        en="Making and changing tasks and adding comments: Worktile publishes no such calls,"
        " unless an administrator names them under calls",
    ),
    Text(zh="修改和删除评论", en="Changing and deleting comments"),
    Text(
        zh="变更列表：逐页读取，更新可能晚几分钟到达",
        en="A list of changes: pages are read one after the other, so that news may take minutes",
    ),
    Text(zh="已删除的任务：只有返回 404 时才能识别", en="Deleted tasks are known only by a 404"),
    Text(zh="工时、目标、审批、附件", en="Work logs, goals, approvals and files"),
)


class WorktileTracker:
    """One connection to a project of Worktile."""

    capabilities: frozenset[str] = frozenset({"scan"})
    # How soon its lists know a new task is not published.
    find_lag = dt.timedelta(minutes=1)

    def __init__(self, client: Client, settings: WorktileSettings) -> None:
        """``client`` speaks for the team or for one person."""
        self._client, self._settings = client, settings

    def check(self) -> Checked:
        """Can these settings work? Says what to do where they cannot, and what is off."""
        return check(self._client, self._settings)

    @reads
    def catalogue(self) -> Catalogue:
        """The team's people; states cannot be listed, so that those of the mapping are named."""
        states = {name for names in self._settings.status_map.values() for name in names}
        people: dict[str, str] = {}
        mails: dict[str, str] = {}
        if self._settings.api == "tenant":
            for row in sweeping.every(self._client, "/open-api/contact/get-members-by-page"):
                people[reading.ref(row)] = str(row.get("display_name") or row.get("name") or "")
                if row.get("email"):
                    mails[reading.ref(row)] = str(row["email"])
        writes = {"create", "update"} & set(self._settings.calls)
        return Catalogue(
            tuple(sorted(states)),
            tuple(people.items()),
            closed=False,
            required=("title",) if "create" in writes else (),
            fields={} if writes else dict.fromkeys(CANONICAL_FIELDS, "in"),
            mails=mails,
        )

    def verify(self, delivery: DeliveryValue) -> bool:
        """Worktile signs nothing: that a message knows the secret address is all the proof there is."""
        return True

    def hints(self, delivery: DeliveryValue) -> Iterable[Hint]:
        """The task a message names; it is read again, nothing else in the message is believed."""
        return [Hint(ref) for ref in dict.fromkeys(_named(posted(delivery)))]

    @reads
    def fetch(self, ref: str) -> FarItem | Gone | MovedTo:
        """Read one task with its comments."""
        try:
            body = self._client.call("task", ref, columns="properties,comments")
        except NotThere:
            return Gone("Worktile does not know the task (any more)")
        task = reading.one(body)
        if task is None:
            return Gone("Worktile shows no such task")
        if reading.ref(task) != ref:
            return MovedTo(reading.ref(task))
        fields = {
            "title": SIGN.sub("", str(task.get("title") or "")),
            "body": reading.text(reading.value(task, "desc") or ""),
            "status": reading.state(task),
            "assignee": reading.person(reading.value(task, "assignee")),
            "labels": reading.labels(task),
        }
        comments = tuple(_marked(comment) for comment in reading.comments(task))
        version = str(reading.moment(task.get("updated_at")))
        return FarItem(ref, str(task.get("url") or ""), fields, version, comments)

    def create(self, fields: Mapping[str, Any], mark: str) -> str:
        """Make a task that carries the mark at the end of its title."""
        title = f"{fields.get('title', '')} {_sign(mark)}"
        body = self._named({**fields, "title": title, "project": self._settings.project})
        made = reading.one(self._client.call("create", body=body))
        if made is None:
            raise Retry("Worktile did not say what it made")
        return reading.ref(made)

    @reads
    def find(self, mark: str) -> str | None:
        """The task that carries the mark; every page is read, for there is no search."""
        sign = _sign(mark)
        for task in sweeping.tasks(self._client):
            if sign in str(task.get("title")):
                return reading.ref(task) or None
        return None

    def update(self, ref: str, changes: Mapping[str, Any]) -> None:
        """Write these fields by the call that was named for it; labels go whole."""
        if self._settings.call("update") is None:
            raise refused("update", tuple(changes))
        if nameless := tuple(name for name in changes if name not in self._settings.names):
            raise refused("update", nameless)
        try:
            written = dict(changes)
            if "title" in changes or "labels" in changes:
                there = reading.one(self._client.call("task", ref, columns="properties")) or {}
                written = {**written, **self._whole(changes, there)}
            self._client.call("update", ref, body=self._named(written))
        except NotThere:
            raise Retry("the task went while it was written") from None

    @staticmethod
    def _whole(changes: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
        whole: dict[str, Any] = {}
        if "title" in changes:
            sign = SIGN.search(str(there.get("title") or ""))
            whole["title"] = changes["title"] + (sign[0] if sign else "")
        if isinstance(change := changes.get("labels"), SetChange):
            whole["labels"] = (reading.labels(there) | change.add) - change.remove
        return whole

    def _named(self, values: Mapping[str, Any]) -> dict[str, Any]:
        names = self._settings.names
        return {
            names[name]: sorted(value) if isinstance(value, frozenset) else value
            for name, value in values.items()
            if name in names
        }

    @reads
    def history(self, ref: str, since: str | None) -> Sequence[FarChange]:
        """Worktile publishes no change log."""
        return ()

    def add_comment(self, ref: str, text: str, mark: str) -> str:
        """Say something on the task by the call that was named for it; the mark is the last line."""
        try:
            body = self._client.call("comment", ref, body=self._named({"text": f"{text}\n\n[hub:{mark}]"}))
        except NotThere:
            raise Retry("the task went while it was written") from None
        made = reading.one(body)
        if made is None:
            raise Retry("Worktile did not say what it made")
        return reading.ref(made)

    def edit_comment(self, ref: str, comment: str, text: str, mark: str) -> None:
        """Worktile publishes no call for it."""
        raise refused("comment")

    def delete_comment(self, ref: str, comment: str) -> None:
        """Worktile publishes no call for it."""
        raise refused("comment")

    @reads
    def changed_since(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """Tasks that changed, as far as this minute's pages tell."""
        return sweeping.look(self._client, cursor, self._settings.pages)

    @reads
    def scan(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """One page of the project's tasks."""
        return sweeping.page(self._client, cursor)


def _sign(mark: str) -> str:
    return f"[hub:{mark.replace('-', '')[-12:].lower().rjust(12, '0')}]"


def _marked(comment: Any) -> Any:
    found = IN_COMMENT.search(comment.text)
    if found is None:
        return comment
    text = IN_COMMENT.sub("", comment.text).strip("\n")
    return type(comment)(comment.ref, comment.author, text, comment.at, found[1])


def _named(message: Any) -> Iterator[str]:
    payload = message.get("payload") if isinstance(message, dict) else None
    if not isinstance(payload, dict):
        return
    for part in (payload, payload.get("task")):
        if isinstance(part, dict) and (found := part.get("id") or part.get("_id")) and isinstance(found, str):
            yield found


def _open(
    settings: WorktileSettings, secrets: Mapping[str, str], http: Http, state: Mapping[str, Any]
) -> WorktileTracker:
    return WorktileTracker(Client(http, settings, secrets), settings)


class WorktilePlugin:
    """Offers the tracker kind ``worktile``."""

    name = "worktile"
    title = Text(zh="Worktile", en="Worktile")
    api = ">=1.0,<2"

    @hookimpl
    def execute_trackers(self) -> Sequence[TrackerKind]:
        """Worktile: projects and tasks."""
        secrets = ("client_secret", "refresh_token")
        return [
            TrackerKind(
                "worktile",
                self.title,
                WorktileSettings,
                _open,
                secrets,
                calls_per_minute=CALLS,
                limits=LIMITS,
            )
        ]


plugin = WorktilePlugin()
