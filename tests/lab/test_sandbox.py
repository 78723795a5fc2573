"""The sandbox tracker: its pages, its API, its quirks and its faults."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from bs4 import BeautifulSoup
from standardwebhooks import Webhook
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from hub.lab.pair import HandClock
from hub.lab.sandbox import SandboxTracker, is_loopback

SECRET = "whsec_" + "c2FuZGJveC1zZWNyZXQtb2YtMjQtYnl0ZXM="


@pytest.fixture
def sandbox():
    sandbox = SandboxTracker(clock=HandClock())
    yield sandbox
    sandbox.close()


@pytest.fixture
def client(sandbox):
    return Client(DispatcherMiddleware(lambda environ, start: None, {"/sandbox": sandbox}))


def page(response):
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def test_is_used_by_hand_under_a_prefix_in_both_languages(client, sandbox):
    made = client.post("/sandbox/items", data={"title": "Printer", "who": "jonas"})
    assert made.status_code == 303
    assert made.location == "/sandbox/items/SBX-1"
    shown = page(client.get(made.location, query_string={"lang": "zh"}))
    assert shown.html["lang"] == "zh-CN"
    assert "操作身份" in shown.text
    form = {"title": "Printer 2", "text": "a\r\nb", "status": "doing", "assignee": "lin", "labels": "x，y, z"}
    assert client.post(made.location, data=form | {"who": "lin"}).status_code == 303
    item = sandbox.board.item("SBX-1")
    assert (item["text"], item["status"], item["labels"]) == ("a\nb", "doing", ["x", "y", "z"])
    client.post(f"{made.location}/comments", data={"text": "hello", "who": "lin"})
    listed = page(client.get("/sandbox/?lang=en"))
    assert listed.find("a", string="Printer 2")["href"] == "/sandbox/items/SBX-1"
    assert page(client.get(made.location)).find("textarea", id="comment-1").text.strip() == "hello"
    client.post("/sandbox/comments/1", data={"delete": "1"})
    assert sandbox.board.item("SBX-1")["comments"] == []


def test_a_form_with_a_mistake_keeps_what_was_typed(client, sandbox):
    sandbox.board.create("mei", {"title": "Printer"})
    answer = client.post("/sandbox/items/SBX-1", data={"title": " ", "text": "typed", "labels": "kept"})
    assert answer.status_code == 422
    assert page(answer).find("textarea", id="text").text.strip() == "typed"
    assert page(answer).find("input", id="labels")["value"] == "kept"


def test_pages_need_neither_script_nor_inline_style(client, sandbox):
    sandbox.board.create("mei", {"title": "<script>alert(1)</script>"})
    for path in ("/sandbox/", "/sandbox/items/SBX-1", "/sandbox/items/SBX-9"):
        answer = client.get(path)
        found = page(answer)
        assert not found.find_all(["script", "style"])
        assert not found.find_all(style=True)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert found.find("link")["href"].startswith("/sandbox/")
    with client.get("/sandbox/static/sandbox.css") as answer:
        assert answer.status_code == 200


def test_refuses_a_form_sent_from_another_site(client, sandbox):
    answer = client.post("/sandbox/items", data={"title": "x"}, headers={"Origin": "http://elsewhere.test"})
    assert answer.status_code == 403
    assert sandbox.board.items() == []


def test_every_text_of_the_pages_has_its_chinese():
    import re
    from importlib.resources import files

    from hub.lab.sandbox.texts import CHINESE

    templates = files("hub.lab.sandbox") / "templates" / "sandbox"
    used = {text for path in templates.iterdir() for text in re.findall(r'_\("([^"]+)"\)', path.read_text())}
    assert used
    assert used <= set(CHINESE)


def test_state_survives_a_restart(tmp_path):
    path = tmp_path / "sandbox.sqlite"
    first = SandboxTracker(path)
    first.board.create("mei", {"title": "Kept", "labels": ["a"]})
    first.close()
    second = SandboxTracker(path)
    assert [item["title"] for item in second.board.items()] == ["Kept"]
    assert second.board.create("mei", {"title": "Next"})["key"] == "SBX-2"
    second.close()


def test_the_clock_knows_whole_seconds_only(sandbox):
    made = sandbox.board.create("mei", {"title": "a"})
    changed = sandbox.board.change(made["key"], "mei", {"title": "b"})
    assert changed["updated"] == made["updated"]
    assert changed["revision"] > made["revision"]


def test_a_change_to_the_same_value_leaves_no_trace(sandbox):
    key = sandbox.board.create("mei", {"title": "a", "text": "b"})["key"]
    before = sandbox.board.log(key)
    sandbox.board.change(
        key, "mei", {"title": " a ", "text": "b\r\n", "labels": {"add": [], "remove": ["x"]}}
    )
    assert sandbox.board.log(key) == before


def test_the_fault_switch_works_over_http(client, sandbox):
    assert client.post("/sandbox/api/faults", json={"kind": "lose_answer"}).status_code == 200
    assert client.get("/sandbox/api/items").status_code == 200
    assert client.post("/sandbox/api/items", json={"title": "made"}).status_code == 504
    assert [item["title"] for item in sandbox.board.items()] == ["made"]
    client.post("/sandbox/api/faults", json={"kind": "unavailable", "count": 2})
    assert client.get("/sandbox/api/items").status_code == 503
    assert client.post("/sandbox/api/items", json={"title": "not made"}).status_code == 503
    assert client.get("/sandbox/api/items").status_code == 200
    assert client.post("/sandbox/api/faults", json={"kind": "flood"}).status_code == 422
    assert len(sandbox.board.items()) == 1


def test_bad_bodies_are_answered_not_crashed_on(client):
    assert client.post("/sandbox/api/items", data="{", content_type="application/json").status_code == 422
    assert client.post("/sandbox/api/items", json=[1]).status_code == 422
    assert client.post("/sandbox/api/items", json={"title": ""}).status_code == 422
    assert client.patch("/sandbox/api/items/SBX-1", json={"title": "x"}).status_code == 410
    client.post("/sandbox/api/items", json={"title": "x"})
    for body in (
        {"title": 5},
        {"labels": "x"},
        {"labels": {"add": 3}},
        {"status": "?"},
        {"assignee": ["mei"]},
    ):
        assert client.patch("/sandbox/api/items/SBX-1", json=body).status_code == 422, body
    assert client.post("/sandbox/api/items/SBX-1/comments", json={"text": 7}).status_code == 422


class Listener(HTTPServer):
    """Keeps what it is sent."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Keep)
        self.got = []
        self.arrived = threading.Semaphore(0)
        self.thread = threading.Thread(target=self.serve_forever)
        self.thread.start()

    def stop(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class Keep(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers.items()), body))
        self.send_response(202)
        self.end_headers()
        self.server.arrived.release()

    def log_message(self, *_args):
        pass


def test_sends_signed_hints_after_each_change():
    listener, sandbox = Listener(), SandboxTracker()
    sandbox.register_hook("hub", f"http://127.0.0.1:{listener.server_port}/in", SECRET)
    key = sandbox.board.create("mei", {"title": "a"})["key"]
    sandbox.board.add_comment(key, "mei", "hello")
    for _ in range(2):
        assert listener.arrived.acquire(timeout=20)
    sandbox.close()
    listener.stop()
    for headers, body in listener.got:
        lower = {name.lower(): value for name, value in headers.items()}
        assert Webhook(SECRET).verify(body, lower) == {"type": "item.changed", "item": key}
    assert json.loads(listener.got[0][1])["item"] == key


def test_a_hint_that_nobody_takes_holds_nothing_up():
    listener = Listener()
    port = listener.server_port
    listener.stop()
    sandbox = SandboxTracker()
    sandbox.register_hook("hub", f"http://127.0.0.1:{port}/in", SECRET)
    assert sandbox.board.create("mei", {"title": "a"})["title"] == "a"
    sandbox.close()


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("http://127.0.0.1:1/x", True),
        ("http://localhost/x", True),
        ("http://[::1]/x", True),
        ("http://192.0.2.1/", False),
        ("http://127.0.0.1.example.org/", False),
        ("http://localhost@192.0.2.1/", False),
        ("nonsense", False),
    ],
)
def test_hints_go_to_this_machine_only(sandbox, url, answer):
    assert is_loopback(url) is answer
    if not answer:
        with pytest.raises(ValueError, match="this machine only"):
            sandbox.register_hook("hub", url, SECRET)
