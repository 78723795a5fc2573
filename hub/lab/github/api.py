"""The imitation's REST API: repositories, issues, comments."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response, jsonify, request

from hub.lab.github.door import Answered, caller, paged, sent
from hub.lab.github.forge import Comment, Forge, Issue, Repository
from hub.lab.github.shown import Shown, user

REPOSITORY = "/repos/<owner>/<name>"
# So old must an issue be before the search finds it, seconds.
SEARCH_LAG = 120


class Finder:
    """Finds what an address names, or says where it went."""

    def __init__(self, forge: Forge) -> None:
        """``forge`` holds everything."""
        self.forge = forge

    def shown(self) -> Shown:
        """The writer for this request."""
        return Shown(self.forge, request.url_root)

    def repository(self, owner: str, name: str) -> Repository:
        """The repository of this name; an old name leads to the number."""
        found = self.forge.repository(f"{owner}/{name}")
        if not found.readable:
            raise Answered(404, "Not Found")
        if found.name.lower() != f"{owner}/{name}".lower():
            behind = request.path.partition(f"/{owner}/{name}")[2]
            raise self._leads_to(f"repositories/{found.id}{behind}")
        return found

    def issue(self, owner: str, name: str, number: int) -> tuple[Repository, Issue]:
        """An issue that is there."""
        repository = self.repository(owner, name)
        return repository, self.of(repository, number)

    def of(self, repository: Repository, number: int) -> Issue:
        """The issue of this number, or where it went."""
        issue = repository.issues[number]
        if not repository.has_issues or issue.deleted:
            raise Answered(410, "This issue was deleted")
        if issue.moved_to:
            to, moved = issue.moved_to
            if not self.forge.repositories[to].readable:
                raise Answered(404, "Not Found")
            raise self._leads_to(f"repositories/{to}/issues/{moved}")
        return issue

    def comment(self, owner: str, name: str, number: int) -> tuple[Repository, Issue, Comment]:
        """A comment that is there."""
        repository = self.repository(owner, name)
        for issue in repository.issues.values():
            if number in issue.comments and not issue.deleted and not issue.moved_to:
                return repository, issue, issue.comments[number]
        raise Answered(404, "Not Found")

    def _leads_to(self, path: str) -> Answered:
        status = 301 if request.method == "GET" else 307
        return Answered(status, "Moved Permanently", Location=f"{request.url_root}{path}")


def make_api(finder: Finder) -> Blueprint:
    """The blueprint for a token's account, repositories and issues."""
    api, forge = Blueprint("api", __name__), finder.forge

    @api.get("/user")
    def account() -> Response:
        return jsonify(user(caller().login))

    @api.get(REPOSITORY)
    def repository(owner: str, name: str) -> Response:
        answer = jsonify(finder.shown().repository(finder.repository(owner, name), caller()))
        if (scopes := caller().scopes) is not None:
            answer.headers["X-OAuth-Scopes"] = scopes
        return answer

    @api.get("/repositories/<int:number>")
    def repository_by_number(number: int) -> Response:
        found = forge.repositories[number]
        if not found.readable:
            raise Answered(404, "Not Found")
        return jsonify(finder.shown().repository(found, caller()))

    @api.get("/repositories/<int:number>/issues/<int:issue>")
    def issue_by_number(number: int, issue: int) -> Response:
        found = forge.repositories[number]
        return jsonify(finder.shown().issue(found, finder.of(found, issue)))

    @api.get(f"{REPOSITORY}/assignees")
    def assignees(owner: str, name: str) -> Response:
        finder.repository(owner, name)
        return paged([user(login) for login in forge.people])

    @api.get(f"{REPOSITORY}/issues")
    def issues(owner: str, name: str) -> Response:
        found = finder.repository(owner, name)
        _with_issues(found)
        wanted, shown = request.args, finder.shown()
        state, sort = wanted.get("state", "open"), wanted.get("sort", "created")
        labels = {label for label in wanted.get("labels", "").split(",") if label}
        rows = [
            issue
            for issue in found.issues.values()
            if not issue.deleted
            and not issue.moved_to
            and state in ("all", issue.state)
            and wanted.get("creator", issue.author) == issue.author
            and labels <= set(issue.labels)
            and issue.updated >= _seconds(wanted.get("since"))
        ]
        backward = wanted.get("direction", "desc") == "desc"
        rows.sort(key=lambda issue: (getattr(issue, sort), issue.number), reverse=backward)
        return paged([shown.issue(found, issue) for issue in rows])

    @api.post(f"{REPOSITORY}/issues")
    def create(owner: str, name: str) -> Any:
        found = finder.repository(owner, name)
        _with_issues(found)
        made = forge.create(found, caller(), sent())
        return jsonify(finder.shown().issue(found, made)), 201

    @api.get(f"{REPOSITORY}/issues/<int:number>")
    def issue(owner: str, name: str, number: int) -> Response:
        return jsonify(finder.shown().issue(*finder.issue(owner, name, number)))

    @api.patch(f"{REPOSITORY}/issues/<int:number>")
    def change(owner: str, name: str, number: int) -> Response:
        found, changed = finder.issue(owner, name, number)
        forge.change(found, changed, caller(), sent())
        return jsonify(finder.shown().issue(found, changed))

    @api.get(f"{REPOSITORY}/issues/<int:number>/events")
    def events(owner: str, name: str, number: int) -> Response:
        _found, of = finder.issue(owner, name, number)
        return paged([finder.shown().event(event) for event in of.events])

    @api.post(f"{REPOSITORY}/issues/<int:number>/labels")
    def add_labels(owner: str, name: str, number: int) -> Response:
        found, changed = finder.issue(owner, name, number)
        if not caller().push:
            raise Answered(403, "Must have push access to add labels")
        forge.label(found, changed, caller(), sent().get("labels", ()), True)
        return jsonify([{"name": label} for label in changed.labels])

    @api.delete(f"{REPOSITORY}/issues/<int:number>/labels/<label>")
    def remove_label(owner: str, name: str, number: int, label: str) -> Response:
        found, changed = finder.issue(owner, name, number)
        if label not in changed.labels:
            raise Answered(404, "Label does not exist")
        forge.label(found, changed, caller(), [label], False)
        return jsonify([{"name": label} for label in changed.labels])

    @api.route(f"{REPOSITORY}/issues/<int:number>/assignees", methods=["POST", "DELETE"])
    def assign(owner: str, name: str, number: int) -> Any:
        found, changed = finder.issue(owner, name, number)
        adding = request.method == "POST"
        forge.assign(found, changed, caller(), sent().get("assignees", ()), adding)
        return jsonify(finder.shown().issue(found, changed)), 201 if adding else 200

    @api.get("/search/issues")
    def search() -> Response:
        words, shown = request.args.get("q", ""), finder.shown()
        rows = [
            shown.issue(found, issue)
            for found in forge.repositories.values()
            for issue in found.issues.values()
            # The index lags behind: what was just made is not in it.
            if words in issue.body and issue.created <= forge.now() - SEARCH_LAG
        ]
        return jsonify(total_count=len(rows), incomplete_results=False, items=rows)

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
            if not issue.deleted
            and not issue.moved_to
            and comment.updated >= _seconds(request.args.get("since"))
        ]
        backward = request.args.get("direction", "asc") == "desc"
        said.sort(key=lambda pair: (pair[0].updated, pair[0].id), reverse=backward)
        return paged([shown.comment(found, issue, comment) for comment, issue in said])

    @api.get(f"{REPOSITORY}/issues/<int:number>/comments")
    def comments(owner: str, name: str, number: int) -> Response:
        found, issue = finder.issue(owner, name, number)
        return paged([finder.shown().comment(found, issue, one) for one in issue.comments.values()])

    @api.post(f"{REPOSITORY}/issues/<int:number>/comments")
    def add(owner: str, name: str, number: int) -> Any:
        found, issue = finder.issue(owner, name, number)
        made = forge.comment(found, issue, caller().login, sent().get("body", ""))
        return jsonify(finder.shown().comment(found, issue, made)), 201

    @api.patch(f"{REPOSITORY}/issues/comments/<int:number>")
    def edit(owner: str, name: str, number: int) -> Response:
        found, issue, comment = finder.comment(owner, name, number)
        _may_touch(comment)
        forge.edit_comment(found, issue, comment, caller().login, sent().get("body", ""))
        return jsonify(finder.shown().comment(found, issue, comment))

    @api.delete(f"{REPOSITORY}/issues/comments/<int:number>")
    def delete(owner: str, name: str, number: int) -> Any:
        found, issue, comment = finder.comment(owner, name, number)
        _may_touch(comment)
        forge.delete_comment(found, issue, comment, caller().login)
        return "", 204

    return api


def _with_issues(repository: Repository) -> None:
    if not repository.has_issues:
        raise Answered(410, "Issues are disabled for this repo")


def _may_touch(comment: Comment) -> None:
    if not caller().push and comment.author != caller().login:
        raise Answered(403, "Must have push access")


def _seconds(text: str | None) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp()) if text else 0
