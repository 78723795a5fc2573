"""Trackers with one defect each, over the sandbox's good plugin."""

from __future__ import annotations

import datetime as dt
import json
import logging
import random
import time
from dataclasses import replace
from typing import Any

from hub.plugins.sandbox.client import NotThere
from hub.plugins.sandbox.plugin import SandboxTracker
from hub.sdk import Checked, FarItem, Gone, Hint, Refused, Retry, Text
from tests.kit.making import NotesTracker, Shelf

shelf = Shelf()
tracker = shelf.tracker
log = logging.getLogger("faulty")


# ---- retries and refusals ----


@tracker("swallows a 429 in the feed and says that nothing changed")
class SilentFeed(SandboxTracker):
    def changed_since(self, cursor: Any) -> Any:
        try:
            return super().changed_since(cursor)
        except Retry:
            return [], cursor


@tracker("takes a search that failed for an item that was never made")
class BlindSearch(SandboxTracker):
    def find(self, mark: Any) -> Any:
        try:
            return super().find(mark)
        except Retry:
            return None


@tracker("gives up a write at a 429 and reports nothing")
class LostWrite(SandboxTracker):
    def update(self, ref: Any, changes: Any) -> Any:
        try:
            super().update(ref, changes)
        except Retry:
            log.warning("busy")


@tracker("takes a far side that is busy for a deleted item")
class BusyIsGone(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        try:
            return super().fetch(ref)
        except Retry as busy:
            return Gone(busy.reason)


@tracker("tries again by itself after a 429")
class Stubborn(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        for _ in range(2):
            try:
                return super().fetch(ref)
            except Retry:
                continue
        return super().fetch(ref)


@tracker("sleeps before it reads")
class Sleeper(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        time.sleep(0.001)
        return super().fetch(ref)


@tracker("blocks for five seconds")
class Blocker(SandboxTracker):
    def changed_since(self, cursor: Any) -> Any:
        time.sleep(5)
        return super().changed_since(cursor)


@tracker("forgets for how long the tracker wants to be left alone")
class NoPatience(SandboxTracker):
    def create(self, fields: Any, mark: Any) -> Any:
        try:
            return super().create(fields, mark)
        except Retry as busy:
            raise Retry(busy.reason) from None


@tracker("turns a 429 into a refusal")
class HardNo(SandboxTracker):
    def add_comment(self, ref: Any, text: Any, mark: Any) -> Any:
        try:
            return super().add_comment(ref, text, mark)
        except Retry as busy:
            raise Refused(busy.reason) from None


@tracker("takes a lost right for a deleted item")
class RightIsGone(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        try:
            return super().fetch(ref)
        except Refused as no:
            return Gone(no.reason)


@tracker("finds nothing where it may not search")
class RightIsNothing(SandboxTracker):
    def find(self, mark: Any) -> Any:
        try:
            return super().find(mark)
        except Refused:
            return None


@tracker("takes a sign-in page for an empty list")
class PageIsEmpty(SandboxTracker):
    def changed_since(self, cursor: Any) -> Any:
        try:
            return super().changed_since(cursor)
        except Refused:
            return [], cursor


@tracker("takes a 422 for a done write")
class DeafWriter(SandboxTracker):
    def update(self, ref: Any, changes: Any) -> Any:
        try:
            super().update(ref, changes)
        except Refused:
            return


@tracker("takes an answer with 200 and no item in it for a created one")
class Believer(SandboxTracker):
    def create(self, fields: Any, mark: Any) -> Any:
        values = {("text" if name == "body" else name): value for name, value in fields.items()}
        made = self._client.create({**values, "labels": [], "external_id": mark})
        return str(made.get("key", ""))


@tracker("lets an error of its own leave where an answer has another shape")
class Fragile(SandboxTracker):
    def add_comment(self, ref: Any, text: Any, mark: Any) -> Any:
        return str(self._client.add_comment(ref, text, mark)["id"])


@tracker("follows a redirect to wherever it leads")
class Astray(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        answer = self.http.send("GET", str(self.settings.base_url) + f"api/items/{ref}")  # type: ignore[attr-defined]
        if answer.status in (301, 302, 307):
            self.http.send("GET", answer.headers["Location"])  # type: ignore[attr-defined]
        return super().fetch(ref)


# ---- reading ----


@tracker("drops tombstones: a deleted item is refused instead of gone")
class NoTombstone(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        found = super().fetch(ref)
        if isinstance(found, Gone):
            raise Refused("HTTP 410")
        return found


@tracker("takes a moved item for a deleted one")
class MovedIsGone(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        found = super().fetch(ref)
        return found if isinstance(found, FarItem | Gone) else Gone("410")


@tracker("gives the times of comments without a zone")
class Zoneless(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        return _comments(super().fetch(ref), lambda one: replace(one, at=one.at.replace(tzinfo=None)))


@tracker("takes local time for UTC")
class LocalTime(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        return _comments(super().fetch(ref), lambda one: replace(one, at=one.at + dt.timedelta(hours=8)))


@tracker("gives labels as a list")
class ListOfLabels(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        return _fields(super().fetch(ref), lambda values: {"labels": sorted(values["labels"])})


@tracker("gives no owner as an empty text")
class EmptyOwner(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        return _fields(super().fetch(ref), lambda values: {"assignee": values["assignee"] or ""})


@tracker("has no version, so that no change is seen")
class Versionless(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        found = super().fetch(ref)
        return replace(found, version="1") if isinstance(found, FarItem) else found


@tracker("cuts long titles")
class Cutter(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        return _fields(super().fetch(ref), lambda values: {"title": values["title"][:80]})


@tracker("shows the mark in the title")
class MarkInSight(SandboxTracker):
    def create(self, fields: Any, mark: Any) -> Any:
        return super().create({**fields, "title": f"{fields['title']} [{mark}]"}, mark)


@tracker("reads comments newest first")
class NewestFirst(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        found = super().fetch(ref)
        return replace(found, comments=found.comments[::-1]) if isinstance(found, FarItem) else found


@tracker("knows no authors")
class Anonymous(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        return _comments(super().fetch(ref), lambda one: replace(one, author=""))


@tracker("loses comments beyond the first page")
class FirstComments(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        found = super().fetch(ref)
        return replace(found, comments=found.comments[:100]) if isinstance(found, FarItem) else found


@tracker("loses the last page of changed items")
class FirstPage(SandboxTracker):
    def changed_since(self, cursor: Any) -> Any:
        refs, following = super().changed_since(cursor)
        return refs[:100], following


@tracker("gives the history of all times")
class WholeHistory(SandboxTracker):
    def history(self, ref: Any, since: Any) -> Any:
        return super().history(ref, None)


@tracker("offers a history and has none")
class NoHistory(SandboxTracker):
    def history(self, ref: Any, since: Any) -> Any:
        return ()


@tracker("names nobody in the history")
class NobodyDid(SandboxTracker):
    def history(self, ref: Any, since: Any) -> Any:
        return [replace(one, author="") for one in super().history(ref, since)]


@tracker("asks the feed without an overlap")
class NoOverlap(SandboxTracker):
    def changed_since(self, cursor: Any) -> Any:
        refs, following = super().changed_since(cursor)
        return refs, str(int(following or 0) + 3)


@tracker("keeps the cursor in memory")
class Forgetful(SandboxTracker):
    def changed_since(self, cursor: Any) -> Any:
        refs, following = super().changed_since(getattr(self, "_cursor", None))
        self._cursor = following
        return ([] if cursor and refs and not hasattr(self, "_told") else refs), "next"


@tracker("gives a number as the cursor")
class NumberCursor(SandboxTracker):
    def changed_since(self, cursor: Any) -> Any:
        refs, following = super().changed_since(cursor and str(cursor))
        return refs, int(following or 0)


# ---- writing ----


@tracker("pushes fields that did not change")
class PushesAll(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        self._read = super().fetch(ref)
        return self._read

    def update(self, ref: Any, changes: Any) -> None:
        known = getattr(self, "_read", None)
        all_of_it = {} if not isinstance(known, FarItem) else {"title": known.fields["title"]}
        all_of_it.update({} if not isinstance(known, FarItem) else {"body": known.fields["body"]})
        super().update(ref, {**all_of_it, **changes})


@tracker("writes labels whole, as it read them")
class WholeLabels(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        self._read = super().fetch(ref)
        return self._read

    def update(self, ref: Any, changes: Any) -> None:
        super().update(ref, changes)
        if "labels" in changes and isinstance(getattr(self, "_read", None), FarItem):
            now = super().fetch(ref).fields["labels"]  # type: ignore[union-attr]
            wanted = (self._read.fields["labels"] | changes["labels"].add) - changes["labels"].remove
            self._client.change(ref, {"labels": {"add": sorted(wanted), "remove": sorted(now - wanted)}})


@tracker("never takes a label away")
class StickyLabels(SandboxTracker):
    def update(self, ref: Any, changes: Any) -> None:
        if "labels" in changes:
            changes = {**changes, "labels": replace(changes["labels"], remove=frozenset())}
        super().update(ref, changes)


@tracker("cannot take an owner out and says nothing")
class StickyOwner(SandboxTracker):
    def update(self, ref: Any, changes: Any) -> None:
        super().update(ref, {name: value for name, value in changes.items() if value is not None})


@tracker("drops a state that it does not know")
class DropsStates(SandboxTracker):
    def update(self, ref: Any, changes: Any) -> None:
        known = {"todo", "doing", "blocked", "done", "cancelled"}
        super().update(ref, {n: v for n, v in changes.items() if n != "status" or v in known})


@tracker("forgets the mark of an item")
class MarkForgotten(SandboxTracker):
    def create(self, fields: Any, mark: Any) -> Any:
        return super().create(fields, "")


@tracker("remembers what it made instead of looking for it")
class InMemory(SandboxTracker):
    def create(self, fields: Any, mark: Any) -> Any:
        self.__dict__.setdefault("_made", {})[mark] = super().create(fields, mark)
        return self._made[mark]

    def find(self, mark: Any) -> Any:
        return self.__dict__.get("_made", {}).get(mark)


@tracker("finds the newest item, whatever its mark")
class AnyItem(SandboxTracker):
    def find(self, mark: Any) -> Any:
        found, _now = self._client.items()
        return str(found[0]["key"]) if found else None


@tracker("makes every item twice")
class Twins(SandboxTracker):
    def create(self, fields: Any, mark: Any) -> Any:
        super().create(fields, mark)
        return super().create(fields, mark)


@tracker("forgets the mark of a comment")
class CommentMarkForgotten(SandboxTracker):
    def add_comment(self, ref: Any, text: Any, mark: Any) -> Any:
        return super().add_comment(ref, text, "")


@tracker("changes a comment by a new one")
class SaysAgain(SandboxTracker):
    def edit_comment(self, ref: Any, comment: Any, text: Any, mark: Any) -> None:
        self.add_comment(ref, text, mark)


@tracker("takes the last comment away, whichever was meant")
class WrongComment(SandboxTracker):
    def delete_comment(self, ref: Any, comment: Any) -> None:
        found = self.fetch(ref)
        assert isinstance(found, FarItem)
        super().delete_comment(ref, found.comments[-1].ref)


@tracker("fails at a comment that is gone already")
class FailsAtGone(SandboxTracker):
    def delete_comment(self, ref: Any, comment: Any) -> None:
        try:
            self._client.delete_comment(comment)
        except NotThere:
            raise KeyError(comment) from None


# ---- privacy ----


@tracker("leaks an internal note into the public stream")
class Leak(NotesTracker):
    def add_note(self, ref: Any, text: Any, mark: Any) -> Any:
        return self.add_comment(ref, text, mark)


@tracker("reads private comments as public ones")
class ReadsPrivate(NotesTracker):
    def fetch(self, ref: Any) -> Any:
        return _comments(super().fetch(ref), lambda one: replace(one, internal=False))


# ---- trust ----


@tracker("trusts the sender")
class Trusting(SandboxTracker):
    def verify(self, delivery: Any) -> bool:
        return True


@tracker("believes everything as long as no secret is set")
class Unset(SandboxTracker):
    def verify(self, delivery: Any) -> bool:
        return not self._hook_secret or super().verify(delivery)


@tracker("compares signatures by ==")
class Comparing(SandboxTracker):
    def verify(self, delivery: Any) -> bool:
        from standardwebhooks import Webhook

        sent = delivery.headers.get("webhook-timestamp", "")
        if not self._hook_secret or not sent.isdigit() or len(sent) > 12:
            return False
        at = dt.datetime.fromtimestamp(int(sent), dt.UTC)
        wanted = Webhook(self._hook_secret).sign(
            delivery.headers["webhook-id"], at, delivery.body.decode("utf-8", "replace")
        )
        return bool(wanted == delivery.headers.get("webhook-signature"))


@tracker("verifies what it parsed instead of the raw body")
class Reparsed(SandboxTracker):
    def verify(self, delivery: Any) -> bool:
        try:
            parsed = json.dumps(json.loads(delivery.body)).encode()
        except ValueError:
            return False
        return super().verify(replace(delivery, body=parsed))


@tracker("raises where a delivery is garbage")
class Raises(SandboxTracker):
    def verify(self, delivery: Any) -> bool:
        int(delivery.headers["webhook-timestamp"])
        return super().verify(delivery)


@tracker("believes a delivery of last month")
class Undated(SandboxTracker):
    def verify(self, delivery: Any) -> bool:
        sent = delivery.headers.get("webhook-timestamp", "")
        at = dt.datetime.fromtimestamp(int(sent), dt.UTC) if sent.isdigit() and len(sent) < 12 else None
        return super().verify(replace(delivery, received_at=at) if at else delivery)


@tracker("breaks at a hook of an odd shape")
class OddHook(SandboxTracker):
    def hints(self, delivery: Any) -> Any:
        return [Hint(json.loads(delivery.body)["item"])]


@tracker("hints at nothing that can be read")
class BadHint(SandboxTracker):
    def hints(self, delivery: Any) -> Any:
        return [Hint(one.ref.lower()) for one in super().hints(delivery)]


# ---- secrets ----


@tracker("writes the secret into a log")
class LogsSecret(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        log.debug("fetching %s with %s", ref, self._hook_secret)
        return super().fetch(ref)


@tracker("shows the secret in its repr")
class ReprSecret(SandboxTracker):
    def __repr__(self) -> str:
        return f"SandboxTracker({self._hook_secret!r})"


@tracker("puts the secret into an address")
class SecretInUrl(SandboxTracker):
    def find(self, mark: Any) -> Any:
        found, _now = self._client.items(external_id=mark, key=self._hook_secret)
        return str(found[0]["key"]) if found else None


@tracker("tells the secret in a reason")
class SecretInReason(SandboxTracker):
    def update(self, ref: Any, changes: Any) -> None:
        try:
            super().update(ref, changes)
        except Refused as no:
            raise Refused(f"{no.reason} (secret {self._hook_secret})", no.fields) from None


# ---- stores, clocks, chance, restart ----

SEEN: dict[str, Any] = {}


@tracker("keeps what it read for all connections of the process")
class SharedMemory(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        return SEEN.setdefault(ref, super().fetch(ref))


@tracker("reads an item once and never again")
class ReadsOnce(SandboxTracker):
    def fetch(self, ref: Any) -> Any:
        known = self.__dict__.setdefault("_known", {})
        if ref not in known:
            known[ref] = super().fetch(ref)
        return known[ref]


@tracker("keeps a file of its own")
class OwnFile(SandboxTracker):
    def changed_since(self, cursor: Any) -> Any:
        with open("/dev/null", "a") as file:
            file.write(str(cursor))
        return super().changed_since(cursor)


@tracker("looks at the clock")
class LooksAtClock(SandboxTracker):
    def changed_since(self, cursor: Any) -> Any:
        refs, following = super().changed_since(cursor)
        return (refs, following) if time.time() else ([], None)


@tracker("throws dice")
class Dice(SandboxTracker):
    def find(self, mark: Any) -> Any:
        return super().find(mark) if random.random() < 2 else None


# ---- contract and texts ----


@tracker("misspells a capability")
class Misspelt(SandboxTracker):
    capabilities = frozenset({"history", "edit_comment", "delete-comment"})


@tracker("raises where it should say that the far side is away")
class CheckRaises(SandboxTracker):
    def check(self) -> Checked:
        self._client.about()
        return Checked(True, Text(zh="好", en="Well"))


@tracker("says that all is well whatever happens")
class AlwaysWell(SandboxTracker):
    def check(self) -> Checked:
        return Checked(True, Text(zh="好", en="Well"))


@tracker("says in English only what is wrong")
class EnglishOnly(SandboxTracker):
    def check(self) -> Checked:
        found = super().check()
        return found if found.ok else Checked(False, Text(zh="", en=found.text.en))


@tracker("has a title in one language", title=Text(zh="", en="Sandbox"))
class NoChineseTitle(SandboxTracker):
    pass


@tracker("has a catalogue without the states")
class NoStates(SandboxTracker):
    def catalogue(self) -> Any:
        return replace(super().catalogue(), states=())


def _comments(found: Any, change: Any) -> Any:
    if not isinstance(found, FarItem):
        return found
    return replace(found, comments=tuple(change(one) for one in found.comments))


def _fields(found: Any, change: Any) -> Any:
    if not isinstance(found, FarItem):
        return found
    return replace(found, fields={**found.fields, **change(found.fields)})
