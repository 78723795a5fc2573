"""Jira's answers as JSON, in the shapes of REST v3 (Cloud) and v2 (Data Center)."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from hub.lab.jira import papers
from hub.lab.jira.prose import plain, wiki
from hub.lab.jira.site import BOT, PRIORITIES, WORKFLOW, Comment, Issue, Site

# Cloud answers with the newest entries only.
RECENT = 40
# So many of its comments an issue names.
NAMED = 20


# An issue is shown with its whole log each time.
@lru_cache(maxsize=4096)
def stamp(at: dt.datetime) -> str:
    """A time as Jira writes it."""
    return at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def user(site: Site, account: str | None) -> dict[str, Any] | None:
    """A user: by account id at Cloud, where the mail address is hidden; by name and key at Data Center."""
    if account is None:
        return None
    name = "Service hub" if account == BOT else site.people.get(account, account)
    if site.cloud:
        return {"accountId": account, "accountType": "atlassian", "displayName": name, "active": True}
    mail = {} if account == BOT else {"emailAddress": f"{account}@jira.test"}
    return {"name": account, "key": site.key_of(account), "displayName": name, "active": True, **mail}


def issue(site: Site, one: Issue, expand: str = "", fields: str = "") -> dict[str, Any]:
    """An issue, with the newest of its change log and its first comments where asked."""
    shape: dict[str, Any] = {"id": one.id, "key": one.key, "self": f"/rest/api/issue/{one.id}"}
    shape["fields"] = {
        "summary": one.summary,
        "description": one.description,
        "status": {"name": one.status, "id": str(list(WORKFLOW).index(one.status) + 1)},
        "assignee": user(site, one.assignee),
        "reporter": user(site, BOT),
        "labels": list(one.labels),
        "priority": {"name": one.priority, "id": str(PRIORITIES.index(one.priority) + 1)},
        "duedate": one.duedate,
        "timeoriginalestimate": one.timeoriginalestimate,
        "created": stamp(one.created),
        "updated": stamp(one.updated),
        **papers.fields(site, one),
    }
    if "comment" in fields.split(","):
        named = [comment(site, one, said) for said in list(one.comments.values())[:NAMED]]
        page = {"startAt": 0, "maxResults": NAMED, "total": len(one.comments), "comments": named}
        shape["fields"]["comment"] = page
    if "changelog" in expand:
        kept = [entry(site, found) for found in reversed(one.log)]
        kept = kept[:RECENT] if site.cloud else kept[::-1]
        shape["changelog"] = {"startAt": 0, "maxResults": len(kept), "total": len(one.log), "histories": kept}
    return shape


def entry(site: Site, found: dict[str, Any]) -> dict[str, Any]:
    """An entry of the change log."""
    return {**found, "author": user(site, found["author"]), "created": stamp(found["created"])}


def comment(site: Site, issue: Issue, one: Comment, expand: str = "") -> dict[str, Any]:
    """A comment."""
    shape = {
        "self": f"https://jira.test/rest/api/3/issue/{issue.id}/comment/{one.id}",
        "id": one.id,
        "author": user(site, one.author),
        "body": one.body,
        "created": stamp(one.created),
        "updated": stamp(one.created),
    }
    if one.visibility:
        shape["visibility"] = one.visibility
    if site.cloud:
        shape["jsdPublic"] = True
        if "properties" in expand and site.properties_listed:
            shape["properties"] = one.properties
    return shape


def transitions(one: Issue) -> list[dict[str, Any]]:
    """What is possible now, with the fields it asks for."""
    return [
        {
            "id": number,
            "name": f"To {target}",
            "to": {"name": target, "id": str(list(WORKFLOW).index(target) + 1)},
            "hasScreen": asked is not None,
            "fields": {asked: {"required": True, "name": asked.title(), "key": asked}} if asked else {},
        }
        for number, target, asked in WORKFLOW[one.status]
    ]


def event(
    site: Site, name: str, one: Issue, about: Comment | None, who: str, at: dt.datetime
) -> dict[str, Any]:
    """The body of a webhook: texts as in v2. A deleted comment comes without its issue."""
    body: dict[str, Any] = {"timestamp": int(at.timestamp() * 1000), "webhookEvent": name}
    body["user"] = user(site, who)
    if about is not None:
        body["comment"] = {**comment(site, one, about), "body": wiki(plain(about.body))}
    if name != "comment_deleted":
        shape = issue(site, one)
        shape["fields"]["description"] = wiki(plain(one.description))
        body["issue"] = shape
    return body
