"""Both ways against `emulate`, a GitHub that nobody here wrote, over real HTTP with signed hooks."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

import pytest

from hub.core.database import SystemClock
from hub.core.execute.sync.mapping import rules
from hub.core.execute.sync.round import Round
from hub.core.execute.sync.store import OurComment
from hub.lab.memory import MemoryStore, MemoryTask
from hub.sdk import DeliveryValue, Hint
from tests.conftest import skip_part
from tests.plugins.github.conftest import KIND, MARK, SECRETS
from tests.plugins.github.emulator import Emulator, Missing

REPOSITORY = "hubbot/hubtest"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One for all tests here; each makes its own issues."""
    try:
        started = Emulator(tmp_path_factory.mktemp("emulator"))
    except Missing as missing:
        skip_part("github-emulator", str(missing))
    yield started
    started.stop()


class Desk:
    """A task in memory, linked with an issue at the emulator; somebody else works there with their token."""

    def __init__(self, emulator: Emulator, http: Any, task: MemoryTask) -> None:
        self.task = task
        self.settings = KIND.settings(api_url=emulator.url, repository=REPOSITORY, people_map={1: "hubbot"})
        self.tracker = KIND.open(self.settings, {**SECRETS, "token": "hub_token"}, http, {})
        self.store = MemoryStore(task)
        self._http, self._url = http, f"{emulator.url}/repos/{REPOSITORY}"

    def round(self) -> str:
        clock = SystemClock().now
        return Round(self.store, self.tracker, rules(self.settings), clock, Random(1)).run().state

    def there(self, method: str, path: str = "", **body: Any) -> Any:
        """Somebody calls the issue, or what lies below it."""
        return self._somebody(method, f"/issues/{self.store.ref}{path}", body)

    def comment(self, method: str, number: int, **body: Any) -> None:
        """Somebody changes a comment."""
        self._somebody(method, f"/issues/comments/{number}", body)

    def _somebody(self, method: str, path: str, body: dict[str, Any]) -> Any:
        url, headers = f"{self._url}{path}", {"Authorization": "Bearer dev_token"}
        answer = self._http.send(method, url, json=body or None, headers=headers)
        assert answer.status < 300, (method, url, answer.body)
        return answer.json() if answer.body else None


@pytest.fixture
def desk(emulator: Emulator, http: Any) -> Desk:
    task = MemoryTask("Printer is on fire", "It burns, @octocat.\nSince #1.", assignee=1)
    return Desk(emulator, http, task)


def test_the_connection_works(desk: Desk) -> None:
    checked = desk.tracker.check()
    assert checked.ok, checked.text.en


def test_a_task_becomes_an_issue_and_edits_travel_both_ways(desk: Desk) -> None:
    assert desk.round() == "settled"
    issue = desk.there("GET")
    assert issue["title"] == "Printer is on fire"
    assert "@octocat" not in issue["body"]
    desk.task.edit(title="Printer burns", status="done", labels=frozenset({"urgent"}))
    assert desk.round() == "settled"
    issue = desk.there("GET")
    assert (issue["title"], issue["state"]) == ("Printer burns", "closed")
    assert [label["name"] for label in issue["labels"]] == ["urgent"]
    desk.there("PATCH", title="Printer is out", state="open", body=issue["body"] + "\r\n\r\nBring water.")
    assert desk.round() == "settled"
    task = desk.task
    assert (task.title, task.status) == ("Printer is out", "open")
    assert task.body == "It burns, @octocat.\nSince #1.\n\nBring water."


def test_close_and_reopen_travel_both_ways(desk: Desk) -> None:
    desk.round()
    for status, state in (("dropped", "closed"), ("open", "open"), ("done", "closed")):
        desk.task.edit(status=status)
        assert desk.round() == "settled"
        assert desk.there("GET")["state"] == state
    desk.there("PATCH", state="open")
    assert desk.round() == "settled"
    assert desk.task.status == "open"


def test_comments_travel_both_ways_and_are_edited_and_deleted(desk: Desk) -> None:
    desk.round()
    ours = desk.task.say("Wang", "from us @octocat")
    theirs = desk.there("POST", "/comments", body="from them")
    assert desk.round() == "settled"
    assert [one.text for one in desk.task.comments.values()] == ["from us @octocat", "from them"]
    bodies = [one["body"] for one in desk.there("GET", "/comments")]
    assert len(bodies) == 2
    assert not any("@octocat" in body for body in bodies)
    desk.comment("PATCH", theirs["id"], body="from them, corrected")
    desk.task.comments[ours] = OurComment(ours, "Wang", "from us, corrected")
    assert desk.round() == "settled"
    assert [one.text for one in desk.task.comments.values()] == ["from us, corrected", "from them, corrected"]
    desk.comment("DELETE", theirs["id"])
    desk.task.comments[ours] = OurComment(ours, "Wang", "from us, corrected", deleted=True)
    assert desk.round() == "settled"
    assert desk.there("GET", "/comments") == []
    assert all(one.deleted for one in desk.task.comments.values())


def test_the_issue_is_found_by_its_mark_and_made_once(desk: Desk) -> None:
    desk.round()
    assert desk.tracker.find(desk.store.mark) == desk.store.ref
    assert desk.tracker.find(MARK) is None


def test_the_sweep_sees_what_somebody_else_did(desk: Desk) -> None:
    desk.round()
    _refs, cursor = desk.tracker.changed_since(None)
    desk.there("PATCH", title="Changed quietly")
    refs, cursor = desk.tracker.changed_since(cursor)
    assert desk.store.ref in refs


def test_echoes_write_nothing(desk: Desk) -> None:
    desk.task.say("Wang", "once")
    desk.round()
    before = desk.there("GET")["updated_at"]
    for _ in range(5):
        assert desk.round() == "settled"
    assert desk.there("GET")["updated_at"] == before


class _Sink(BaseHTTPRequestHandler):
    came: queue.Queue[DeliveryValue]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.came.put(DeliveryValue(headers.get("x-github-delivery", ""), headers, body, SystemClock().now()))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def sink() -> Iterator[tuple[str, queue.Queue[DeliveryValue]]]:
    """An address on loopback, and what came in there."""
    came: queue.Queue[DeliveryValue] = queue.Queue()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Sink", (_Sink,), {"came": came}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/in/x", came
    server.shutdown()
    thread.join()
    server.server_close()


def test_its_hooks_are_registered_genuine_and_name_the_issue(
    desk: Desk, sink: tuple[str, queue.Queue[DeliveryValue]]
) -> None:
    url, came = sink
    desk.tracker.ensure_hook(url)
    desk.tracker.ensure_hook(url)
    desk.round()
    hinted = False
    while not hinted:
        delivery = came.get(timeout=20)
        assert desk.tracker.verify(delivery)
        hinted = list(desk.tracker.hints(delivery)) == [Hint(desk.store.ref or "")]
    assert desk.tracker.redeliver(url, None) is not None
