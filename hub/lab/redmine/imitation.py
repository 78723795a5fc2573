"""The imitated Redmine as the lab plays with it: it acts as its people and sees as they see."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hub.core.database import Clock, new_uuid
from hub.core.values import DeliveryValue, FarComment, FarItem, Refused
from hub.lab.redmine import shown
from hub.lab.redmine.api import KEY, Api
from hub.lab.redmine.book import (
    BOT,
    OTHER,
    PEOPLE,
    PRIORITIES,
    PROJECT,
    STATUSES,
    Book,
    Issue,
    Journal,
    Wrong,
)

SECRET = "a-hook-secret-for-the-lab"  # noqa: S105 - of an imitation
# What people there do not see: our marks, and what keeps names and numbers from calling anybody.
UNSEEN = re.compile(r"<!-- hub:v1 id=\S+ -->\n?|(?<=[@#])\u200d")
NAMES = {
    "title": "subject",
    "body": "description",
    "status": "status_id",
    "assignee": "assigned_to_id",
    "priority": "priority_id",
    "due": "due_date",
    "estimate": "estimated_hours",
}


class RedmineImitation:
    """Fulfils the lab's protocol of an imitation."""

    settings: Mapping[str, Any] = MappingProxyType(
        {
            "base_url": "https://redmine.test",
            "project": PROJECT,
            "priority_map": {1: ["Urgent", "Immediate"], 2: ["High"], 3: ["Normal"], 4: ["Low"]},
        }
    )
    secrets: Mapping[str, str] = MappingProxyType({"key": KEY, "hook_secret": SECRET})
    accounts = tuple(str(number) for number in PEOPLE if number != BOT)
    states = tuple(STATUSES.values())
    fields = tuple(NAMES)
    logged = tuple(NAMES)
    # Neither the feed nor a hook tells of these: the issue keeps its time.
    untold = frozenset({"edit", "take_back"})
    quirks = frozenset({"silent", "skew", "stale"})
    breaches = 0

    def __init__(self, clock: Clock) -> None:
        """``clock`` gives the time; the server's own may go wrong."""
        self._clock = clock
        self._off = dt.timedelta(0)
        self.book = Book(self)
        self.api = Api(self.book)
        self.application = self.api.app
        self._sent: list[DeliveryValue] = []
        self.book.told = self._told
        self.reset()

    def now(self) -> dt.datetime:
        """The server's own clock."""
        return self._clock.now() + self._off

    def reset(self) -> None:
        """Forget every issue, fault and delivery."""
        self.heal()
        self._off = dt.timedelta(0)
        self._sent.clear()
        self.book.reset()

    def see(self, ref: str) -> FarItem | None:
        """The issue in the words of the plugin's ``fetch``."""
        issue = self.book.issues.get(int(ref))
        if issue is None:
            return None
        values, hours = issue.values, issue.values["estimated_hours"]
        seen = {
            "title": values["subject"],
            "body": _seen(values["description"] or ""),
            "status": STATUSES[values["status_id"]],
            "assignee": str(values["assigned_to_id"]) if values["assigned_to_id"] else None,
            "priority": PRIORITIES[values["priority_id"]],
            "due": values["due_date"],
            "estimate": None if hours is None else round(hours * 60),
        }
        said = [entry for entry in issue.journals if entry.notes.strip() and not entry.private]
        comments = tuple(FarComment(str(e.id), PEOPLE[e.user], _seen(e.notes)) for e in said)
        return FarItem(ref, "", seen, str(issue.updated), comments)

    def items(self) -> list[str]:
        """The numbers of all issues."""
        return [str(number) for number in self.book.issues]

    def edit(self, ref: str, who: str, field: str, value: Any) -> None:
        """Somebody changes one field on the page."""
        issue = self._issue(ref)
        if field == "body":
            value = _mark(issue.values["description"] or "") + value  # it stands before whoever edits
        elif field == "status":
            value = next(number for number, name in STATUSES.items() if name == value)
        elif field == "priority":
            value = next(number for number, name in PRIORITIES.items() if name == value)
        elif field == "assignee":
            value = int(value) if value else ""
        elif field == "estimate":
            value = "" if value is None else round(value / 60, 2)
        try:
            self.book.change(issue, int(who), {NAMES[field]: "" if value is None else value})
        except Wrong as wrong:
            raise Refused(str(wrong), [field]) from None

    def say(self, ref: str, who: str, text: str) -> str:
        """Somebody comments."""
        made = self.book.change(self._issue(ref), int(who), {"notes": text})
        if made is None:
            raise Refused("there is nothing to say")
        return str(made.id)

    def edit_comment(self, ref: str, comment: str, who: str, text: str) -> None:
        """Somebody changes a note and leaves its mark."""
        entry = self._entry(ref, comment)
        self.book.rewrite(entry, _mark(entry.notes) + text)

    def delete_comment(self, ref: str, comment: str, who: str) -> None:
        """Somebody empties a note."""
        self.book.rewrite(self._entry(ref, comment), "")

    def delete(self, ref: str) -> None:
        """Somebody deletes the issue."""
        self.book.delete(self._issue(ref))

    def move(self, ref: str) -> str:
        """Somebody moves the issue to another project: it keeps its number, and leaves our lists."""
        issue = self._issue(ref)
        issue.project = OTHER if issue.project == PROJECT else PROJECT
        issue.updated = self.book.now()
        return ref

    def deliveries(self) -> list[DeliveryValue]:
        """The hooks it has sent."""
        sent, self._sent[:] = list(self._sent), []
        return sent

    def ail(self, quirk: str) -> None:
        """``silent``: 204 and no effect; ``stale``: saved by two at once; ``skew``: two minutes ahead."""
        if quirk == "silent":
            self.api.silent += 1
        elif quirk == "stale":
            self.api.stale += 1
        elif quirk == "skew":
            self._off = dt.timedelta(minutes=2)

    def heal(self) -> None:
        """Work as one should; a clock that is wrong stays so."""
        self.api.silent = self.api.stale = 0

    def close(self) -> None:
        """Nothing is held."""

    def _told(self, what: str, issue: Issue, journal: Journal | None) -> None:
        if issue.project != PROJECT:
            return
        data: dict[str, Any] = {"issue": shown.issue(issue)}
        if journal is not None:
            data["journal"] = {"id": journal.id, "notes": journal.notes, "user": shown.person(journal.user)}
        at = shown.stamp(self.book.now())
        body = json.dumps({"type": what, "timestamp": at, "data": data}).encode()
        signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"content-type": "application/json", "x-redmine-signature-256": signature}
        self._sent.append(DeliveryValue(new_uuid(), headers, body, self._clock.now()))

    def _issue(self, ref: str) -> Issue:
        return self.book.issues[int(ref)]

    def _entry(self, ref: str, comment: str) -> Journal:
        return next(entry for entry in self._issue(ref).journals if entry.id == int(comment))


def _mark(text: str) -> str:
    return next((found[0] for found in UNSEEN.finditer(text) if found[0][0] == "<"), "")


def _seen(text: str) -> str:
    return UNSEEN.sub("", text.replace("\r\n", "\n"))
