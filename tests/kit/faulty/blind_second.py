"""Fifteen more, written from the facts pages when the suites had learned from the first fifteen; none of both
was looked at while they were written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hub.plugins.sandbox.plugin import SandboxTracker
from hub.plugins.webhook import WebhookSource
from hub.sdk import FarComment, FarItem, Gone, MovedTo, Refused, Retry, TaskDraft
from tests.kit.faulty.channels import with_call, with_send
from tests.kit.making import Shelf, hooked

shelf = Shelf()


@shelf.tracker("leaves the labels out of an item it makes (Gitea wants their numbers, GitHub drops names)")
class Unlabelled(SandboxTracker):
    def create(self, fields: Any, mark: Any) -> str:
        return super().create({name: value for name, value in fields.items() if name != "labels"}, mark)


@shelf.tracker("takes an item whose mark holds ours for ours (PingCode searches by 'contains')")
class Contains(SandboxTracker):
    def find(self, mark: Any) -> Any:
        found, _now = self._client.items()
        return next((str(item["key"]) for item in found if mark in (item["external_id"] or "")), None)


@shelf.tracker("lists the first page of what there is and no other (Redmine's limit, Worktile's has_more)")
class ScansOnePage(SandboxTracker):
    def scan(self, cursor: Any) -> Any:
        page = self._client._call("GET", "/items", ("items",))
        return [item["key"] for item in page["items"]], None


@shelf.tracker(
    "takes every refusal to show an item for its deletion (GitLab's 404 without rights, a revoked token)"
)
class GoneWhenRefused(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        try:
            return super().fetch(ref)
        except Refused as no:
            return Gone(no.reason)


@shelf.tracker("brings the tracker's own notes on changes over as comments of people (GitLab's system notes)")
class SystemNotes(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        found = super().fetch(ref)
        if not isinstance(found, FarItem):
            return found
        notes = tuple(
            FarComment(f"note-{number}", one.author, f"changed {one.field}", one.at)
            for number, one in enumerate(self.history(ref, None))
        )
        return replace(found, comments=(*found.comments, *notes))


@shelf.tracker("follows an item to its new place and never says that it moved (GitHub's 301)")
class Follows(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        found = super().fetch(ref)
        return super().fetch(found.ref) if isinstance(found, MovedTo) else found


@shelf.tracker("leaves its mark in the text that people read here (GitHub's hidden comment)")
class MarkInText(SandboxTracker):
    def create(self, fields: Any, mark: Any) -> str:
        return super().create({**fields, "body": f"{fields.get('body', '')}\n\n<!-- hub:{mark} -->"}, mark)


@shelf.tracker("tells what our own account wrote as somebody else's change (own journals in Redmine)")
class AllForeign(SandboxTracker):
    def history(self, ref: Any, since: Any) -> Any:
        return [replace(one, foreign=True) for one in super().history(ref, since)]


@shelf.tracker(
    "leaves empty values out of an update, so that nothing is ever cleared there (PingCode's null)"
)
class NeverClears(SandboxTracker):
    def update(self, ref: Any, changes: Any) -> None:
        if kept := {name: value for name, value in changes.items() if value not in (None, "")}:
            super().update(ref, kept)


@shelf.intake("looks at the first of several signatures only, so that none fits while a secret is replaced")
class FirstSignature(WebhookSource):
    def verify(self, delivery: Any) -> bool:
        first = delivery.headers.get("webhook-signature", "").partition(" ")[0]
        return super().verify(replace(delivery, headers={**delivery.headers, "webhook-signature": first}))


@shelf.intake("keys a draft by who wrote it, so that a person's second wish is taken for the first")
class KeyedByPerson(WebhookSource):
    def drafts(self, delivery: Any) -> Any:
        return [replace(one, key=one.contact_email or one.key) for one in super().drafts(delivery)]


@shelf.channel("says it again at once when the answer was lost, though the outbox does that (any chat)")
@with_call
def _(self: Any, method: Any, path: Any, body: Any, good: Any) -> Any:
    try:
        return good()
    except Retry:
        return good()


@shelf.channel("leaves the subject out, so that nobody sees which request is meant (any chat)")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    return good(replace(message, subject=""))


@shelf.hook("names the needs of a task by their place instead of their number")
def assign_split(self: Any, context: Any) -> Any:
    return [TaskDraft(context.request.title, need_ids=tuple(range(len(context.request.needs))))]


@shelf.plugin("works with exactly the API of today, so that the next release of the hub stops it (Kibana)")
def _pinned() -> Any:
    plugin = hooked(panels=lambda self, context: [])
    type(plugin).api = "==1.0"
    return plugin
