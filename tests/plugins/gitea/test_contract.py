"""Every request of the plugin is one that Forgejo's published description allows."""

import json
import os
import warnings
from pathlib import Path

import pytest

from hub.sdk import SetChange
from tests.conftest import skip_part
from tests.plugins.gitea.conftest import MARK, MARK2, Link
from tests.plugins.gitea.contract import PATHS, Checking, translated

URL = "https://hub.example.org/in/gitea-x"


@pytest.fixture(scope="module")
def whole():
    folder = os.environ.get("HUB_CONTRACTS")
    found = Path(folder or "") / "forgejo-v1.json"
    if not folder or not found.exists():
        skip_part("contracts", "HUB_CONTRACTS names no folder with forgejo-v1.json")
    return json.loads(found.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def openapi(whole):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what its own libraries will change
        from openapi_core import OpenAPI

        return OpenAPI.from_dict(translated(whole))


@pytest.fixture
def link(openapi, whole):
    return Link(lambda application: Checking(application, openapi, whole))


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the library's own making
        yield


def test_every_call_is_valid_and_every_path_is_called(link):
    tracker = link.tracker
    assert tracker.check().ok
    tracker.catalogue()
    fields = {"title": "T", "body": "B", "assignee": "mei", "labels": frozenset({"a b"})}
    ref = tracker.create(fields, MARK)
    assert tracker.find(MARK) == ref
    for status in ("closed", "open"):
        tracker.update(ref, {"status": status})
    labels = SetChange(frozenset({"c"}), frozenset({"a b"}))
    tracker.update(ref, {"title": "T2", "body": "", "labels": labels, "assignee": "jonas"})
    tracker.update(ref, {"assignee": None})
    comment = tracker.add_comment(ref, "hello", MARK2)
    tracker.edit_comment(ref, comment, "hello again", MARK2)
    tracker.delete_comment(ref, comment)
    tracker.history(ref, tracker.fetch(ref).version)
    _refs, cursor = tracker.changed_since(None)
    tracker.changed_since(cursor)
    tracker.scan(None)
    tracker.ensure_hook(URL)
    tracker.ensure_hook(URL)
    link.forge.rename(link.home, "grp/other")
    link.forge.add_repository("grp/app")
    tracker._place.look()
    assert {path for _method, path in link.wire.checked} == set(PATHS)


def test_whole_rounds_are_valid(link):
    assert link.settle() == "settled"
    link.task.edit(title="P2", body="Out.", status="done", assignee=2, labels=frozenset({"b"}))
    link.task.say("Wang", "hello")
    assert link.settle() == "settled"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/repos/o/r/issues", {"body": "no title"}),
        ("POST", "/repos/o/r/issues", {"title": "T", "label": "none of its names"}),
        ("PATCH", "/repos/o/r/issues/1", {"labels": [1]}),
        ("POST", "/repos/o/r/hooks", {"type": "mail", "config": {}}),
        ("GET", "/repos/o/r/nowhere", None),
    ],
)
def test_what_forgejo_does_not_know_is_not_let_through(link, method, path, body):
    from openapi_core.exceptions import OpenAPIError

    with pytest.raises(OpenAPIError):
        link.wire.send(method, f"https://gitea.test/api/v1{path}", json=body)
