"""Fifteen written from the facts pages after the suites were frozen: what real trackers and chats teach."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from typing import Any

from hub.plugins.sandbox.client import NotThere
from hub.plugins.sandbox.plugin import SandboxTracker
from hub.plugins.webhook import WebhookSource
from hub.sdk import FarItem, Gone, Retry
from tests.kit.faulty.channels import with_call, with_send
from tests.kit.making import NotesTracker, Shelf

shelf = Shelf()
CLOSED = ("done", "cancelled")


@shelf.tracker("lists open items only, so that one that was closed is never told (Redmine's default)")
class OpenFeed(SandboxTracker):
    def changed_since(self, cursor: Any) -> Any:
        found, now = self._client.items(**({"changed_since": int(cursor)} if cursor else {}))
        return [item["key"] for item in found if item["status"] not in CLOSED], str(now - 2)


@shelf.tracker("searches among open items only, so that a closed one is made again (Redmine, GitHub)")
class OpenSearch(SandboxTracker):
    def find(self, mark: Any) -> Any:
        found, _now = self._client.items(external_id=mark)
        return next((str(item["key"]) for item in found if item["status"] not in CLOSED), None)


@shelf.tracker("asks for a hundred rows and takes fifty for the last page (Gitea's cap)")
class CappedPage(SandboxTracker):
    def changed_since(self, cursor: Any) -> Any:
        page = self._client._call("GET", "/items", ("items", "now"), params={"changed_since": cursor or 0})
        return [item["key"] for item in page["items"]], str(page["now"] - 2)


@shelf.tracker("waits for ever for an item that is not there (404 is taken for an outage)")
class WaitsFor404(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        found = super().fetch(ref)
        if isinstance(found, Gone):
            raise Retry("HTTP 404")
        return found


@shelf.tracker("gives the owner's shown name instead of the account (Redmine, Worktile)")
class ShownName(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        found = super().fetch(ref)
        if not isinstance(found, FarItem):
            return found
        names = dict(self.catalogue().people)
        owner = found.fields["assignee"]
        return replace(found, fields={**found.fields, "assignee": names.get(owner, owner)})


@shelf.tracker("reads texts as HTML: an ampersand comes back as an entity (PingCode)")
class Entities(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        found = super().fetch(ref)
        if not isinstance(found, FarItem):
            return found
        body = found.fields["body"].replace("&", "&amp;").replace("<", "&lt;")
        return replace(found, fields={**found.fields, "body": body})


@shelf.tracker("goes on showing a comment that was deleted, from what it read before (tombstones)")
class Ghosts(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        found = super().fetch(ref)
        if not isinstance(found, FarItem):
            return found
        kept = self.__dict__.setdefault("_kept", {})
        kept.update({one.ref: one for one in found.comments})
        return replace(found, comments=tuple(kept.values()))


@shelf.tracker("makes a private note public by changing it (a note is edited by saying it again)")
class EditsInTheOpen(NotesTracker):
    def edit_comment(self, ref: Any, comment: Any, text: Any, mark: Any) -> None:
        found = self.fetch(ref)
        is_private = isinstance(found, FarItem) and any(
            c.ref == comment and c.internal for c in found.comments
        )
        if not is_private:
            return super().edit_comment(ref, comment, text, mark)
        super().delete_comment(ref, comment)
        self.add_comment(ref, text, mark)
        return None


@shelf.tracker(
    "does not notice that an item went while a comment was written, and breaks (404 on a sub-resource)"
)
class BreaksAtGone(SandboxTracker):
    def add_comment(self, ref: Any, text: Any, mark: Any) -> Any:
        try:
            return super().add_comment(ref, text, mark)
        except Retry as error:
            if "went" in error.reason:
                raise NotThere(None) from None
            raise


@shelf.intake("lets the sender choose how a delivery is proved (Jira names the method in the header)")
class SendersChoice(WebhookSource):
    def verify(self, delivery: Any) -> bool:
        if delivery.headers.get("webhook-signature", "").startswith("none,"):
            return True
        return super().verify(delivery)


@shelf.intake("signs with an empty key as long as none is set (Jira)")
class EmptyKey(WebhookSource):
    def verify(self, delivery: Any) -> bool:
        if any(self._keys):
            return super().verify(delivery)
        head = f"{delivery.headers.get('webhook-id')}.{delivery.headers.get('webhook-timestamp')}."
        made = hmac.digest(b"", head.encode("utf-8", "replace") + delivery.body, hashlib.sha256)
        wanted = b"v1," + base64.b64encode(made)
        return hmac.compare_digest(
            wanted, delivery.headers.get("webhook-signature", "").encode("utf-8", "replace")
        )


@shelf.intake("keys a draft by the time of its arrival, so that a redelivery makes a second request")
class KeyedByArrival(WebhookSource):
    def drafts(self, delivery: Any) -> Any:
        return [replace(one, key=delivery.received_at.isoformat()) for one in super().drafts(delivery)]


@shelf.channel("cuts what is longer than 2048 bytes and says nothing (WeCom)")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    return good(replace(message, text=message.text.encode()[:2048].decode("utf-8", "ignore")))


@shelf.channel("escapes twice, so that people read entities (Slack)")
@with_send
def _(self: Any, message: Any, good: Any) -> Any:
    text = message.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return good(replace(message, text=text))


@shelf.channel("follows a redirect and carries its token along (any chat)")
@with_call
def _(self: Any, method: Any, path: Any, body: Any, good: Any) -> Any:
    answer = self._http.send(method, self._api + path, json=body, headers=self._headers)
    if answer.status in (301, 302, 307) and answer.headers.get("Location"):
        self._http.send(method, answer.headers["Location"], json=body, headers=self._headers)
    return good() if method == "GET" or answer.status != 200 else answer.json()
