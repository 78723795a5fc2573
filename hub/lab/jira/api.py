"""The imitation's REST API: v3 with its enhanced search (Cloud) or v2 with the old one (Data Center)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, request

from hub.lab.jira import papers, shapes
from hub.lab.jira.papers import NotThere
from hub.lab.jira.site import BOT, PRIORITIES, STATUSES, Comment, Issue, Site, Wrong

# Jira gives shorter pages than asked for.
PAGE = 50
CLAUSE = re.compile(r'(project|labels|updated)\s*(=|>=)\s*(?:"([^"]*)"|(\d+))')
ZONE = "Asia/Shanghai"


def make_api(site: Site) -> Blueprint:
    """The blueprint under ``/rest/api/3`` or ``/rest/api/2``."""
    api = Blueprint("api", __name__, url_prefix=f"/rest/api/{3 if site.cloud else 2}")

    @api.get("/myself")
    def myself() -> Any:
        return jsonify({**(shapes.user(site, BOT) or {}), "timeZone": ZONE})

    @api.get("/project/<key>")
    def project(key: str) -> Any:
        _known(key)
        return jsonify(key=key, id="10000", name="Operations")

    @api.get("/project/<key>/statuses")
    def statuses(key: str) -> Any:
        _known(key)
        return jsonify([{"id": "1", "name": "Task", "statuses": [{"name": name} for name in STATUSES]}])

    @api.post("/issue")
    def create() -> Any:
        body = _sent()
        fields = body.get("fields", {})
        if not isinstance(fields.get("issuetype"), dict):
            raise Wrong(issuetype="Specify an issue type")
        _known(fields.get("project", {}).get("key", ""))
        made = site.create(BOT, _values(fields))
        made.properties.update({one["key"]: one["value"] for one in body.get("properties", ())})
        return jsonify({"id": made.id, "key": made.key, "self": f"/rest/api/issue/{made.id}"}), 201

    @api.get("/issue/<ref>")
    def read(ref: str) -> Any:
        asked = request.args
        return jsonify(shapes.issue(site, site.find(ref), asked.get("expand", ""), asked.get("fields", "")))

    @api.put("/issue/<ref>")
    def change(ref: str) -> Any:
        body, found = _sent(), site.find(ref)
        values = _values(body.get("fields", {}))
        labels = set(found.labels)
        for step in body.get("update", {}).get("labels", ()):
            labels |= {step["add"]} if "add" in step else set()
            labels -= {step["remove"]} if "remove" in step else set()
        if labels != set(found.labels):
            values["labels"] = sorted(labels)
        site.change(found, BOT, values)
        return "", 204

    @api.get("/issue/<ref>/transitions")
    def possible(ref: str) -> Any:
        return jsonify(transitions=shapes.transitions(site.find(ref)))

    @api.post("/issue/<ref>/transitions")
    def go(ref: str) -> Any:
        body, found = _sent(), site.find(ref)
        number = str(body.get("transition", {}).get("id", ""))
        site.go(found, BOT, number, body.get("fields", {}))
        return "", 204

    @api.get("/issue/<ref>/changelog")
    def changelog(ref: str) -> Any:
        if not site.cloud:
            raise NotThere
        entries = [shapes.entry(site, one) for one in site.find(ref).log]
        return _page("values", entries)

    @api.post("/issue/<ref>/remotelink")
    def remote_link(ref: str) -> Any:
        body, found = _sent(), site.find(ref)
        known = body["globalId"] in found.remote_links
        found.remote_links[body["globalId"]] = body
        return jsonify({"id": 10000 + len(found.remote_links)}), 200 if known else 201

    @api.get("/issue/<ref>/comment")
    def comments(ref: str) -> Any:
        found, expand = site.find(ref), request.args.get("expand", "")
        said = [shapes.comment(site, found, one, expand) for one in found.comments.values()]
        return _page("comments", said)

    @api.post("/issue/<ref>/comment")
    def say(ref: str) -> Any:
        body, found = _sent(), site.find(ref)
        made = site.say(found, BOT, body.get("body"), body.get("properties", ()))
        return jsonify(shapes.comment(site, found, made)), 201

    @api.put("/issue/<ref>/comment/<number>")
    def edit_comment(ref: str, number: str) -> Any:
        found, one = _comment(ref, number)
        site.edit_comment(found, one, BOT, _sent().get("body"))
        return jsonify(shapes.comment(site, found, one))

    @api.delete("/issue/<ref>/comment/<number>")
    def delete_comment(ref: str, number: str) -> Any:
        site.delete_comment(*_comment(ref, number), BOT)
        return "", 204

    papers.add_routes(api, site, BOT)

    @api.get("/comment/<number>/properties/<key>")
    def comment_property(number: str, key: str) -> Any:
        for found in site.issues.values():
            for one in found.comments[number].properties if number in found.comments else ():
                if one["key"] == key:
                    return jsonify(one)
        raise NotThere

    @api.get("/search/jql")
    def search_new() -> Any:
        if not site.cloud:
            raise NotThere
        found = _found([int(one) for one in request.args.getlist("reconcileIssues")])
        start = int(request.args.get("nextPageToken", "0"))
        size = min(int(request.args.get("maxResults", "50")), PAGE)
        page: dict[str, Any] = {"issues": [_listed(one) for one in found[start : start + size]]}
        page["isLast"] = start + size >= len(found)
        if not page["isLast"]:
            page["nextPageToken"] = str(start + size)
        return jsonify(page)

    @api.get("/search")
    def search_old() -> Any:
        if site.cloud:
            gone = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
            return jsonify(errorMessages=[gone], errors={}), 410
        return _page("issues", [_listed(one) for one in _found([])])

    def _listed(one: Issue) -> dict[str, Any]:
        shape = shapes.issue(site, one)
        asked = request.args.get("fields", "").split(",")
        # Cloud gives nothing but the number unless fields are named.
        shape["fields"] = {name: value for name, value in shape["fields"].items() if name in asked}
        return shape

    def _found(fresh: list[int]) -> list[Issue]:
        jql = request.args.get("jql", "")
        clauses = {name: text or number for name, _sign, text, number in CLAUSE.findall(jql)}
        also = set(re.findall(r"\d+", (re.findall(r"id in \(([^)]*)\)", jql) or [""])[0]))
        if also - set(site.issues):
            raise Wrong(jql="An issue with this key does not exist")
        if "project" not in clauses:
            raise Wrong(jql="Unbounded JQL queries are not allowed here.")
        rows = [
            (issue, at)
            for issue, at, labels in site.listed(fresh)
            if (issue.key.startswith(f"{clauses['project']}-") or issue.id in also)
            and clauses.get("labels", next(iter(labels), None)) in (*labels, None)
            and _since(clauses.get("updated"), at)
        ]
        rows.sort(key=lambda row: (row[1], row[0].id), reverse="DESC" in jql)
        return [issue for issue, _at in rows]

    def _comment(ref: str, number: str) -> tuple[Issue, Comment]:
        found = site.find(ref)
        if number not in found.comments:
            raise NotThere
        return found, found.comments[number]

    return api


def _known(project: str) -> None:
    if project != "OPS":
        raise NotThere


def _since(text: str | None, at: dt.datetime) -> bool:
    if text is None:
        return True
    if text.isdigit():
        return at.timestamp() * 1000 >= int(text)
    # Minutes, in the zone of whoever asks.
    since = dt.datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(ZONE))
    return at >= since


def _values(fields: dict[str, Any]) -> dict[str, Any]:
    written = ("summary", "description", "labels")
    kept: dict[str, Any] = {name: fields[name] for name in written if name in fields}
    if "assignee" in fields:
        who = fields["assignee"] or {}
        kept["assignee"] = who.get("accountId") or who.get("id") or who.get("name")
    if "priority" in fields:
        kept["priority"] = _priority(fields["priority"] or {})
    if "duedate" in fields:
        kept["duedate"] = _day(fields["duedate"])
    if "timetracking" in fields:
        kept["timeoriginalestimate"] = _seconds(fields["timetracking"].get("originalEstimate"))
    return kept


def _priority(said: dict[str, Any]) -> str | None:
    """By name or by id, as in *Create issue* of the REST API."""
    number = str(said.get("id", ""))
    known = number.isascii() and number.isdigit() and 0 < int(number) <= len(PRIORITIES)
    return PRIORITIES[int(number) - 1] if known else said.get("name")


def _day(value: Any) -> str | None:
    try:
        return dt.date.fromisoformat(value).isoformat() if value else None
    except (TypeError, ValueError):
        raise Wrong(duedate="Error parsing date string") from None


def _seconds(value: Any) -> int:
    if not isinstance(value, str) or not (found := re.fullmatch(r"([0-9]+)m", value)):
        raise Wrong(timetracking_originalestimate="Original Estimate is invalid.")
    return int(found[1]) * 60


def _page(name: str, rows: list[dict[str, Any]]) -> Any:
    start = request.args.get("startAt", 0, type=int)
    size = min(request.args.get("maxResults", PAGE, type=int), PAGE)
    return jsonify(
        {"startAt": start, "maxResults": size, "total": len(rows), name: rows[start : start + size]}
    )


def _sent() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Wrong(body="the body must be a JSON object")
    return body
