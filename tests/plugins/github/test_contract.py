"""Every request of the plugin is one that GitHub's published API allows."""

from __future__ import annotations

from typing import Any

import pytest

from hub.lab.github import Account, GitHub
from hub.lab.memory import MemoryTask
from hub.lab.pair import HandClock
from hub.lab.wire import Wire
from hub.plugins.github.plugin import plugin
from tests.conftest import skip_part
from tests.plugins.github.conftest import MARK, SECRETS, Link, open_on
from tests.plugins.github.contract import PATHS, Checking, published
from tests.plugins.github.emulator import Missing

URL = "https://hub.example.org/in/github-x"


@pytest.fixture(scope="module")
def openapi() -> Any:
    """GitHub's own description."""
    from openapi_core import OpenAPI

    try:
        return OpenAPI.from_dict(published())
    except Missing as missing:
        skip_part("github-contract", str(missing))


@pytest.fixture
def checking(openapi: Any, github: GitHub) -> Checking:
    """A way to the imitation that lets nothing pass that GitHub would not take."""
    return Checking(Wire(github), openapi)


def test_every_call_is_valid_and_every_path_is_called(
    checking: Checking, github: GitHub, clock: HandClock
) -> None:
    tracker = open_on(checking, new_labels=["from-hub"], only_labels=["from-hub"])
    assert tracker.check().ok
    tracker.catalogue()
    fields = {"title": "T", "body": "B", "status": "open", "assignee": "mei", "labels": frozenset({"a b"})}
    ref = tracker.create(fields, MARK)
    assert tracker.find(MARK) == ref
    from hub.sdk import SetChange

    for status in ("completed", "not_planned", "open", "duplicate"):
        tracker.update(ref, {"status": status})
    labels = SetChange(frozenset({"c"}), frozenset({"a b"}))
    tracker.update(ref, {"title": "T2", "body": "", "labels": labels, "assignee": "jonas"})
    tracker.update(ref, {"assignee": None, "labels": SetChange(frozenset(), frozenset({"c"}))})
    comment = tracker.add_comment(ref, "hello", MARK)
    tracker.edit_comment(ref, comment, "hello again", MARK)
    tracker.delete_comment(ref, comment)
    tracker.fetch(ref)
    tracker.history(ref, None)
    cursor = None
    for _ in range(3):
        _refs, cursor = tracker.changed_since(cursor)
        clock.forward(minutes=2)
    tracker.ensure_hook(URL)
    tracker.ensure_hook(URL)
    github.hooks.deliver(lambda url, headers, body: 0)
    tracker.redeliver(URL, None)
    called = {path for _method, path in checking.checked}
    assert called == set(PATHS)
    assert checking.unchecked == set()


def test_pages_and_moves_are_followed_by_valid_calls(
    checking: Checking, github: GitHub, clock: HandClock
) -> None:
    tracker, home = open_on(checking), github.forge.repository("octo/app")
    for number in range(150):
        github.forge.create(home, Account("mei"), {"title": f"T{number}"})
    _refs, cursor = tracker.changed_since(None)
    assert len(tracker.changed_since(cursor)[0]) in (0, 150)
    github.forge.transfer(home, home.issues[1], github.forge.add_repository("octo/archive"))
    tracker.fetch("1")
    assert checking.unchecked, "by the number of the repository: GitHub's own links, not in the file"


def test_whole_rounds_are_valid(checking: Checking, github: GitHub, clock: HandClock) -> None:
    task = MemoryTask("Printer", "It burns.", assignee=1, labels=frozenset({"a"}))
    link = Link(github, clock, task)
    (kind,) = plugin.execute_trackers()
    link.tracker = kind.open(link.settings, SECRETS, checking, {})
    assert link.settle() == "settled"
    task.edit(title="P2", body="Out.", status="done", assignee=2, labels=frozenset({"b"}))
    task.say("Wang", "hello")
    assert link.settle() == "settled"
    task.edit(assignee=None, status="dropped", labels=frozenset())
    assert link.settle() == "settled"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/repos/o/r/issues", {"body": "no title"}),
        ("PATCH", "/repos/o/r/issues/1", {"state": "done"}),
        ("POST", "/repos/o/r/issues/1/comments", {}),
        ("GET", "/repos/o/r/nowhere", None),
    ],
)
def test_what_github_does_not_know_is_not_let_through(
    checking: Checking, method: str, path: str, body: Any
) -> None:
    from openapi_core.exceptions import OpenAPIError

    with pytest.raises(OpenAPIError):
        checking.send(method, f"https://api.github.test{path}", json=body)
