"""Connections: drawn from their kind, tested by a worker, secrets never shown."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.connections import bodies, manage
from hub.core.connections.letterbox import Letter, store
from hub.core.connections.models import Connection, Delivery
from hub.core.jobs.models import JobRow
from hub.core.values import SYSTEM
from hub.core.workflow import chores

SignedIn = Callable[..., FlaskClient]
SECRET = "whsec_" + "QUJD" * 10
STATES = "open: todo\ndoing：doing，blocked\nwaiting: blocked\ndone: done\ndropped: cancelled"


@pytest.fixture
def webhook(hub: Hub) -> Connection:
    database = hub.core.database
    with database.transaction() as session:
        return manage.create(
            session, database.now(), SYSTEM, hub.core.registry, hub.keys, name="Alerts", kind="webhook",
            settings={"title": "subject"}, secrets={"secret": SECRET},
        )  # fmt: skip


def one(hub: Hub) -> Connection:
    with hub.core.database.reading() as session:
        return session.scalars(select(Connection)).one()


def test_offers_the_kinds_of_the_plugins(signed_in: SignedIn) -> None:
    page = signed_in("administrator").get("/connections/new").get_data(as_text=True)
    for title in ("Public form", "Signed webhook", "Sandbox tracker"):
        assert title in page


def test_draws_the_form_of_a_kind_and_makes_the_connection(hub: Hub, signed_in: SignedIn) -> None:
    browser = signed_in("administrator")
    page = browser.get("/connections/new?kind=sandbox").get_data(as_text=True)
    assert 'name="setting_base_url"' in page
    assert 'type="password"' in page
    sent = browser.post(
        "/connections/",
        data={
            "kind": "sandbox", "name": "Sandbox", "setting_base_url": "http://127.0.0.1:9/sandbox/",
            "setting_status_map": STATES, "setting_policies": "title: here", "secret_hook_secret": SECRET,
        },
    )  # fmt: skip
    assert sent.status_code == 303
    row = one(hub)
    assert (row.family, row.name) == ("tracker", "Sandbox")
    assert row.settings["status_map"]["doing"] == ["doing", "blocked"]
    assert row.settings["policies"] == {"title": "here"}
    assert hub.keys.open(row.sealed_secrets or "") == {"hook_secret": SECRET}


def test_says_at_the_field_what_is_wrong(signed_in: SignedIn) -> None:
    browser = signed_in("administrator")
    wrong = {"kind": "form", "name": "Desk", "setting_title_zh": "表单", "setting_title_en": ""}
    page = browser.post("/connections/", data=wrong)
    assert page.status_code == 422
    text = page.get_data(as_text=True)
    assert 'id="setting_title_en-error"' in text
    assert 'value="Desk"' in text
    lines = {"kind": "sandbox", "name": "S", "setting_base_url": "http://x/", "setting_status_map": "open"}
    page = browser.post("/connections/", data=lines)
    assert page.status_code == 422
    assert 'id="setting_status_map-error"' in page.get_data(as_text=True)
    assert browser.post("/connections/", data={"kind": "nothing"}).status_code == 422


@pytest.mark.parametrize(
    ("wrong", "field", "chinese", "english"),
    [
        ({"setting_port": "many"}, "setting_port", "“many”不是数字", "“many” is not a number"),
        ({"setting_port": "0"}, "setting_port", "不能小于 1。", "must be at least 1."),
        ({"setting_sign_in": "oauth2"}, "setting_token_url", "需要填写此项", "oauth2 needs this"),
        ({"setting_sender": "nobody"}, "setting_sender", "这不是邮件地址", "this is not a mail address"),
    ],
)
def test_what_a_setting_may_not_be_is_said_in_the_reader_s_language(
    signed_in: SignedIn, wrong: dict[str, str], field: str, chinese: str, english: str
) -> None:
    browser = signed_in("administrator")
    given = {
        "kind": "smtp", "name": "Out", "setting_host": "smtp.example.org", "setting_port": "587",
        "setting_sender": "hub@example.org", "setting_security": "starttls", "setting_per_hour": "300",
        "setting_sign_in": "password", **wrong,
    }  # fmt: skip
    for language, words in (("zh", chinese), ("en", english)):
        page = browser.post("/connections/", data=given, headers={"Accept-Language": language})
        text = html.unescape(page.get_data(as_text=True))
        assert page.status_code == 422
        assert words in text.partition(f'id="{field}-error"')[2].partition("</")[0]


def test_a_strong_secret_is_offered_only_where_both_sides_are_told_it(signed_in: SignedIn) -> None:
    browser = signed_in("administrator")
    for kind, offered in (("webhook", True), ("pingcode", True), ("worktile", False), ("smtp", False)):
        assert ("whsec_" in browser.get(f"/connections/new?kind={kind}").get_data(as_text=True)) == offered


def test_never_shows_a_secret_and_keeps_it_where_none_is_typed(
    hub: Hub, signed_in: SignedIn, webhook: Connection
) -> None:
    browser = signed_in("administrator")
    for address in (f"/connections/{webhook.id}", f"/connections/{webhook.id}/edit", "/connections/"):
        assert SECRET not in browser.get(address).get_data(as_text=True)
    form = {f"setting_{name}": value for name, value in webhook.settings.items()}
    changed = {**form, "name": "Alerts", "setting_title": "headline", "secret_secret": "", "version": "1"}
    assert browser.post(f"/connections/{webhook.id}", data=changed).status_code == 303
    row = one(hub)
    assert row.settings["title"] == "headline"
    assert hub.keys.open(row.sealed_secrets or "") == {"secret": SECRET}
    late = browser.post(f"/connections/{webhook.id}", data={**changed, "setting_title": "mine"})
    assert late.status_code == 409
    assert "headline" in late.get_data(as_text=True)
    assert 'value="mine"' in late.get_data(as_text=True)


def test_a_worker_tests_the_connection_and_the_page_shows_the_result(
    hub: Hub, signed_in: SignedIn, webhook: Connection
) -> None:
    browser, address = signed_in("administrator"), f"/connections/{webhook.id}/check"
    assert browser.post(address).status_code == 303
    with hub.core.database.reading() as session:
        assert session.scalars(select(JobRow.name)).all() == [chores.CHECK]
    waiting = browser.get(address, headers={"HX-Request": "true"})
    assert waiting.status_code == 200
    assert "Testing the connection" in waiting.get_data(as_text=True)
    chores.check_connection(hub.core, webhook.id)
    with hub.core.database.transaction() as session:
        session.query(JobRow).delete()
    done = browser.get(address, headers={"HX-Request": "true"})
    assert done.status_code == 286
    assert "The secret can be used." in done.get_data(as_text=True)
    assert one(hub).last_ok_at is not None


def test_a_test_that_fails_stands_on_the_health_line(hub: Hub, signed_in: SignedIn) -> None:
    database = hub.core.database
    with database.transaction() as session:
        row = manage.create(
            session, database.now(), SYSTEM, hub.core.registry, hub.keys, name="Weak", kind="webhook",
            settings={}, secrets={"secret": "whsec_QUJD"},
        )  # fmt: skip
    chores.check_connection(hub.core, row.id)
    assert one(hub).failures == 1
    page = signed_in("manager").get("/connections/").get_data(as_text=True)
    assert "failing" in page
    assert "at least 24 bytes" in page


def test_pauses_and_goes_on(hub: Hub, signed_in: SignedIn, webhook: Connection) -> None:
    browser = signed_in("administrator")
    for paused in (True, False):
        browser.post(f"/connections/{webhook.id}/pause", data={"paused": "1" if paused else "0"})
        assert one(hub).paused is paused


def test_shows_the_public_address(signed_in: SignedIn, webhook: Connection) -> None:
    page = signed_in("manager").get(f"/connections/{webhook.id}").get_data(as_text=True)
    assert f"/in/{webhook.slug}" in page


def test_only_those_who_may_see_or_change(signed_in: SignedIn, webhook: Connection) -> None:
    assert signed_in("member", "M").get("/connections/").status_code == 403
    manager = signed_in("manager", "Ann")
    assert manager.get("/connections/").status_code == 200
    assert manager.get("/connections/new").status_code == 403
    for address in ("", "/pause", "/check"):
        assert manager.post(f"/connections/{webhook.id}{address}", data={"name": "x"}).status_code == 403


def test_deliveries_show_headers_masked_and_the_body_as_it_came(
    hub: Hub, signed_in: SignedIn, webhook: Connection
) -> None:
    database = hub.core.database
    headers = {
        "webhook-signature": "v1,opensesame",
        "authorization": "Bearer opensesame",
        "user-agent": "curl",
    }
    with database.transaction() as session:
        store(
            session, Letter(webhook.id, "one", headers, '{"subject":"打印机 <b>"}'.encode(), database.now())
        )
        store(session, Letter(webhook.id, "two", {}, b"\xff\x00", database.now()))
    chores.read_deliveries(hub.core, webhook.id)
    browser = signed_in("administrator")
    listed = browser.get(f"/connections/{webhook.id}/deliveries?status=dead").get_data(as_text=True)
    assert "body: not JSON" in listed
    assert len(re.findall(r'href="/deliveries/\d+"', listed)) == 1
    page = browser.get("/deliveries/1").get_data(as_text=True)
    assert "打印机 &lt;b&gt;" in page
    assert "curl" in page
    assert "SR-1" in page
    assert "opensesame" not in page
    assert "ff 00" in browser.get("/deliveries/2").get_data(as_text=True)


def test_a_delivery_whose_file_is_gone_is_shown_and_says_so(
    hub: Hub, signed_in: SignedIn, webhook: Connection
) -> None:
    database, body = hub.core.database, b'{"subject":"large"}' + b" " * bodies.LARGE
    left, aside = bodies.put_aside(hub.core.files, body)
    assert aside is not None
    with database.transaction() as session:
        store(session, Letter(webhook.id, "one", {"user-agent": "curl"}, left, database.now(), aside))
    browser = signed_in("administrator")
    page = browser.get("/deliveries/1").get_data(as_text=True)
    assert "&#34;large&#34;" in page and "The body is missing" not in page
    assert f"{len(body):,} B" in page
    (file,) = Path(hub.config.data.folder).rglob(aside.sha256[2:])
    kept = file.read_bytes()
    file.unlink()
    answer = browser.get("/deliveries/1")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "The body is missing" in page
    assert "curl" in page and "one" in page and f"{len(body):,} B" in page
    # Reading it again cannot work either, and says why instead of failing for ever.
    chores.read_deliveries(hub.core, webhook.id)
    page = browser.get("/deliveries/1").get_data(as_text=True)
    assert "The body is missing" in page and "no longer where they were stored" not in page
    listed = browser.get(f"/connections/{webhook.id}/deliveries").get_data(as_text=True)
    assert "The bytes of this file are no longer where they were stored." in listed
    # Back from a backup, it says why it has not been read.
    file.write_bytes(kept)
    again = browser.get("/deliveries/1").get_data(as_text=True)
    assert "The body is missing" not in again and "no longer where they were stored" in again
    assert not any("file_missing" in text for text in (page, listed, again))


def test_a_dead_delivery_is_read_again(hub: Hub, signed_in: SignedIn, webhook: Connection) -> None:
    database = hub.core.database
    with database.transaction() as session:
        store(session, Letter(webhook.id, "one", {}, b'{"headline":"x"}', database.now()))
    chores.read_deliveries(hub.core, webhook.id)
    assert signed_in("manager", "M").post("/deliveries/1/replay").status_code == 403
    assert signed_in("administrator").post("/deliveries/1/replay").status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Delivery.status)).one() == "unread"


def test_draws_the_form_of_github_in_both_languages(hub: Hub, signed_in: SignedIn) -> None:
    browser = signed_in("administrator")
    assert "GitHub issues" in browser.get("/connections/new", headers={"Accept-Language": "en"}).get_data(
        True
    )
    page = browser.get("/connections/new?kind=github").get_data(as_text=True)
    assert 'value="https://api.github.com/"' in page
    for name in ("setting_repository", "secret_token", "secret_hook_secret", "setting_only_labels"):
        assert f'name="{name}"' in page
    form = {
        "kind": "github", "name": "App", "setting_repository": "octo/app", "secret_token": "t",
        "setting_api_url": "https://api.github.com", "setting_longest_text": "65536",
        "setting_status_map": "open: open\ndoing: open\nwaiting: open\ndone: completed\ndropped: not_planned",
        "setting_new_labels": "from-hub",
    }  # fmt: skip
    assert browser.post("/connections/", data=form).status_code == 303
    assert one(hub).settings["new_labels"] == ["from-hub"]
    wrong = browser.post("/connections/", data={**form, "name": "B", "setting_repository": "app"})
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"ok": True, "text": ""}, "registered"),
        ({"ok": False, "text": "the token may not"}, "the token may not"),
    ],
)
def test_says_whether_the_tracker_sends_webhooks(
    hub: Hub, signed_in: SignedIn, webhook: Connection, found: dict[str, object], words: str
) -> None:
    with hub.core.database.transaction() as session:
        row = session.get_one(Connection, webhook.id)
        row.family = "tracker"
        row.state = {"hook": {**found, "at": hub.core.database.now().isoformat()}}
    browser = signed_in("administrator")
    page = browser.get(f"/connections/{webhook.id}", headers={"Accept-Language": "en"}).get_data(as_text=True)
    assert words in page


@pytest.mark.process("P92", "P97")
@pytest.mark.parametrize(
    ("kind", "settings", "chinese", "english"),
    [
        (
            "pingcode",
            ("base_url", "client_id", "area", "container", "type", "mark_property", "state_plan"),
            ("根地址", "项目或产品编号", "工作项", "对方系统做不到的事", "清空负责人"),
            ("Root address", "Project or product id", "What cannot be done there", "cannot be cleared"),
        ),
        (
            "worktile",
            ("base_url", "api", "client_id", "project", "calls", "names", "pages"),
            ("根地址", "项目编号", "团队", "对方系统做不到的事", "Worktile 未公开这些接口"),
            ("Root address", "Project id", "What cannot be done there", "publishes no such calls"),
        ),
    ],
)
def test_draws_the_forms_of_pingcode_and_worktile_and_what_cannot_be_done_there(
    hub: Hub,
    signed_in: SignedIn,
    kind: str,
    settings: tuple[str, ...],
    chinese: tuple[str, ...],
    english: tuple[str, ...],
) -> None:
    browser = signed_in("administrator")
    for language, words in (("zh", chinese), ("en", english)):
        page = browser.get(f"/connections/new?kind={kind}", headers={"Accept-Language": language})
        text = page.get_data(as_text=True)
        for name in settings:
            assert f'name="setting_{name}"' in text
        for word in words:
            assert html.escape(word) in text, word
