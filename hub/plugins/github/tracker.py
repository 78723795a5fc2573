"""One connection to a GitHub repository: the hub's questions in GitHub's calls."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from hub.plugins.github import feed, hooks
from hub.plugins.github.answers import Elsewhere, NotThere
from hub.plugins.github.checking import check
from hub.plugins.github.client import Client, thing
from hub.plugins.github.escaping import marked, outward
from hub.plugins.github.place import Address, Place
from hub.plugins.github.reading import MOVES, STATES, Reader
from hub.plugins.github.settings import GitHubSettings
from hub.plugins.github.writing import Writer
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

# Our clock made the mark and GitHub's the issue: they may differ by so much.
SKEW = dt.timedelta(days=1)
WENT = "the issue went while it was written"


class GitHubTracker:
    """Issues of one repository. Pull requests are none."""

    capabilities = frozenset({"history", "edit-comment", "delete-comment", "hooks", "scan", "transitions"})
    # The listing shows a new issue at once; a call whose answer was lost may still be at work.
    find_lag = dt.timedelta(minutes=1)

    def __init__(
        self, client: Client, place: Place, settings: GitHubSettings, secrets: Mapping[str, str]
    ) -> None:
        """``secrets`` holds ``token`` and ``hook_secret``."""
        self._client = client
        self._place = place
        self._settings = settings
        self._token, self._hook_secret = secrets.get("token", ""), secrets.get("hook_secret", "")
        self._reader = Reader(settings.people_map.values(), settings.new_labels)
        self._account: str | None = settings.account or None

    # ---- the connection ----

    def check(self) -> Checked:
        """Token, repository and rights."""
        return check(self._client, self._place, self._token, self._hook_secret)

    @reads
    def catalogue(self) -> Catalogue:
        """GitHub's states, and who can be assigned in the repository."""
        people = [str(row["login"]) for row in self._place.rows("/assignees") if row.get("login")]
        timed = ("title", "status", "assignee")
        return Catalogue(STATES, tuple((login, login) for login in people), timed=timed)

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
        """Ask for deliveries that failed since the cursor once more."""
        return hooks.redeliver(self._place, url, cursor)

    # ---- issues ----

    @reads
    def fetch(self, ref: str) -> FarItem | Gone | MovedTo:
        """Read one issue with its comments."""
        address = self._place.address(ref)
        path = f"/issues/{address.number}"
        try:
            issue = thing(self._place.call("GET", path, address))
            comments = self._comments(path, address, issue)
        except Elsewhere as error:
            moved = self._place.moved(error.url)
            return MovedTo(moved.ref) if moved else Gone("the issue was moved to where the token cannot see")
        except NotThere as error:
            return self._gone(error)
        if "pull_request" in issue:
            raise Refused(f"{address.ref} is a pull request, not an issue")
        # A name that people typed becomes the one that hints use.
        return MovedTo(address.ref) if ref != address.ref else self._reader.item(ref, issue, comments)

    def _comments(self, path: str, address: Address, issue: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        read = {row.get("id"): row for row in self._place.rows(f"{path}/comments", address)}
        if len(read) > 99 and len(read) != issue.get("comments"):
            # Pages shift when a comment is deleted while they are read: one that is there must not be missed.
            read.update((row.get("id"), row) for row in self._place.rows(f"{path}/comments", address))
        return list(read.values())

    def _gone(self, error: NotThere) -> Gone:
        """The issue is gone, unless it is the repository that cannot be read: that may come back."""
        found = self._place.look()
        if found.get("has_issues") is False:
            raise Refused(f"issues are disabled in {self._place.name}")
        return Gone("the issue was deleted" if error.status == 410 else "the issue is not there any more")

    def create(self, fields: Mapping[str, Any], mark: str) -> str:
        """Make an issue that carries the mark in its text."""
        labels = [*sorted(fields.get("labels", ())), *self._settings.new_labels]
        values = {"title": fields.get("title", ""), "body": self._text("body", fields.get("body", ""), mark)}
        assignee = fields.get("assignee")
        try:
            made = thing(
                self._place.call(
                    "POST",
                    "/issues",
                    json={**values, "labels": labels, "assignees": [assignee] if assignee else []},
                )
            )
        except NotThere as error:
            if error.status == 410:
                raise Refused(f"issues are disabled in {self._place.name}") from None
            raise Refused(f"the token may make no issues in {self._place.name}") from None
        number = made.get("number")
        if not isinstance(number, int):
            raise Retry("GitHub did not say what it made")
        return Address(number).ref

    @reads
    def find(self, mark: str) -> str | None:
        """The issue that carries the mark, in the listing by age: GitHub's search lags behind."""
        params: dict[str, Any] = {"state": "all", "sort": "created", "direction": "desc"}
        if account := self._own_account():
            params["creator"] = account
        oldest = mark_made_at(mark)
        for row in self._place.rows("/issues", **params):
            if mark_in(row.get("body") or "") == mark and "pull_request" not in row:
                return Address(int(row["number"])).ref
            at = moment(row.get("created_at"))
            if oldest and at and at < oldest - SKEW:
                return None
        return None

    def _own_account(self) -> str | None:
        if self._account is None:
            try:
                self._account = str(self._client.get("/user").get("login") or "")
            except (Refused, NotThere):
                self._account = ""  # a token that stands for no person cannot be asked
        return self._account or None

    def update(self, ref: str, changes: Mapping[str, Any]) -> None:
        """Write these fields: labels and owner by adding and taking away, the rest in one call."""
        address = self._place.address(ref)
        try:
            Writer(self._place, address, self._reader, self._text).write(changes)
        except NotThere as error:
            raise Retry(f"{WENT}: {error.message}") from None
        except Elsewhere:
            raise Retry(WENT) from None

    def transitions(self, ref: str, status: str) -> Mapping[str, Sequence[str]]:
        """From one reason for being closed to another it goes by open."""
        return MOVES

    @reads
    def history(self, ref: str, since: str | None) -> Sequence[FarChange]:
        """Titles, states and owners since a version; GitHub keeps no list of changed texts."""
        address = self._place.address(ref)
        try:
            events = list(self._place.rows(f"/issues/{address.number}/events", address))
        except (NotThere, Elsewhere):
            raise Retry(WENT) from None
        changes = list(self._reader.changes(events, self._own_account()))
        return since_look(changes, since)

    @reads
    def changed_since(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """Issues changed or talked about since the cursor."""
        known = feed.Cursor.read(cursor)
        if self._place.number is None:
            self._place.number = known.repository
        only = self._settings.only_labels
        params = {"state": "all", **({"labels": ",".join(only)} if only else {})}
        try:
            start = None if known.issues and known.comments else feed.first(self._place)
            issues, comments = known.issues or start, known.comments or start
            refs: list[str] = []
            if issues is not None and comments is not None:
                changed, issues = feed.read(self._place, "/issues", issues, **params)
                said, comments = self._said(comments)
                refs = list(dict.fromkeys(feed.numbers(changed) + feed.numbers(said)))
        except NotThere as error:
            self._gone(error)
            raise Retry(f"GitHub does not list the issues: {error.message}") from None
        except Elsewhere:
            raise Retry("the repository moves") from None
        return refs, feed.Cursor(self._place.number, issues, comments).written()

    @reads
    def scan(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """A page of the repository's issues, those that changed longest ago first."""
        only = self._settings.only_labels
        params = {"state": "all", **({"labels": ",".join(only)} if only else {})}
        try:
            rows, following = feed.page(self._place, "/issues", cursor, **params)
        except NotThere as error:
            raise Refused(f"GitHub does not list the issues: {error.message}") from None
        except Elsewhere:
            raise Retry("the repository moves") from None
        return feed.numbers(rows), following

    def _said(self, comments: feed.Feed) -> tuple[list[Mapping[str, Any]], feed.Feed]:
        try:
            return feed.read(self._place, "/issues/comments", comments)
        except NotThere:
            return [], comments  # a server without this list: a comment changes its issue's time as well

    # ---- comments ----

    def add_comment(self, ref: str, text: str, mark: str) -> str:
        """Say something on the issue, with the mark in front."""
        address = self._place.address(ref)
        body = {"body": self._text("", text, mark)}
        try:
            made = thing(
                self._place.call("POST", f"/issues/{address.number}/comments", address, json=body)
            )  # fmt: skip
        except (NotThere, Elsewhere):
            raise Retry(WENT) from None
        if "id" not in made:
            raise Retry("GitHub did not say what it made")
        return str(made["id"])

    def edit_comment(self, ref: str, comment: str, text: str, mark: str) -> None:
        """Change a comment; one that is gone will be seen as gone by the next look."""
        address = self._place.address(ref)
        body = {"body": self._text("", text, mark)}
        try:
            self._place.call("PATCH", f"/issues/comments/{quote(comment)}", address, json=body)
        except (NotThere, Elsewhere):
            return

    def delete_comment(self, ref: str, comment: str) -> None:
        """Take a comment away; one that is gone already is what was wanted."""
        try:
            self._place.call("DELETE", f"/issues/comments/{quote(comment)}", self._place.address(ref))
        except (NotThere, Elsewhere):
            return

    def _text(self, field: str, text: str, mark: str | None) -> str:
        made = marked(text, mark) if mark else outward(text)
        longest = self._settings.longest_text
        if len(made) > longest:
            raise Refused(
                f"the text has {len(made)} characters, GitHub takes {longest}", [field] if field else []
            )
        return made
