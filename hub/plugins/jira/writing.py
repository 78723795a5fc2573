"""Making and changing issues."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hub.plugins.jira import planned
from hub.plugins.jira.client import Client, issue_path
from hub.plugins.jira.errors import NotThere, Unreadable, record, words
from hub.plugins.jira.reading import LABEL, PROPERTY
from hub.plugins.jira.settings import JiraSettings
from hub.plugins.jira.texts import Markup
from hub.sdk import Refused, Retry, SetChange

UNCLEAR = "Jira did not say what it made"


class Writing:
    """Writes the fields of issues, but for their status."""

    def __init__(self, client: Client, settings: JiraSettings, markup: Markup) -> None:
        """``markup`` is how texts are written there."""
        self._client = client
        self._settings = settings
        self._markup = markup

    def create(self, fields: Mapping[str, Any], mark: str) -> str:
        """Make an issue with the mark as label and as property; gives its number."""
        settings = self._settings
        kind = settings.issue_type
        labels = _fit(fields.get("labels", ()))
        sent: dict[str, Any] = {
            **settings.begun(),
            **self._values(fields),
            "project": {"key": settings.project},
            "issuetype": {"id": kind} if kind.isascii() and kind.isdigit() else {"name": kind},
            "labels": [*labels, f"{LABEL}{mark}"] if mark else labels,
        }
        body: dict[str, Any] = {"fields": {name: one for name, one in sent.items() if one is not None}}
        if mark:
            body["properties"] = [{"key": PROPERTY, "value": {"id": mark, "v": 1}}]
        ref = made(lambda: self._client.post("/issue", body))
        self._link_back(ref, mark, words(fields.get("title")))
        return ref

    def _link_back(self, ref: str, mark: str, title: str) -> None:
        """A link to the hub; the same ``globalId`` again changes nothing."""
        if self._settings.hub_url is None or not mark:
            return
        hub = str(self._settings.hub_url).rstrip("/")
        link = {
            "globalId": f"system={hub}&id={mark}",
            "application": {"type": "service-hub", "name": "Service hub"},
            "relationship": "mirrors",
            "object": {"url": hub, "title": title[:255] or hub},
        }
        try:
            self._client.post(issue_path(ref, "remotelink"), link)
        except (Refused, Retry, NotThere):
            return  # the issue is made; the link is a convenience that a project may have switched off

    def update(self, ref: str, changes: Mapping[str, Any]) -> None:
        """Change these fields in one call."""
        body: dict[str, Any] = {}
        if fields := self._values(changes):
            body["fields"] = fields
        if isinstance(labels := changes.get("labels"), SetChange):
            steps = [{"add": label} for label in _fit(labels.add)]
            steps += [{"remove": label} for label in sorted(labels.remove)]
            if steps:
                body["update"] = {"labels": steps}
        if body:
            quiet = {} if self._settings.notify_users else {"notifyUsers": "false"}
            self._client.put(issue_path(ref), body, **quiet)

    def _values(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        sent: dict[str, Any] = {}
        if "title" in fields:
            sent["summary"] = fields["title"]
        if "body" in fields:
            sent["description"] = self._markup.there(fields["body"] or "")
        if "assignee" in fields:
            name = "id" if self._client.cloud else "name"
            sent["assignee"] = {name: fields["assignee"]} if fields["assignee"] else None
        return {**sent, **planned.written(fields)}


def made(call: Callable[[], Any]) -> str:
    """The number of what a call made."""
    try:
        answer = call()
    except Unreadable:
        answer = {}
    ref = words(record(answer).get("id"))
    if not ref:
        # It may or may not be there now: the mark will tell.
        raise Retry(UNCLEAR)
    return ref


def _fit(labels: Any) -> list[str]:
    """The labels in one order; Jira takes none with a blank."""
    odd = sorted(label for label in labels if label.split() != [label])
    if odd:
        raise Refused(f"Jira takes no label with a blank in it: {', '.join(odd)}", ["labels"])
    return sorted(labels)
