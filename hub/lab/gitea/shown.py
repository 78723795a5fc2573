"""How the imitation writes what it knows: names and shapes of the published description."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hub.lab.gitea.forge import Comment, Forge, Issue, Repository

# The server's own zone: its times carry an offset.
ZONE = dt.timezone(dt.timedelta(hours=8))


def stamp(at: int) -> str:
    """A time in the server's zone, whole seconds."""
    return dt.datetime.fromtimestamp(at, ZONE).isoformat()


def user(login: str) -> dict[str, Any]:
    """An account."""
    return {"id": sum(map(ord, login)), "login": login, "full_name": login.title()}


class Shown:
    """Writes shapes."""

    def __init__(self, forge: Forge, root: str) -> None:
        """``root`` is the address of the server."""
        self._forge, self._root = forge, root.rstrip("/")

    def repository(self, repository: Repository, push: bool, admin: bool) -> dict[str, Any]:
        """A repository with what the caller may do in it."""
        return {
            "id": repository.id,
            "full_name": repository.name,
            "has_issues": repository.has_issues,
            "archived": repository.archived,
            "permissions": {"admin": admin, "push": push, "pull": True},
        }

    def label(self, number: int, name: str) -> dict[str, Any]:
        """A label."""
        return {"id": number, "name": name, "color": "70c24a", "exclusive": False}

    def issue(self, repository: Repository, issue: Issue) -> dict[str, Any]:
        """An issue; nobody assigned is null, not an empty list."""
        names = [(one, self._forge.label_name(repository, one)) for one in issue.labels]
        return {
            "id": issue.id,
            "number": issue.number,
            "html_url": f"{self._root}/{repository.name}/issues/{issue.number}",
            "title": issue.title,
            "body": issue.body,
            "user": user(issue.author),
            "state": issue.state,
            "labels": [self.label(number, name) for number, name in names],
            "assignees": [user(login) for login in issue.assignees] or None,
            "comments": len(issue.comments),
            "created_at": stamp(issue.created),
            "updated_at": stamp(issue.updated),
            "pull_request": {"merged": False} if issue.pull else None,
            "repository": {"id": repository.id, "full_name": repository.name},
        }

    def comment(self, repository: Repository, issue: Issue, comment: Comment) -> dict[str, Any]:
        """A comment; of the two addresses one is empty."""
        kind = "pulls" if issue.pull else "issues"
        home = f"{self._root}/{repository.name}/{kind}/{issue.number}"
        return {
            "id": comment.id,
            "issue_url": "" if issue.pull else home,
            "pull_request_url": home if issue.pull else "",
            "user": user(comment.author),
            "body": comment.body,
            "created_at": stamp(comment.created),
            "updated_at": stamp(comment.updated),
        }

    def entry(self, entry: dict[str, Any]) -> dict[str, Any]:
        """An entry of the time line."""
        return {
            **{name: value for name, value in entry.items() if name != "at"},
            "created_at": stamp(entry["at"]),
        }
