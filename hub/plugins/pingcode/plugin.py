"""PingCode's words in the hub's, and back."""

from __future__ import annotations

import datetime as dt
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub.plugins.pingcode import html, marks, writing
from hub.plugins.pingcode.areas import PLACES, Facts
from hub.plugins.pingcode.checking import catalogue, check
from hub.plugins.pingcode.client import Client, made, part
from hub.plugins.pingcode.codes import GONE, GONE_COMMENT, LIMITS, PingCodeRefused, refused
from hub.plugins.pingcode.hints import refs
from hub.plugins.pingcode.settings import PingCodeSettings
from hub.sdk import (
    Catalogue,
    Checked,
    DeliveryValue,
    FarChange,
    FarComment,
    FarItem,
    Gone,
    Hint,
    Http,
    MovedTo,
    Refused,
    Retry,
    SetChange,
    Text,
    TrackerKind,
    hookimpl,
    reads,
)

ID = re.compile(r"[0-9a-f]{24}")
DAY = 86400
# 200 are allowed; the rest is left to others who use the same application.
CALLS = 150
# Its clock knows whole seconds: looking back twice that misses nothing.
OVERLAP = 2


class PingCodeTracker:
    """One connection to a project or product of PingCode."""

    capabilities = frozenset({"delete-comment", "scan", "transitions"})
    # How soon its search knows a new item is not documented.
    find_lag = dt.timedelta(minutes=1)

    def __init__(self, client: Client, settings: PingCodeSettings, hook_secret: str = "") -> None:
        """``hook_secret``: the bearer token of the Flow; without one the secret address is the proof."""
        self._client, self._settings, self._hook_secret = client, settings, hook_secret
        self._place = PLACES[settings.area]
        self._facts = Facts(client, self._place, settings.container, settings.type, settings.state_plan)
        self._mapped = {name for names in settings.status_map.values() for name in names}

    def check(self) -> Checked:
        """Can these settings work? Says what to do where they cannot."""
        return check(self._facts, self._place, self._settings)

    @reads
    def catalogue(self) -> Catalogue:
        """States and members there."""
        return catalogue(self._facts, self._place, self._client, self._settings)

    def verify(self, delivery: DeliveryValue) -> bool:
        """Came it through the secret address, and with the secret where one is set? A Flow signs nothing."""
        sent = delivery.headers.get("authorization", "").removeprefix("Bearer ").encode()
        return not self._hook_secret or hmac.compare_digest(sent, self._hook_secret.encode())

    def hints(self, delivery: DeliveryValue) -> Iterable[Hint]:
        """The items a Flow's message names; each is read again, nothing else in it is believed."""
        return [Hint(self._id_of(ref)) for ref in refs(delivery)]

    def _id_of(self, ref: str) -> str:
        if ID.fullmatch(ref):
            return ref
        try:
            return str(self._named(ref)["id"])
        except (Retry, Refused, KeyError):
            return ref  # a hint about nothing we know

    def _named(self, ref: str) -> Mapping[str, Any]:
        """The item of this id, short id or identifier; work items know their identifier only in lists."""
        if self._settings.area == "work_item" and re.fullmatch(r"[A-Za-z][A-Za-z0-9]*-\d+", ref):
            found = self._client.every(self._place.items, identifier=ref)
            if not found:
                raise refused(min(GONE))
            return found[0]
        return self._client.get(f"{self._place.items}/{part(ref)}")

    @reads
    def fetch(self, ref: str) -> FarItem | Gone | MovedTo:
        """Read one item with its comments; a short id or identifier leads to the id."""
        try:
            item = self._named(ref)
        except PingCodeRefused as no:
            if no.code in GONE:
                return Gone("PingCode does not know the item (any more)")
            raise
        if item.get("is_deleted"):
            return Gone("the item was deleted in PingCode")
        if item["id"] != ref:
            return MovedTo(str(item["id"]))
        url = str(item.get("html_url") or item.get("url") or "")
        return FarItem(ref, url, self._fields(item), str(item.get("updated_at", "")), self._comments(ref))

    def _fields(self, item: Mapping[str, Any]) -> dict[str, Any]:
        state, assignee = item.get("state") or {}, item.get("assignee") or {}
        values = {
            "title": marks.bare(str(item.get("title") or "")),
            "body": html.to_text(str(item.get("description") or "")),
            "status": self._word(state),
            "assignee": str(assignee["id"]) if assignee.get("id") else None,
        }
        if self._settings.area == "work_item":
            values["labels"] = frozenset(str(tag["name"]) for tag in item.get("tags") or ())
        return values

    def _word(self, state: Mapping[str, Any]) -> Any:
        """A state's name, or its type where the mapping goes by types."""
        name, kind = state.get("name"), state.get("type")
        return kind if name not in self._mapped and kind in self._mapped else name

    @reads
    def transitions(self, ref: str, status: str) -> Mapping[str, Sequence[str]] | None:
        """The flows of the state plan; None where it is not known: then PingCode itself decides."""
        return self._facts.moves(lambda state: (str(self._word(state)),))

    def _about(self, ref: str) -> dict[str, str]:
        return {"principal_type": self._settings.area, "principal_id": ref}

    def _comments(self, ref: str) -> tuple[FarComment, ...]:
        rows = self._client.every("/v1/comments", **self._about(ref))
        # A deleted comment stays as an empty row.
        return tuple(_comment(row) for row in rows if not row.get("is_deleted"))

    def create(self, fields: Mapping[str, Any], mark: str) -> str:
        """Make an item that carries the mark; its state and labels follow with the first look."""
        settings, title = self._settings, str(fields.get("title", ""))
        body: dict[str, Any] = {
            f"{self._place.container}_id": settings.container,
            "title": title if settings.mark_property else marks.signed(title, mark),
            "description": html.to_html(str(fields.get("body", ""))),
        }
        if settings.area != "idea":
            body["type_id"] = settings.type
        if fields.get("assignee"):
            body["assignee_id"] = fields["assignee"]
        if settings.mark_property:
            body["properties"] = {settings.mark_property: mark}
        return made(self._client.post(self._place.items, body))

    @reads
    def find(self, mark: str) -> str | None:
        """The item that carries the mark, by search; for a mark in the title by the list's keywords, too."""
        key, holder = self._settings.mark_property, self._settings.container
        filters: dict[str, Any] = {f"{self._place.container}.id": {"in": [holder]}}
        if key:
            rows = self._client.search(
                self._place.items, {**filters, f"properties.{key}": {"contains": mark}}
            )
            return next((str(r["id"]) for r in rows if (r.get("properties") or {}).get(key) == mark), None)
        sign = marks.sign(mark)
        rows = self._client.search(self._place.items, {**filters, "title": {"contains": sign}})
        rows += self._client.every(
            self._place.items, **{f"{self._place.container}_id": holder}, keywords=sign
        )
        return next((str(row["id"]) for row in rows if sign in str(row.get("title"))), None)

    def update(self, ref: str, changes: Mapping[str, Any]) -> None:
        """Write these fields: one call for the plain ones, and one for each label."""
        try:
            item = self._client.get(f"{self._place.items}/{part(ref)}")
            body = writing.plain(item, changes)
            if "status" in changes and (state := writing.state(self._facts, item, changes["status"])):
                body["state_id"] = state
            labels = self._labels(item, changes["labels"]) if "labels" in changes else []
            if body:
                self._client.patch(f"{self._place.items}/{part(ref)}", body)
            for label, add in labels:
                if add:
                    self._client.post(f"{self._place.items}/{part(ref)}/tags", {"tag_id": label})
                else:
                    self._client.delete(f"{self._place.items}/{part(ref)}/tags/{part(label)}")
        except PingCodeRefused as no:
            if no.code in GONE:
                raise Retry("the item went while it was written") from None
            raise

    def _labels(self, item: Mapping[str, Any], change: SetChange) -> list[tuple[str, bool]]:
        if self._settings.area != "work_item":
            said = Text(zh="PingCode 的接口不能给需求和工单设置标签", en="PingCode sets no tags here")
            raise PingCodeRefused("tags", said, ("labels",))
        return writing.labels(self._facts, item, change)

    @reads
    def history(self, ref: str, since: str | None) -> Sequence[FarChange]:
        """PingCode tells changes without the values we compare: not offered."""
        return ()

    def add_comment(self, ref: str, text: str, mark: str) -> str:
        """Say something on the item; the mark is its last line."""
        content = html.to_html(text + marks.comment_line(mark))
        return made(self._client.post("/v1/comments", {**self._about(ref), "content": content}))

    def edit_comment(self, ref: str, comment: str, text: str, mark: str) -> None:
        """PingCode has no call for it."""
        raise Refused("PingCode 的接口不能修改评论 / PingCode's API cannot change a comment")

    def delete_comment(self, ref: str, comment: str) -> None:
        """Take a comment away; one that is gone already is what was wanted."""
        try:
            self._client.delete(f"/v1/comments/{part(comment)}", **self._about(ref))
        except PingCodeRefused as no:
            if no.code not in {GONE_COMMENT, *GONE}:
                raise

    @reads
    def changed_since(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """Items changed since the cursor. The search knows days only, so that the rest is told apart here."""
        holder = {f"{self._place.container}.id": {"in": [self._settings.container]}}
        since = int(cursor) - OVERLAP if cursor else self._beginning()
        with_gone = (
            {"include_deleted": True, "include_archived": True} if self._settings.area == "work_item" else {}
        )
        rows = self._client.search(
            self._place.items, {**holder, "updated_at": {"gte": since - DAY}}, **with_gone
        )
        at = {str(row["id"]): int(row.get("updated_at") or 0) for row in rows if row.get("id")}
        latest = max([*at.values(), since + OVERLAP])
        return [ref for ref, updated in at.items() if updated >= since], str(latest)

    @reads
    def scan(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """All items of the project or product."""
        holder = {f"{self._place.container}.id": {"in": [self._settings.container]}}
        rows = self._client.search(self._place.items, holder)
        return [str(row["id"]) for row in rows if row.get("id")], None

    def _beginning(self) -> int:
        """A day before now by PingCode's clock: what is linked was looked at when it was linked."""
        if not self._client.now:
            self._facts.rows("states")
        return max(self._client.now - DAY, DAY)


def _comment(row: Mapping[str, Any]) -> FarComment:
    text, mark = marks.of_comment(html.to_text(str(row.get("content") or "")))
    who, at = row.get("created_by") or {}, row.get("created_at")
    when = dt.datetime.fromtimestamp(at, dt.UTC) if isinstance(at, int) else None
    return FarComment(str(row["id"]), str(who.get("display_name") or who.get("name") or ""), text, when, mark)


def _open(
    settings: PingCodeSettings, secrets: Mapping[str, str], http: Http, state: Mapping[str, Any]
) -> PingCodeTracker:
    client = Client(http, str(settings.base_url), settings.client_id, secrets.get("client_secret", ""))
    return PingCodeTracker(client, settings, secrets.get("hook_secret", ""))


class PingCodePlugin:
    """Offers the tracker kind ``pingcode``."""

    name = "pingcode"
    title = Text(zh="PingCode", en="PingCode")
    api = ">=1.0,<2"

    @hookimpl
    def execute_trackers(self) -> Sequence[TrackerKind]:
        """PingCode: work items, ideas, tickets."""
        return [
            TrackerKind(
                "pingcode",
                self.title,
                PingCodeSettings,
                _open,
                secrets=("client_secret", "hook_secret"),
                calls_per_minute=CALLS,
                limits=LIMITS,
            )
        ]


plugin = PingCodePlugin()
