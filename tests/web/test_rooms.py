"""A chat group's pages: its form, its page, the test message, and the bell of whoever made it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient

from hub.app import Hub
from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.notices import bell
from hub.core.values import SYSTEM, Text
from hub.testing.finding import find

CONTRIB = Path(__file__).parents[2] / "plugins_contrib"
ADDRESS = "https://open.feishu.cn/open-apis/bot/v2/hook/a-token-of-the-tests"


def test_a_group_is_made_tested_and_said_to_be_off(hub: Hub, signed_in: Callable[..., FlaskClient]) -> None:
    hub.core.registry.add(find(str(CONTRIB / "feishu"))[0].plugin)
    browser = signed_in("administrator")
    assert "A chat group is told" in browser.get("/connections/new").text
    assert "Webhook address" in browser.get("/connections/new?kind=feishu").text
    database = hub.core.database
    with database.transaction() as session:
        number = manage.create(
            session, database.now(), SYSTEM, hub.core.registry, hub.keys, name="Desk", kind="feishu",
            settings={}, secrets={"webhook_address": ADDRESS},
        ).id  # fmt: skip
    page = browser.get(f"/connections/{number}").text
    assert "Send a test message" in page
    assert "a-token-of-the-tests" not in page + browser.get(f"/connections/{number}/edit").text
    assert browser.post(f"/connections/{number}/tell").status_code == 303
    with database.transaction() as session:
        row = session.get_one(Connection, number)
        manage.turn_off(session, database.now(), row, Text(zh="地址无效", en="The address is wrong"))
        bell.turned_off(session, database.now(), row)
    assert "The connection Desk is off" in browser.get("/bell/").text
    assert "The address is wrong" in browser.get(f"/connections/{number}").text
    assert 'class="unseen"' not in browser.get("/bell/").text
