"""The sandbox tracker's words in the hub's, and back."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import Field, HttpUrl
from standardwebhooks import Webhook

from hub.plugins.sandbox.client import Client, Elsewhere, NotThere
from hub.sdk import (
    CANONICAL_FIELDS,
    OPTIONAL_FIELDS,
    Catalogue,
    Checked,
    DeliveryValue,
    FarChange,
    FarComment,
    FarFile,
    FarItem,
    FarWork,
    Gone,
    Hint,
    Http,
    MovedTo,
    OutgoingFile,
    Recent,
    Refused,
    Retry,
    SetChange,
    SyncSettings,
    Text,
    TrackerKind,
    hookimpl,
    posted,
    reads,
)

# Our field names and the tracker's, where they differ.
THERE = {"body": "text"}
HERE = {there: here for here, there in THERE.items()}
FIELDS = tuple(THERE.get(name, name) for name in CANONICAL_FIELDS)
# The tracker's clock knows whole seconds, and one that is set right may go back by minutes.
OVERLAP = dt.timedelta(minutes=3)
# Whom the sandbox names as the author of what came over its API.
ACCOUNT = "hub-bot"
TOLERANCE_S = 300


ROOT = Text(
    zh="该地址没有沙箱：请填沙箱首页的地址，例如 http://127.0.0.1:8080/sandbox/",
    en="There is no sandbox at this address: write that of its first page, such as"
    " http://127.0.0.1:8080/sandbox/",
)
HTTPS = Text(
    zh="该地址只接受 https：请把地址改为以 https:// 开头",
    en="This server wants https: let the address begin with https://",
)


class SandboxSettings(SyncSettings):
    """Where the sandbox stands, and how values map."""

    base_url: HttpUrl = Field(
        description="the sandbox's address, for instance http://127.0.0.1:8080/sandbox/"
    )
    status_map: dict[str, list[str]] = Field(
        default={
            "open": ["todo"],
            "doing": ["doing"],
            "waiting": ["blocked"],
            "done": ["done"],
            "dropped": ["cancelled"],
        },
        description="for each task state here the states there that mean it; the first one is written",
    )
    priority_map: dict[int, list[str]] = Field(
        default={1: ["urgent"], 2: ["high"], 3: ["normal"], 4: ["low"]},
        description="for each priority here (1 urgent to 4 low) the priorities there that mean it; the first"
        " one is written; empty: priorities are not synchronised",
    )


class SandboxTracker:
    """One connection to a sandbox tracker."""

    capabilities = frozenset(
        {*OPTIONAL_FIELDS, "history", "edit-comment", "delete-comment", "scan", "files", "worklogs"}
    )
    find_lag = dt.timedelta(0)

    def __init__(self, client: Client, hook_secret: str) -> None:
        """``hook_secret`` signs the tracker's hints; without one no hint is genuine."""
        self._client = client
        self._hook_secret = hook_secret

    def check(self) -> Checked:
        """Does the sandbox answer?"""
        try:
            self._client.about()
        except (Elsewhere, NotThere) as wrong:
            return Checked(False, HTTPS if isinstance(wrong, Elsewhere) and wrong.is_https else ROOT)
        except (Retry, Refused) as error:
            return Checked.unreached("沙箱 Sandbox", error)
        return Checked(True, Text(zh="沙箱已应答", en="The sandbox answered"))

    @reads
    def catalogue(self) -> Catalogue:
        """States and accounts there."""
        about = self._client.about()
        people = tuple((person["account"], person["name"]) for person in about["people"])
        mails = {person["account"]: person["mail"] for person in about["people"] if person.get("mail")}
        return Catalogue(tuple(about["states"]), people, timed=CANONICAL_FIELDS, mails=mails)

    def verify(self, delivery: DeliveryValue) -> bool:
        """Is the hint signed with our secret?"""
        sent, given = (delivery.headers.get(f"webhook-{name}", "") for name in ("timestamp", "signature"))
        if not self._hook_secret or not (sent.isascii() and sent.isdigit() and len(sent) <= 12):
            return False
        if abs(delivery.received_at.timestamp() - int(sent)) > TOLERANCE_S:
            return False
        at = dt.datetime.fromtimestamp(int(sent), dt.UTC)
        try:
            text = delivery.body.decode()
        except UnicodeDecodeError:
            return False
        wanted = Webhook(self._hook_secret).sign(delivery.headers.get("webhook-id", ""), at, text)
        return any(hmac.compare_digest(wanted.encode(), one.encode()) for one in given.split())

    def hints(self, delivery: DeliveryValue) -> Iterable[Hint]:
        """The item a hint names; nothing where it names none."""
        body = posted(delivery)
        key = body.get("item") if isinstance(body, dict) else None
        return [Hint(key)] if isinstance(key, str) and key else []

    @reads
    def fetch(self, ref: str) -> FarItem | Gone | MovedTo:
        """Read one item with its comments."""
        try:
            item = self._client.item(ref)
        except NotThere as error:
            return MovedTo(error.moved_to) if error.moved_to else Gone("the item was deleted")
        values = {HERE.get(name, name): item[name] for name in FIELDS}
        values["labels"] = frozenset(item["labels"])
        comments = tuple(_comment(comment) for comment in item["comments"])
        return FarItem(
            item["key"],
            item["url"],
            values,
            str(item["revision"]),
            comments,
            files=tuple(
                FarFile(str(one["id"]), one["name"], one["size"], one["author"]) for one in item["files"]
            ),
            worklogs=tuple(_work(one) for one in item["work"]),
        )

    def create(self, fields: Mapping[str, Any], mark: str) -> str:
        """Make an item that carries the mark as its external id."""
        values = {THERE.get(name, name): value for name, value in fields.items()}
        values["labels"] = sorted(fields.get("labels", ()))
        return _made(self._client.create({**values, "external_id": mark}), "key")

    @reads
    def find(self, mark: str) -> str | None:
        """The item that carries the mark; the sandbox lists without delay."""
        found, _now = self._client.items(external_id=mark)
        return str(found[0]["key"]) if found else None

    def update(self, ref: str, changes: Mapping[str, Any]) -> None:
        """Write these fields in one call."""
        with_names = {THERE.get(name, name): _plain(value) for name, value in changes.items()}
        try:
            self._client.change(ref, with_names)
        except NotThere as error:
            went = "moved" if error.moved_to else "went"
            raise Retry(f"the item {went} while it was written") from None
        except Refused as no:
            raise Refused(no.reason, [HERE.get(name, name) for name in no.fields]) from None

    @reads
    def history(self, ref: str, since: str | None) -> Sequence[FarChange]:
        """The change log after the version that was read."""
        return [
            FarChange(
                HERE.get(entry["field"], entry["field"]),
                frozenset(entry["value"]) if entry["field"] == "labels" else entry["value"],
                entry["author"],
                _time(entry["at"]),
                entry["author"] != ACCOUNT,
            )
            for entry in self._client.log(ref, int(since or 0))["log"]
        ]

    def add_comment(self, ref: str, text: str, mark: str) -> str:
        """Say something on the item, with the mark as external id."""
        try:
            return _made(self._client.add_comment(ref, text, mark), "id")
        except NotThere:
            raise Retry("the item went while it was written") from None

    def edit_comment(self, ref: str, comment: str, text: str, mark: str) -> None:
        """Change a comment; one that is gone will be seen as gone by the next look."""
        try:
            self._client.edit_comment(comment, text)
        except NotThere:
            return

    def delete_comment(self, ref: str, comment: str) -> None:
        """Take a comment away; one that is gone already is what was wanted."""
        try:
            self._client.delete_comment(comment)
        except NotThere:
            return

    def add_file(self, ref: str, file: OutgoingFile) -> str:
        """Put a file to the item."""
        try:
            return _made(self._client.add_file(ref, file), "id")
        except NotThere:
            raise Retry("the item went while it was written") from None

    def read_file(self, ref: str, file: str) -> bytes:
        """The bytes of a file."""
        return self._client.read_file(file)

    @reads
    def changed_since(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """Items changed since the cursor, which stays ``OVERLAP`` behind; nothing is told for ever."""
        place = Recent.read(cursor) or Recent(_time(0))
        found, _now = self._client.items(changed_since=int(place.since.timestamp()))
        refs, place = place.take([(item["key"], _time(item["updated"])) for item in found], OVERLAP)
        return refs, place.written()

    @reads
    def scan(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """All items; the sandbox lists them at once."""
        return [item["key"] for item in self._client.items()[0]], None


def _made(answer: Mapping[str, Any], name: str) -> str:
    if name not in answer:
        # It may or may not be there now: the mark will tell.
        raise Retry("the tracker did not say what it made")
    return str(answer[name])


def _plain(value: Any) -> Any:
    if isinstance(value, SetChange):
        return {"add": sorted(value.add), "remove": sorted(value.remove)}
    return value


def _comment(comment: Mapping[str, Any]) -> FarComment:
    return FarComment(
        str(comment["id"]), comment["author"], comment["text"], _time(comment["at"]), comment["external_id"]
    )


def _work(entry: Mapping[str, Any]) -> FarWork:
    day = dt.date.fromisoformat(entry["day"])
    return FarWork(str(entry["id"]), entry["author"], day, int(entry["minutes"]), entry["note"])


def _time(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _open(
    settings: SandboxSettings, secrets: Mapping[str, str], http: Http, state: Mapping[str, Any]
) -> SandboxTracker:
    return SandboxTracker(Client(http, str(settings.base_url)), secrets.get("hook_secret", ""))


class SandboxPlugin:
    """Offers the tracker kind ``sandbox``."""

    name = "sandbox"
    title = Text(zh="沙箱跟踪器", en="Sandbox tracker")
    api = ">=1.0,<2"

    @hookimpl
    def execute_trackers(self) -> Sequence[TrackerKind]:
        """The sandbox tracker."""
        return [TrackerKind("sandbox", self.title, SandboxSettings, _open, secrets=("hook_secret",))]


plugin = SandboxPlugin()
