"""How the imitation writes things: the parts of GitHub's JSON that a client reads."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hub.lab.github.forge import Account, Comment, Forge, Issue, Repository


def stamp(seconds: int) -> str:
    """A time as GitHub writes it."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(login: str) -> dict[str, Any]:
    """An account."""
    return {"login": login, "id": sum(login.encode()), "type": "User"}


class Shown:
    """Writes the things of one forge; ``root`` is the address of the API."""

    def __init__(self, forge: Forge, root: str) -> None:
        """A new one for each request, since the address is the request's."""
        self._forge = forge
        self._root = root.rstrip("/")

    def repository(self, repository: Repository, who: Account) -> dict[str, Any]:
        """A repository with the rights of who asks."""
        rights = {"admin": who.admin, "push": who.push, "triage": who.push, "pull": True}
        owner, _, name = repository.name.partition("/")
        return {
            "id": repository.id,
            "name": name,
            "full_name": repository.name,
            "owner": user(owner),
            "private": repository.private,
            "archived": repository.archived,
            "has_issues": repository.has_issues,
            "permissions": rights,
            "url": self._home(repository),
        }

    def issue(self, repository: Repository, issue: Issue) -> dict[str, Any]:
        """An issue, or a pull request among the issues."""
        url = f"{self._home(repository)}/issues/{issue.number}"
        shown = {
            "id": issue.id,
            "node_id": f"I_{issue.id}",
            "url": url,
            "repository_url": self._home(repository),
            "html_url": f"https://github.test/{repository.name}/issues/{issue.number}",
            "number": issue.number,
            "title": issue.title,
            "body": issue.body or None,
            "user": user(issue.author),
            "state": issue.state,
            "state_reason": issue.reason,
            "labels": [{"name": name} for name in issue.labels],
            "assignee": user(issue.assignees[0]) if issue.assignees else None,
            "assignees": [user(login) for login in issue.assignees],
            "comments": len(issue.comments),
            "created_at": stamp(issue.created),
            "updated_at": stamp(issue.updated),
        }
        if issue.pull:
            shown["pull_request"] = {"url": url.replace("/issues/", "/pulls/")}
        return shown

    def comment(self, repository: Repository, issue: Issue, comment: Comment) -> dict[str, Any]:
        """A comment."""
        return {
            "id": comment.id,
            "issue_url": f"{self._home(repository)}/issues/{issue.number}",
            "user": user(comment.author),
            "body": comment.body,
            "created_at": stamp(comment.created),
            "updated_at": stamp(comment.updated),
        }

    def event(self, event: dict[str, Any]) -> dict[str, Any]:
        """An entry of an issue's time line."""
        return {
            **{key: value for key, value in event.items() if key != "at"},
            "created_at": stamp(event["at"]),
        }

    def _home(self, repository: Repository) -> str:
        return f"{self._root}/repos/{repository.name}"
