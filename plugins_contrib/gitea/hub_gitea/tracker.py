"""One connection to a repository: the hub's questions in Gitea's calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from hub.sdk import (
    Catalogue,
    Checked,
    DeliveryValue,
    FarChange,
    FarItem,
    Gone,
    Hint,
    MovedTo,
    Refused,
    Retry,
    mark_in,
    mark_made_at,
    moment,
    reads,
    since_look,
)
from hub_gitea import feed, hooks
from hub_gitea.checking import check
from hub_gitea.client import Client, NotThere, thing
from hub_gitea.place import Place
from hub_gitea.reading import Reader
from hub_gitea.settings import STATES, GiteaSettings
from hub_gitea.writing import Writer, text

# Our clock made the mark and Gitea's the issue: they may differ by so much.
SKEW = dt.timedelta(days=1)
WENT = "the issue went while it was written"


class GiteaTracker:
    """Issues of one repository. Pull requests are none."""

    capabilities = frozenset({"history", "edit-comment", "delete-comment", "hooks", "scan"})
    # The listing reads the database; a call whose answer was lost may still be at work.
    find_lag = dt.timedelta(minutes=1)

    def __init__(
        self, client: Client, place: Place, settings: GiteaSettings, secrets: Mapping[str, str]
    ) -> None:
        """``secrets`` holds ``token`` and ``hook_secret``."""
        self._client, self._place = client, place
        self._token, self._hook_secret = secrets.get("token", ""), secrets.get("hook_secret", "")
        self._reader = Reader(settings.people_map.values())
        self._writer = Writer(place, self._reader, settings)
        self._account: str | None = settings.account or None

    # ---- the connection ----

    def check(self) -> Checked:
        """Token, repository and rights."""
        return check(self._client, self._place, self._token, self._hook_secret)

    @reads
    def catalogue(self) -> Catalogue:
        """The two states, and who can be assigned in the repository."""
        rows = [row for row in self._place.whole("/assignees") if row.get("login")]
        people = {str(row["login"]): str(row.get("full_name") or row["login"]) for row in rows}
        return Catalogue(STATES, tuple(people.items()), timed=("title", "status", "assignee"))

    def verify(self, delivery: DeliveryValue) -> bool:
        """Is the delivery signed with our hook secret?"""
        return hooks.is_genuine(delivery, self._hook_secret)

    def hints(self, delivery: DeliveryValue) -> Iterable[Hint]:
        """The issue a delivery names."""
        return hooks.hints(delivery, self._place)

    def ensure_hook(self, url: str) -> None:
        """Register the hook that sends to ``url``, or set it right."""
        hooks.ensure(self._place, url, self._hook_secret)

    def redeliver(self, url: str, cursor: str | None) -> str | None:
        """Nothing: the API cannot ask for a delivery again, the regular look finds what it said."""
        return cursor

    # ---- issues ----

    @reads
    def fetch(self, ref: str) -> FarItem | Gone | MovedTo:
        """Read one issue with its comments."""
        number = self._place.issue(ref)
        try:
            issue = thing(self._place.call("GET", f"/issues/{number}"))
            comments = self._place.whole(f"/issues/{number}/comments")
        except NotThere:
            return self._gone()
        if issue.get("pull_request"):
            raise Refused(f"{number} is a pull request, not an issue")
        # A name that people typed becomes the one that hints use.
        return MovedTo(str(number)) if ref != str(number) else self._reader.item(ref, issue, comments)

    def _gone(self) -> Gone:
        """The issue is gone, unless it is the repository that cannot be read: that may come back."""
        if self._place.look().get("has_issues") is False:
            raise Refused(f"issues are disabled in {self._place.name}")
        return Gone("the issue is not there any more")

    def create(self, fields: Mapping[str, Any], mark: str) -> str:
        """Make an issue that carries the mark in its text."""
        assignee = fields.get("assignee")
        values = {
            "title": fields.get("title", ""),
            "body": text(fields.get("body", ""), mark),
            "labels": self._writer.label_ids(fields.get("labels", ())),
            "assignees": [assignee] if assignee else [],
        }
        try:
            made = thing(self._place.call("POST", "/issues", json=values))
        except NotThere:
            raise Refused(f"the token may make no issues in {self._place.name}") from None
        number = made.get("number")
        if not isinstance(number, int) or isinstance(number, bool):
            raise Retry("Gitea did not say what it made")
        return str(number)

    @reads
    def find(self, mark: str) -> str | None:
        """The issue that carries the mark, in the listing by age: the search's index may lag behind."""
        params: dict[str, Any] = dict(feed.ISSUES)
        if account := self._own_account():
            params["created_by"] = account
        oldest = mark_made_at(mark)
        for row in self._place.rows("/issues", **params):
            if mark_in(str(row.get("body") or "")) == mark and not row.get("pull_request"):
                return str(int(row["number"]))
            at = moment(row.get("created_at"))
            if oldest and at and at < oldest - SKEW:
                return None
        return None

    def _own_account(self) -> str | None:
        if self._account is None:
            try:
                self._account = str(self._client.get("/user").get("login") or "")
            except (Refused, NotThere):
                self._account = ""  # a token that may not read its account
        return self._account or None

    def update(self, ref: str, changes: Mapping[str, Any]) -> None:
        """Write these fields: labels by adding and taking away, each of the others by itself."""
        try:
            self._writer.write(self._place.issue(ref), changes)
        except NotThere:
            raise Retry(WENT) from None

    @reads
    def history(self, ref: str, since: str | None) -> Sequence[FarChange]:
        """Titles, states and owners since a version; the time line does not tell of changed texts."""
        number = self._place.issue(ref)
        try:
            entries = list(self._place.rows(f"/issues/{number}/timeline"))
        except NotThere:
            if isinstance(self._gone_or_silent(number), Gone):
                raise Retry(WENT) from None
            return ()  # an older server without a time line
        changes = list(self._reader.changes(entries, self._own_account()))
        return since_look(changes, since)

    def _gone_or_silent(self, number: int) -> Gone | None:
        try:
            thing(self._place.call("GET", f"/issues/{number}"))
        except NotThere:
            return self._gone()
        return None

    @reads
    def changed_since(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """Issues changed or talked about since the cursor."""
        known = feed.Cursor.read(cursor)
        if self._place.number is None:
            self._place.number = known.repository
        try:
            start = None if known.issues and known.comments else feed.first(self._place)
            issues, comments = known.issues or start, known.comments or start
            refs: list[str] = []
            if issues is not None and comments is not None:
                changed, issues = feed.changed(self._place, "/issues", issues, **feed.ISSUES)
                said, comments = feed.changed(self._place, "/issues/comments", comments)
                refs = list(dict.fromkeys([*changed, *said]))
        except NotThere as error:
            self._gone()
            raise Retry(f"Gitea does not list the issues: {error}") from None
        return refs, feed.Cursor(self._place.number, issues, comments).written()

    @reads
    def scan(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """A page of the repository's issues, the newest first."""
        try:
            return feed.page(self._place, cursor)
        except NotThere as error:
            raise Refused(f"Gitea does not list the issues: {error}") from None

    # ---- comments ----

    def add_comment(self, ref: str, text_: str, mark: str) -> str:
        """Say something on the issue."""
        path = f"/issues/{self._place.issue(ref)}/comments"
        try:
            made = thing(self._place.call("POST", path, json={"body": text(text_, mark)}))
        except NotThere:
            raise Retry(WENT) from None
        if not isinstance(made.get("id"), int):
            raise Retry("Gitea did not say what it made")
        return str(made["id"])

    def edit_comment(self, ref: str, comment: str, text_: str, mark: str) -> None:
        """Change a comment; one that is gone will be seen as gone by the next look."""
        try:
            path = f"/issues/comments/{quote(comment, safe='')}"
            self._place.call("PATCH", path, json={"body": text(text_, mark)})
        except NotThere:
            return

    def delete_comment(self, ref: str, comment: str) -> None:
        """Take a comment away; one that is gone already is what was wanted."""
        try:
            self._place.call("DELETE", f"/issues/comments/{quote(comment, safe='')}")
        except NotThere:
            return
