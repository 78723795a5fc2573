"""The imitated Jira as the lab plays with it: it acts as its people and sees as they see."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hub.core.database import Clock
from hub.core.values import (
    CANONICAL_FIELDS,
    DeliveryValue,
    FarComment,
    FarFile,
    FarItem,
    FarWork,
    Refused,
)
from hub.lab.jira import EMAIL, PEOPLE, STATUSES, TOKEN, Jira
from hub.lab.jira.papers import NotThere
from hub.lab.jira.prose import plain
from hub.lab.jira.shapes import event
from hub.lab.jira.site import WORKFLOW, Comment, Issue, Wrong

SECRET = "a-hook-secret-for-the-lab"  # noqa: S105 - of an imitation
OUR_LABEL = re.compile(r"hub-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WORDS = {"title": "summary", "due": "duedate"}
RESOLVED = {"resolution": {"name": "Done"}}
# Less than the plugin's patience with the search.
LAG = dt.timedelta(seconds=90)


class JiraImitation:
    """Fulfils the lab's protocol of an imitation: Cloud."""

    cloud = True
    secrets: Mapping[str, str] = MappingProxyType({"token": TOKEN, "hook_secret": SECRET})
    accounts = tuple(PEOPLE)
    states = STATUSES
    fields = CANONICAL_FIELDS
    logged = fields
    quirks = frozenset({"silent", "lag", "skew", "burst"})

    def __init__(self, clock: Clock) -> None:
        """``clock`` gives the time; Jira's own may go wrong."""
        self._clock = clock
        self._off = dt.timedelta(0)
        self._jira = Jira(self, cloud=self.cloud)
        self._site = self._jira.site
        self._events: list[dict[str, Any]] = []
        self._site.changed, self._site.steady = self._tell, self._clock
        self.application = self._jira.app

    @property
    def settings(self) -> Mapping[str, Any]:
        """A connection to it."""
        return {
            "base_url": "https://jira.invalid",
            "flavour": "cloud" if self.cloud else "datacenter",
            "email": EMAIL if self.cloud else "",
            "project": "OPS",
            "through": ["In Progress", "To Do"],
            "transition_fields": {"Done": RESOLVED, "Cancelled": RESOLVED},
        }

    @property
    def breaches(self) -> int:
        """How often its limits were broken."""
        return self._jira.breaches

    def now(self) -> dt.datetime:
        """Jira's own clock."""
        return self._clock.now() + self._off

    def reset(self) -> None:
        """Forget every issue, fault and delivery."""
        self._off = dt.timedelta(0)
        self._jira.forget()
        self._events.clear()

    def see(self, ref: str) -> FarItem | None:
        """The issue in the words of the plugin's ``fetch``."""
        try:
            found = self._site.find(ref)
        except NotThere:
            return None
        values = {
            "title": found.summary,
            "body": plain(found.description),
            "status": found.status,
            "assignee": found.assignee,
            "labels": frozenset(one for one in found.labels if not OUR_LABEL.fullmatch(one)),
            "priority": found.priority,
            "due": found.duedate,
            "estimate": (found.timeoriginalestimate or 0) // 60 or None,
        }
        comments = tuple(
            FarComment(one.id, self._site.people.get(one.author, one.author), plain(one.body))
            for one in found.comments.values()
        )
        version = found.log[-1]["id"] if found.log else "0"
        files = tuple(FarFile(one.id, one.name, len(one.data)) for one in found.attachments.values())
        work = tuple(
            FarWork(one.id, self._site.people.get(one.author, ""), one.started.date(), one.seconds // 60)
            for one in found.worklogs.values()
        )
        return FarItem(found.id, "", values, version, comments, files=files, worklogs=work)

    def items(self) -> list[str]:
        """The numbers of all issues."""
        return list(self._site.issues)

    def edit(self, ref: str, who: str, field: str, value: Any) -> None:
        """Somebody changes one field; a status only where a transition leads there now."""
        found = self._site.find(ref)
        try:
            if field == "status":
                self._go(found, who, value)
            elif field == "labels":
                ours = [one for one in found.labels if OUR_LABEL.fullmatch(one)]
                self._site.change(found, who, {"labels": [*value, *ours]})
            elif field == "body":
                self._site.change(found, who, {"description": self._site.native(value)})
            elif field == "estimate":
                self._site.change(found, who, {"timeoriginalestimate": value and value * 60})
            else:
                self._site.change(found, who, {WORDS.get(field, field): value})
        except Wrong as wrong:
            raise Refused(str(wrong), [field]) from None

    def _go(self, found: Issue, who: str, status: str) -> None:
        number = next((number for number, target, _asked in WORKFLOW[found.status] if target == status), "")
        if found.status != status:
            self._site.go(found, who, number, RESOLVED)

    def say(self, ref: str, who: str, text: str) -> str:
        """Somebody comments."""
        return self._site.say(self._site.find(ref), who, self._site.native(text)).id

    def edit_comment(self, ref: str, comment: str, who: str, text: str) -> None:
        """Somebody changes a comment."""
        found = self._site.find(ref)
        self._site.edit_comment(found, found.comments[comment], who, self._site.native(text))

    def delete_comment(self, ref: str, comment: str, who: str) -> None:
        """Somebody takes a comment away."""
        found = self._site.find(ref)
        self._site.delete_comment(found, found.comments[comment], who)

    def attach(self, ref: str, who: str, name: str, data: bytes) -> str:
        """Somebody puts a file to the issue."""
        return self._site.attach(self._site.find(ref), who, name, data).id

    def detach(self, ref: str, file: str, who: str) -> None:
        """Somebody takes a file away."""
        self._site.forgo(self._site.find(ref), "attachment", file, who)

    def bytes_of(self, ref: str, file: str) -> bytes:
        """What an attachment holds."""
        return self._site.attachment(file).data

    def log_work(self, ref: str, who: str, minutes: int) -> str:
        """Somebody logs time."""
        return self._site.work(self._site.find(ref), who, minutes).id

    def unlog_work(self, ref: str, work: str, who: str) -> None:
        """Somebody takes back time they logged."""
        self._site.forgo(self._site.find(ref), "worklog", work, who)

    def delete(self, ref: str) -> None:
        """Somebody deletes the issue."""
        self._site.delete(self._site.find(ref))

    def move(self, ref: str) -> str:
        """Somebody moves the issue to another project: its number stays."""
        self._site.move(self._site.find(ref), self.accounts[0], "ARCH")
        return ref

    def deliveries(self) -> list[DeliveryValue]:
        """The signed hooks since the last call."""
        events, self._events[:] = list(self._events), []
        return [self._delivery(one) for one in events]

    def _tell(self, name: str, found: Issue, comment: Comment | None, who: str) -> None:
        self._events.append(event(self._site, name, found, comment, who, self._clock.now()))

    def _delivery(self, body: dict[str, Any]) -> DeliveryValue:
        sent = json.dumps(body).encode()
        signed = hmac.new(SECRET.encode(), sent, hashlib.sha256).hexdigest()
        key = hashlib.sha256(sent).hexdigest()
        headers = {"x-hub-signature": f"sha256={signed}", "x-atlassian-webhook-identifier": key}
        return DeliveryValue(key, headers, sent, self._clock.now())

    def ail(self, quirk: str) -> None:
        """``silent``: a write changes nothing; ``lag``: the index is late; ``skew``; ``burst``: 429."""
        if quirk == "skew":
            self._off = dt.timedelta(minutes=-2)
        elif quirk == "lag":
            self._site.lag = LAG
        elif quirk == "silent":
            self._jira.faults.next("change_nothing")
        elif quirk == "burst":
            self._jira.faults.next("too_many")

    def heal(self) -> None:
        """Work as one should."""
        self._jira.faults.clear()
        self._site.lag = self._off = dt.timedelta(0)

    def close(self) -> None:
        """There is nothing to give back."""


class DataCenterImitation(JiraImitation):
    """The same for Data Center: wiki text, names, the old search in minutes."""

    cloud = False
