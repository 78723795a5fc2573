"""The imitation's REST API: account, repositories, issues, labels, comments, hooks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, jsonify, request

from hub.lab.gitea.door import Moved, caller, paged, sent
from hub.lab.gitea.forge import Comment, Forge, Issue, Repository, Wrong
from hub.lab.gitea.hooks import Hooks
from hub.lab.gitea.shown import Shown, user

API = "/api/v1"
REPOSITORY = f"{API}/repos/<owner>/<name>"
ISSUE = f"{REPOSITORY}/issues/<int:number>"


class Finder:
    """Finds what an address names."""

    def __init__(self, forge: Forge) -> None:
        """``forge`` holds everything."""
        self.forge = forge

    def shown(self) -> Shown:
        """The writer for this request."""
        return Shown(self.forge, request.url_root)

    def repository(self, owner: str, name: str) -> Repository:
        """The repository of this name; an old name leads to the new one."""
        found = self.forge.repositories[self.forge.names[f"{owner}/{name}".lower()]]
        if not found.readable:
            raise KeyError(name)
        if found.name.lower() != f"{owner}/{name}".lower():
            raise Moved(request.path.replace(f"/{owner}/{name}", f"/{found.name}", 1))
        if request.method != "GET" and found.archived:
            raise Wrong(423, f"{found.name} is archived")
        return found

    def issue(self, owner: str, name: str, number: int) -> tuple[Repository, Issue]:
        """An issue that is there."""
        found = self.repository(owner, name)
        if not found.has_issues:
            raise KeyError(number)
        return found, found.issues[number]

    def comment(self, owner: str, name: str, number: int) -> tuple[Repository, Issue, Comment]:
        """A comment that is there."""
        found = self.repository(owner, name)
        for issue in found.issues.values():
            if number in issue.comments:
                return found, issue, issue.comments[number]
        raise KeyError(number)


def make_api(finder: Finder) -> Blueprint:
    """The blueprint for the account, repositories and issues."""
    api, forge = Blueprint("api", __name__), finder.forge

    @api.get(f"{API}/user")
    def account() -> Response:
        return jsonify(user(caller().login))

    @api.get(REPOSITORY)
    def repository(owner: str, name: str) -> Response:
        found, who = finder.repository(owner, name), caller()
        return jsonify(finder.shown().repository(found, who.push, who.admin))

    @api.get(f"{API}/repositories/<int:number>")
    def by_number(number: int) -> Response:
        found, who = forge.repositories[number], caller()
        if not found.readable:
            raise KeyError(number)
        return jsonify(finder.shown().repository(found, who.push, who.admin))

    @api.get(f"{REPOSITORY}/assignees")
    def assignees(owner: str, name: str) -> Response:
        finder.repository(owner, name)
        return jsonify([user(login) for login in forge.people])

    @api.get(f"{REPOSITORY}/issues")
    def issues(owner: str, name: str) -> Response:
        found, wanted, shown = finder.repository(owner, name), request.args, finder.shown()
        if not found.has_issues:
            raise KeyError(name)
        state, kind = wanted.get("state", "open"), wanted.get("type")
        rows = [
            issue
            for issue in found.issues.values()
            if state in ("all", issue.state)
            and (kind is None or issue.pull == (kind == "pulls"))
            and wanted.get("created_by", issue.author) == issue.author
            and issue.updated >= since()
        ]
        # By age alone, the newest first: other orders are taken by newer servers only.
        rows.sort(key=lambda issue: (issue.created, issue.number), reverse=True)
        return paged([shown.issue(found, issue) for issue in rows])

    @api.post(f"{REPOSITORY}/issues")
    def create(owner: str, name: str) -> Any:
        found = finder.repository(owner, name)
        if not found.has_issues:
            raise KeyError(name)
        return jsonify(finder.shown().issue(found, forge.create(found, caller(), sent()))), 201

    @api.get(ISSUE)
    def issue(owner: str, name: str, number: int) -> Response:
        return jsonify(finder.shown().issue(*finder.issue(owner, name, number)))

    @api.patch(ISSUE)
    def change(owner: str, name: str, number: int) -> Any:
        found, changed = finder.issue(owner, name, number)
        forge.change(found, changed, caller(), sent())
        # 201, although nothing was made.
        return jsonify(finder.shown().issue(found, changed)), 201

    @api.get(f"{ISSUE}/timeline")
    def timeline(owner: str, name: str, number: int) -> Response:
        _found, of = finder.issue(owner, name, number)
        return paged([finder.shown().entry(entry) for entry in of.entries])

    return api


def make_labels(finder: Finder) -> Blueprint:
    """The blueprint for labels: known by their numbers."""
    api, forge = Blueprint("labels", __name__), finder.forge

    @api.get(f"{REPOSITORY}/labels")
    def labels(owner: str, name: str) -> Response:
        found = finder.repository(owner, name)
        return paged([finder.shown().label(*row) for row in found.labels.items()])

    @api.get(f"{API}/orgs/<owner>/labels")
    def of_organisation(owner: str) -> Response:
        return paged([finder.shown().label(*row) for row in forge.org_labels.items()])

    @api.post(f"{REPOSITORY}/labels")
    def make(owner: str, name: str) -> Any:
        found, body = finder.repository(owner, name), sent()
        if not caller().push:
            raise KeyError(name)
        if not str(body.get("color", "")).startswith("#"):
            raise Wrong(422, "bad color")
        made = forge.add_label(found, body.get("name"))
        return jsonify(finder.shown().label(made, found.labels[made])), 201

    @api.post(f"{ISSUE}/labels")
    def add(owner: str, name: str, number: int) -> Response:
        found, issue = finder.issue(owner, name, number)
        numbers = sent().get("labels")
        if not caller().push:
            raise Wrong(403, "user should have write access")
        if not isinstance(numbers, list) or not all(isinstance(one, int) for one in numbers):
            raise Wrong(422, "labels are numbers")
        forge.label(found, issue, numbers, True, caller().login)
        return jsonify(finder.shown().issue(found, issue)["labels"])

    @api.delete(f"{ISSUE}/labels/<int:label>")
    def remove(owner: str, name: str, number: int, label: int) -> Any:
        found, issue = finder.issue(owner, name, number)
        if label not in found.labels and label not in forge.org_labels:
            raise Wrong(422, "label does not exist")
        forge.label(found, issue, [label], False, caller().login)
        return "", 204

    return api


def make_comments(finder: Finder) -> Blueprint:
    """The blueprint for comments."""
    api, forge = Blueprint("comments", __name__), finder.forge

    @api.get(f"{REPOSITORY}/issues/comments")
    def feed(owner: str, name: str) -> Response:
        found, shown = finder.repository(owner, name), finder.shown()
        said = [
            (comment, issue)
            for issue in found.issues.values()
            for comment in issue.comments.values()
            if comment.updated >= since()
        ]
        said.sort(key=lambda pair: pair[0].id)
        return paged([shown.comment(found, issue, comment) for comment, issue in said])

    @api.get(f"{ISSUE}/comments")
    def comments(owner: str, name: str, number: int) -> Response:
        # All of them: this list has no pages.
        found, issue = finder.issue(owner, name, number)
        return jsonify([finder.shown().comment(found, issue, one) for one in issue.comments.values()])

    @api.post(f"{ISSUE}/comments")
    def add(owner: str, name: str, number: int) -> Any:
        found, issue = finder.issue(owner, name, number)
        made = forge.comment(found, issue, caller().login, sent().get("body"))
        return jsonify(finder.shown().comment(found, issue, made)), 201

    @api.patch(f"{REPOSITORY}/issues/comments/<int:number>")
    def edit(owner: str, name: str, number: int) -> Response:
        found, issue, comment = finder.comment(owner, name, number)
        _may_touch(comment)
        forge.edit_comment(found, issue, comment, caller().login, str(sent().get("body", "")))
        return jsonify(finder.shown().comment(found, issue, comment))

    @api.delete(f"{REPOSITORY}/issues/comments/<int:number>")
    def delete(owner: str, name: str, number: int) -> Any:
        found, issue, comment = finder.comment(owner, name, number)
        _may_touch(comment)
        forge.delete_comment(found, issue, comment, caller().login)
        return "", 204

    return api


def make_hooks(finder: Finder, hooks: Hooks) -> Blueprint:
    """The blueprint for webhooks; only who administers a repository sees it."""
    api = Blueprint("hooks", __name__, url_prefix=f"{REPOSITORY}/hooks")

    def repository(owner: str, name: str) -> Repository:
        found = finder.repository(owner, name)
        if not caller().admin:
            raise Wrong(403, "must be admin")
        return found

    @api.get("")
    def listed(owner: str, name: str) -> Response:
        found = repository(owner, name)
        return paged([hook.shown() for hook in hooks.hooks.values() if hook.repository_id == found.id])

    @api.post("")
    def create(owner: str, name: str) -> Any:
        found, body = repository(owner, name), sent()
        config = body.get("config") or {}
        if body.get("type") not in ("gitea", "forgejo") or not config.get("url"):
            raise Wrong(422, "Invalid hook type or missing config")
        made = hooks.add(found.id, config["url"], config.get("secret", ""), list(body.get("events") or ()))
        return jsonify(made.shown()), 201

    @api.patch("/<int:number>")
    def change(owner: str, name: str, number: int) -> Response:
        repository(owner, name)
        hook, body = hooks.hooks[number], sent()
        config = body.get("config") or {}
        hook.url, hook.secret = config.get("url", hook.url), config.get("secret", hook.secret)
        hook.events, hook.active = body.get("events", hook.events), body.get("active", hook.active)
        return jsonify(hook.shown())

    return api


def since() -> int:
    """From when on changes are asked for."""
    text = request.args.get("since")
    return int(dt.datetime.fromisoformat(text).timestamp()) if text else 0


def _may_touch(comment: Comment) -> None:
    if not caller().push and comment.author != caller().login:
        raise Wrong(403, "not the poster of this comment")
