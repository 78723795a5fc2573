"""One connection to a Jira: its words in the hub's, and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hub.plugins.jira import checking, hooks, papers, planned
from hub.plugins.jira.changelog import ChangeLog
from hub.plugins.jira.client import Client, issue_path
from hub.plugins.jira.errors import NotThere, record, words
from hub.plugins.jira.reading import LABEL, account_of, values_of, version_of
from hub.plugins.jira.search import Search
from hub.plugins.jira.settings import JiraSettings
from hub.plugins.jira.talking import Talk
from hub.plugins.jira.texts import markup
from hub.plugins.jira.walking import Walking
from hub.plugins.jira.writing import Writing
from hub.sdk import (
    CANONICAL_FIELDS,
    OPTIONAL_FIELDS,
    Catalogue,
    Checked,
    DeliveryValue,
    FarChange,
    FarItem,
    Gone,
    Hint,
    MovedTo,
    OutgoingFile,
    Refused,
    Retry,
)

FIELDS = ",".join(("summary,description,status,assignee,labels,comment", *planned.FIELDS, *papers.FIELDS))


class JiraTracker:
    """One project. An issue's reference is its number inside Jira: it stays when the issue moves."""

    capabilities = frozenset(
        {
            *OPTIONAL_FIELDS,
            "history",
            "edit-comment",
            "delete-comment",
            "scan",
            "files",
            "worklogs",
            "transitions",
        }
    )
    # Jira's search shows most new issues within seconds, some after minutes.
    find_lag = dt.timedelta(minutes=3)

    def __init__(self, client: Client, settings: JiraSettings, hook_secret: str) -> None:
        """Without ``hook_secret`` no delivery is genuine."""
        self._client = client
        self._settings = settings
        self._hook_secret = hook_secret
        self._markup = markup(settings.flavour)
        self._search = Search(client, settings.project, settings.jql)
        self._writing = Writing(client, settings, self._markup)
        self._walking = Walking(client, settings)
        self._talk = Talk(client, self._markup)
        self._papers = papers.Papers(client, self._markup)
        self._log = ChangeLog(client, self._markup, self._talk.myself)
        # What was just made may be missing from the search: mark to number.
        self._made: dict[str, str] = {}

    def check(self) -> Checked:
        """Token, project and the statuses of the mapping."""
        return checking.check(self._client, self._settings, self._hook_secret)

    def catalogue(self) -> Catalogue:
        """The project's statuses, and the people on its last issues."""
        people: dict[str, str] = {}
        mails: dict[str, str] = {}
        for user in self._search.people():
            if account := account_of(user, self._client.cloud):
                people[account] = words(user.get("displayName")) or account
                # Hidden at Cloud unless the person shows it, or the account may see it.
                if mail := words(user.get("emailAddress")):
                    mails[account] = mail
        states = checking.statuses(self._client, self._settings.project)
        types = checking.types(self._client, self._settings.project)
        return Catalogue(
            tuple(states), tuple(sorted(people.items())), tuple(types), timed=CANONICAL_FIELDS, mails=mails
        )

    def verify(self, delivery: DeliveryValue) -> bool:
        """Is it signed with our secret?"""
        return hooks.is_genuine(delivery, self._hook_secret)

    def hints(self, delivery: DeliveryValue) -> Iterable[Hint]:
        """The issues it mentions."""
        return hooks.hints(delivery)

    def fetch(self, ref: str) -> FarItem | Gone | MovedTo:
        """Read one issue with its comments. A key leads to the number."""
        try:
            issue = record(self._client.get(issue_path(ref), fields=FIELDS, expand="changelog"))
        except NotThere as error:
            return self._gone(ref, error)
        number, key = words(issue.get("id")), words(issue.get("key"))
        values = values_of(issue, self._markup, self._client.cloud)
        if not number:
            raise Refused("Jira's answer holds no issue")
        if number != ref:
            return MovedTo(number)
        try:
            comments = self._talk.comments(number, issue)
            worklogs = self._papers.work(number, issue)
        except NotThere as error:
            return self._gone(ref, error)
        self._search.place(number, key)
        self._log.read(number, issue)
        people = str(self._settings.site_url or self._settings.base_url).rstrip("/")
        url, files = f"{people}/browse/{key}", papers.files_of(issue)
        version, parent = version_of(issue), papers.parent_of(issue)
        return FarItem(number, url, values, version, comments, files, worklogs, parent)

    def _gone(self, ref: str, error: NotThere) -> Gone:
        self._search.lost(ref)
        # With a token that is no longer good, or rights that were taken, everything looks deleted.
        try:
            self._client.get(f"/project/{self._settings.project}")
        except NotThere:
            raise Refused(f"the project {self._settings.project} can no longer be seen") from None
        return Gone(f"deleted, or the account may no longer see it ({error.message})")

    def create(self, fields: Mapping[str, Any], mark: str) -> str:
        """Make an issue that carries the mark as a label. Its status comes with the next update."""
        ref = self._writing.create(fields, mark)
        self._made[mark] = ref
        return ref

    def find(self, mark: str) -> str | None:
        """The oldest issue with the mark that is really there."""
        known = self._made.get(mark)
        for ref in self._search.labelled(f"{LABEL}{mark}", [known] if known else []):
            try:
                self._client.get(issue_path(ref), fields="labels")
            except NotThere:
                continue  # the index still lists what was deleted
            return ref
        return None

    def update(self, ref: str, changes: Mapping[str, Any]) -> None:
        """Write these fields in one call, and take the transition to the status."""
        try:
            self._writing.update(ref, {name: value for name, value in changes.items() if name != "status"})
            if "status" in changes:
                self._walking.step(ref, changes["status"])
        except NotThere:
            raise Retry("the issue went while it was written") from None

    def transitions(self, ref: str, status: str) -> Mapping[str, Sequence[str]]:
        """What the transitions of now lead to, and which of that may be passed."""
        try:
            return self._walking.ways(ref, status)
        except NotThere:
            raise Retry("the issue went before it was written") from None

    def history(self, ref: str, since: str | None) -> Sequence[FarChange]:
        """The change log after the version that was read."""
        return self._log.after(ref, since)

    def add_comment(self, ref: str, text: str, mark: str) -> str:
        """Say something on the issue."""
        try:
            return self._talk.add(ref, text, mark)
        except NotThere:
            raise Retry("the issue went while it was written") from None

    def edit_comment(self, ref: str, comment: str, text: str, mark: str) -> None:
        """Change a comment; one that is gone will be seen as gone by the next look."""
        self._talk.edit(ref, comment, text, mark)

    def delete_comment(self, ref: str, comment: str) -> None:
        """Take a comment away; one that is gone already is what was wanted."""
        self._talk.delete(ref, comment)

    def add_file(self, ref: str, file: OutgoingFile) -> str:
        """Put a file to the issue."""
        return self._papers.add(ref, file)

    def read_file(self, ref: str, file: str) -> bytes:
        """The bytes of an attachment."""
        return self._papers.read(file)

    def changed_since(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """Issues changed since the cursor."""
        return self._search.changed(cursor)

    def scan(self, cursor: str | None) -> tuple[Sequence[str], str | None]:
        """Some issues of the project, those that changed longest ago first."""
        return self._search.scanned(cursor)
