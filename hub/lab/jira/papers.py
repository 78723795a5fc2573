"""Attachments and work logs of the imitation: shapes, addresses, and the store that takes no credential."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, has_request_context, jsonify, redirect, request

from hub.core.database import Clock

if TYPE_CHECKING:
    from hub.lab.jira.site import Issue, Site

# An issue names so many entries of work itself; the rest is asked for.
NAMED = 20
MEDIA = "https://media.jira.invalid"
SITE = "https://jira.invalid"
MOST_BYTES = 10_000_000


@dataclass(frozen=True)
class Attachment:
    """A file at an issue."""

    id: str
    author: str
    name: str
    data: bytes
    created: dt.datetime


@dataclass(frozen=True)
class Worklog:
    """Time somebody logged; the note is in Jira's own markup."""

    id: str
    author: str
    seconds: int
    note: Any
    started: dt.datetime


class NotThere(Exception):
    """No such thing, or it may not be seen."""


class Shelf:
    """The part of a site that keeps attachments and entries of work."""

    clock: Clock
    issues: dict[str, Issue]

    def _number(self) -> str:
        raise NotImplementedError

    def _touched(self, issue: Issue, event: str, comment: Any, who: str) -> None:
        raise NotImplementedError

    def native(self, text: str) -> Any:
        """Plain paragraphs as this edition holds them."""
        raise NotImplementedError

    def attach(self, issue: Issue, who: str, name: str, data: bytes) -> Attachment:
        """Put a file to an issue."""
        made = Attachment(self._number(), who, name, data, self.clock.now())
        issue.attachments[made.id] = made
        self._touched(issue, "jira:issue_updated", None, who)
        return made

    def attachment(self, number: str) -> Attachment:
        """The file with this number."""
        for issue in self.issues.values():
            if number in issue.attachments:
                return issue.attachments[number]
        raise NotThere

    def work(self, issue: Issue, who: str, minutes: int, text: str = "") -> Worklog:
        """Log time on an issue."""
        note = self.native(text) if text else None
        made = Worklog(self._number(), who, minutes * 60, note, self.clock.now())
        issue.worklogs[made.id] = made
        self._touched(issue, "jira:issue_updated", None, who)
        return made

    def forgo(self, issue: Issue, kind: str, number: str, who: str) -> None:
        """Take an attachment or an entry of work away."""
        kept: dict[str, Any] = issue.attachments if kind == "attachment" else issue.worklogs
        del kept[number]
        self._touched(issue, "jira:issue_updated", None, who)


def attachment(site: Site, one: Attachment) -> dict[str, Any]:
    """An attachment as Jira shows it."""
    from hub.lab.jira.shapes import stamp, user

    root = request.host_url.rstrip("/") if has_request_context() else SITE
    where = f"{root}/rest/api/3/attachment/content/{one.id}"
    return {
        "id": one.id,
        "filename": one.name,
        "author": user(site, one.author),
        "created": stamp(one.created),
        "size": len(one.data),
        "mimeType": "application/octet-stream",
        "content": where if site.cloud else f"{root}/secure/attachment/{one.id}/{one.name}",
    }


def worklog(site: Site, one: Worklog) -> dict[str, Any]:
    """An entry of work as Jira shows it."""
    from hub.lab.jira.shapes import stamp, user

    return {
        "id": one.id,
        "author": user(site, one.author),
        "comment": one.note,
        "started": stamp(one.started),
        "timeSpentSeconds": one.seconds,
    }


def fields(site: Site, issue: Issue) -> dict[str, Any]:
    """The fields of an issue; one without a parent does not have that one."""
    work = [worklog(site, one) for one in issue.worklogs.values()]
    parent = site.issues.get(issue.parent or "")
    above = {"id": parent.id, "key": parent.key, "fields": {"summary": parent.summary}} if parent else None
    return {
        **({"parent": above} if above else {}),
        "attachment": [attachment(site, one) for one in issue.attachments.values()],
        "worklog": {
            "startAt": 0,
            "maxResults": NAMED,
            "total": len(work),
            "worklogs": work[:NAMED],
        },
    }


def add_routes(api: Blueprint, site: Site, bot: str) -> None:
    """The addresses below ``/rest/api``."""

    @api.post("/issue/<ref>/attachments")
    def attach(ref: str) -> Any:
        found = site.find(ref)
        if request.headers.get("X-Atlassian-Token") != "no-check":
            return Response("XSRF check failed", 403, mimetype="text/plain")
        made = []
        for sent in request.files.getlist("file"):
            data = sent.read()
            if len(data) > MOST_BYTES:
                return jsonify(errorMessages=["The attachment is too large."], errors={}), 413
            made.append(site.attach(found, bot, sent.filename or "", data))
        return jsonify([attachment(site, one) for one in made])

    @api.get("/attachment/content/<number>")
    def content(number: str) -> Any:
        site.attachment(number)
        return redirect(f"{MEDIA}/media/{number}?token=signed", 303)

    @api.get("/attachment/<number>")
    def about(number: str) -> Any:
        return jsonify(attachment(site, site.attachment(number)))

    @api.get("/issue/<ref>/worklog")
    def work(ref: str) -> Any:
        rows = [worklog(site, one) for one in site.find(ref).worklogs.values()]
        start = request.args.get("startAt", 0, type=int)
        return jsonify(
            {"startAt": start, "maxResults": 5000, "total": len(rows), "worklogs": rows[start : start + 5000]}
        )


def make_store(site: Site) -> Blueprint:
    """Where the bytes lie: Cloud's store refuses whoever shows a credential of Jira's."""
    store = Blueprint("store", __name__)

    @store.get("/media/<number>")
    def media(number: str) -> Any:
        if request.headers.get("Authorization") or request.args.get("token") != "signed":
            return jsonify(error="only one way to say who one is"), 400
        return Response(site.attachment(number).data, mimetype="application/octet-stream")

    @store.get("/secure/attachment/<number>/<name>")
    def secure(number: str, name: str) -> Any:
        return Response(site.attachment(number).data, mimetype="application/octet-stream")

    return store
