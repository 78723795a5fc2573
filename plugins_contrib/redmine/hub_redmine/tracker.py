"""One connection to a project of Redmine: the hub's questions in Redmine's calls."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub.sdk import (
    Catalogue,
    Checked,
    DeliveryValue,
    FarChange,
    FarItem,
    Gone,
    Hint,
    MovedTo,
    Recent,
    Refused,
    Retry,
    mark_made_at,
    moment,
    reads,
)
from hub_redmine import feed, hooks, reading
from hub_redmine.checking import check
from hub_redmine.client import MOST, Client, Denied, NotThere, Row, body
from hub_redmine.names import Names
from hub_redmine.settings import RedmineSettings
from hub_redmine.texts import Texts, mark_of
from hub_redmine.writing import Writer

_REF = re.compile(r"(?:.*/issues/|#)?([0-9]{1,12})(?:[/?#].*)?")
# Our clock made the mark and Redmine's the issue: they may differ by so much.
SKEW = dt.timedelta(days=1)
WENT = "the issue went while it was written"


class RedmineTracker:
    """Issues of one project."""

    capabilities = frozenset(
        {"history", "edit-comment", "delete-comment", "scan", "transitions", "priority", "due", "estimate"}
    )
    # Its lists read the database; a call whose answer was lost may still be at work.
    find_lag = dt.timedelta(minutes=1)

    def __init__(self, client: Client, settings: RedmineSettings, secrets: Mapping[str, str]) -> None:
        """``secrets`` holds ``key`` and ``hook_secret``."""
        self._client, self._settings = client, settings
        self._key, self._hook_secret = secrets.get("key", ""), secrets.get("hook_secret", "")
        self._names, self._texts = Names(client), Texts(settings.text_format)
        self._writer = Writer(client, self._names, self._texts)
        # Without the first only open issues are listed; the last leaves subprojects out.
        self._scope = {"status_id": "*", "project_id": settings.project, "subproject_id": "!*"}
        self._account: int | None = None

    # ---- the connection ----

    def check(self) -> Checked:
        """Key, project, statuses and the mark's field."""
        return check(self._client, self._settings, self._names, self._key)

    @reads
    def catalogue(self) -> Catalogue:
        """Statuses, and who belongs to the project."""
        people: dict[str, str] = {}
        path, offset = f"/projects/{self._settings.project}/memberships", 0
        while rows := self._client.rows(path, "memberships", limit=MOST, offset=offset):
            found = [row["user"] for row in rows if isinstance(row.get("user"), dict)]
            people |= {str(int(user["id"])): str(user.get("name") or user["id"]) for user in found}
            offset += len(rows)
            if len(rows) < MOST:
                break
        states = tuple(str(row["name"]) for row in self._names.rows("status"))
        timed = tuple(reading.FIELDS.values())
        return Catalogue(states, tuple(people.items()), fields={"labels": "off"}, timed=timed)

    def verify(self, delivery: DeliveryValue) -> bool:
        """Is the delivery signed with our hook secret?"""
        return hooks.is_genuine(delivery, self._hook_secret)

    def hints(self, delivery: DeliveryValue) -> Iterable[Hint]:
        """The issue a delivery names."""
        return hooks.hints(delivery)

    # ---- issues ----

    @reads
    def fetch(self, ref: str) -> FarItem | Gone | MovedTo:
        """Read one issue with its comments."""
        number = _number(ref)
        try:
            issue = self._issue(number)
        except NotThere:
            return self._gone()
        # A name that people typed becomes the one that hints use.
        return MovedTo(str(number)) if ref != str(number) else reading.item(issue, self._client.root)

    def _issue(self, number: int, include: str = "journals") -> Row:
        found = self._client.get(f"/issues/{number}", "issue", include=include)
        if found.get("id") != number:
            raise Retry("Redmine gave another issue")
        return found

    def _gone(self) -> Gone:
        """The issue is gone, unless it is the project that cannot be read: that may come back."""
        try:
            self._client.get(f"/projects/{self._settings.project}", "project")
        except NotThere:
            raise Refused(f"there is no project {self._settings.project} that the account may see") from None
        return Gone("the issue is not there any more")

    def create(self, fields: Mapping[str, Any], mark: str) -> str:
        """Make an issue that carries the mark; its status follows with the first look."""
        settings = self._settings
        values = {
            **settings.create_fields,
            "project_id": settings.project,
            "subject": fields.get("title", ""),
            "description": self._texts.outward(fields.get("body", ""), mark),
        }
        if settings.tracker_id is not None:
            values["tracker_id"] = settings.tracker_id
        if settings.mark_field is not None:
            others = settings.create_fields.get("custom_fields", [])
            values["custom_fields"] = [*others, {"id": settings.mark_field, "value": mark}]
        try:
            made = self._made({**values, **self._writer.begun(fields)}, values)
        except NotThere:
            raise Refused(f"the account may make no issues in {settings.project}") from None
        number = made.get("id") if isinstance(made, dict) else None
        if not isinstance(number, int) or isinstance(number, bool):
            raise Retry("Redmine did not say what it made")
        return str(number)

    def _made(self, whole: Row, bare: Row) -> Any:
        try:
            answer = self._client.call("POST", "/issues", json={"issue": whole})
        except Denied as no:
            if no.status != 422 or whole == bare:
                raise
            # Nothing was made. What it does not take is shown at its field by the first update.
            answer = self._client.call("POST", "/issues", json={"issue": bare})
        return body(answer).get("issue")

    @reads
    def find(self, mark: str) -> str | None:
        """The issue that carries the mark: by its field, then among those our account made, newest first."""
        field = self._settings.mark_field
        if field is not None:
            asked = {"status_id": "*", f"cf_{field}": mark, "limit": 1}
            for row in self._client.rows("/issues", "issues", **asked):
                # A field that is no filter is ignored, and any issue comes back.
                values = {one.get("id"): one.get("value") for one in row.get("custom_fields") or ()}
                if values.get(field) == mark:
                    return str(int(row["id"]))
        oldest, offset = mark_made_at(mark), 0
        mine = {"status_id": "*", "author_id": "me", "sort": "id:desc", "limit": MOST}
        while rows := self._client.rows("/issues", "issues", **mine, offset=offset):
            for row in rows:
                if mark_of(str(row.get("description") or "")) == mark:
                    return str(int(row["id"]))
                at = moment(row.get("created_on"))
                if oldest and at and at < oldest - SKEW:
                    return None
            offset += len(rows)
            if len(rows) < MOST:
                break
        return None

    def update(self, ref: str, changes: Mapping[str, Any]) -> None:
        """Write only these fields."""
        try:
            self._writer.write(_number(ref), changes)
        except NotThere:
            raise Retry(WENT) from None

    @reads
    def transitions(self, ref: str, status: str) -> Mapping[str, Sequence[str]] | None:
        """What this account may do now; Redmine tells it from 5.0 on."""
        try:
            issue = self._issue(_number(ref), "allowed_statuses")
        except NotThere:
            raise Retry(WENT) from None
        allowed = issue.get("allowed_statuses")
        if not isinstance(allowed, list):
            return None
        now = str(issue["status"]["name"])
        return {now: [str(row["name"]) for row in allowed if row["name"] != now]}

    @reads
    def history(self, ref: str, since: str | None) -> Sequence[FarChange]:
        """Every change since a version, texts included."""
        try:
            entries = reading.journals(self._issue(_number(ref)))
        except NotThere:
            raise Retry(WENT) from None
        return list(reading.changes(entries, reading.last_seen(since), self._names, self._own()))

    def _own(self) -> int | None:
        if self._account is None:
            found = self._client.get("/users/current", "user").get("id")
            self._account = found if isinstance(found, int) else None
        return self._account

    @reads
    def changed_since(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """Issues changed or talked about since the cursor."""
        try:
            place = Recent.read(cursor) or feed.first(self._client, self._scope)
            if place is None:
                return [], None
            refs, place = place.take(feed.changed(self._client, self._scope, place.since), feed.OVERLAP)
        except NotThere:
            self._gone()
            raise Retry("Redmine does not list the issues") from None
        return refs, place.written()

    @reads
    def scan(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """A page of the project's issues, those that changed longest ago first."""
        try:
            rows, following = feed.page(self._client, self._scope, cursor)
        except NotThere:
            raise Refused("Redmine does not list the issues") from None
        return [str(int(row["id"])) for row in rows], following

    # ---- comments ----

    def add_comment(self, ref: str, text: str, mark: str) -> str:
        """Say something on the issue; the answer is empty, so that the issue tells its number."""
        number = _number(ref)
        try:
            values = {"notes": self._texts.outward(text, mark), "private_notes": False}
            self._client.call("PUT", f"/issues/{number}", json={"issue": values})
            return self._said(number, mark)
        except NotThere:
            raise Retry(WENT) from None

    @reads
    def _said(self, number: int, mark: str) -> str:
        for entry in reading.journals(self._issue(number)):
            if mark_of(str(entry.get("notes") or "")) == mark:
                return str(int(entry["id"]))
        raise Refused("Redmine took the comment and kept nothing: the account lacks the right to add notes")

    def edit_comment(self, ref: str, comment: str, text: str, mark: str) -> None:
        """Change a comment; one that is gone will be seen as gone by the next look."""
        self._rewrite(ref, comment, self._texts.outward(text, mark))

    def delete_comment(self, ref: str, comment: str) -> None:
        """Take a comment away: Redmine drops a note that is empty."""
        self._rewrite(ref, comment, "")

    @reads
    def _rewrite(self, ref: str, comment: str, notes: str) -> None:
        try:
            self._client.call("PUT", f"/journals/{_number(comment)}", json={"journal": {"notes": notes}})
        except NotThere:
            try:
                entries = reading.journals(self._issue(_number(ref)))
            except NotThere:
                return
            if any(str(entry["id"]) == comment and reading.is_comment(entry) for entry in entries):
                raise Refused("this Redmine cannot change notes by its API: 5.0 or newer can") from None


def _number(ref: str) -> int:
    found = _REF.fullmatch(ref.strip())
    if found is None:
        raise Refused(f"“{ref}” names no issue; write its number")
    return int(found[1])
