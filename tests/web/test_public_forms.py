"""Public forms: kept once, followed by a link, never lost when something is wrong."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hub.app import Hub
from hub.core.connections import manage
from hub.core.connections.models import Connection, Delivery
from hub.core.files import Attachment, StoredFile
from hub.core.identify.intake import request_of
from hub.core.values import SYSTEM
from hub.core.work.models import Goal, PublicLink, ServiceRequest
from hub.core.workflow import chores
from hub.web.guards import limiter
from tests.web.weight import MOST, weight

ANSWERS = {"title": "Printer jams", "body": "E-52 again", "name": "Ann", "email": "ann@example.com"}


@pytest.fixture(autouse=True)
def _set_up(signed_in: Callable[..., FlaskClient]) -> None:
    """Somebody is here already, and nobody has posted anything."""
    signed_in("administrator")
    limiter.reset()


@pytest.fixture
def form(hub: Hub) -> Iterator[Connection]:
    database = hub.core.database
    with database.transaction() as session:
        yield_row = manage.create(
            session, database.now(), SYSTEM, hub.core.registry, hub.keys, name="Help desk", kind="form",
            settings={"categories": "net | 网络 | Network", "intro_en": "We listen."},
        )  # fmt: skip
    yield yield_row


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([0-9a-f]{32})"', page)
    assert found is not None
    return found[1]


def deliveries(hub: Hub) -> list[Delivery]:
    with hub.core.database.reading() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def test_asks_the_questions_of_the_plugin_in_both_languages(client: FlaskClient, form: Connection) -> None:
    english = client.get(f"/f/{form.slug}").get_data(as_text=True)
    assert "We listen." in english
    assert "Expected outcome" in english
    chinese = client.get(f"/f/{form.slug}?lang=zh").get_data(as_text=True)
    assert "期望结果" in chinese
    assert 'lang="zh-CN"' in chinese
    assert "期望结果" in client.get(f"/f/{form.slug}").get_data(as_text=True), "the browser keeps the choice"


def test_needs_no_script_and_is_small(client: FlaskClient, form: Connection) -> None:
    assert weight(client, f"/f/{form.slug}") < MOST


def test_keeps_the_answers_and_shows_the_tracking_link_once(
    hub: Hub, client: FlaskClient, form: Connection
) -> None:
    key = key_of(client.get(f"/f/{form.slug}").get_data(as_text=True))
    sent = client.post(f"/f/{form.slug}", data={**ANSWERS, "key": key, "outcome": "It prints"})
    assert sent.status_code == 303
    thanks = client.get(sent.location).get_data(as_text=True)
    token = re.search(r"/t/([\w-]{20,})", thanks)
    assert token is not None
    assert token[1] not in client.get(sent.location).get_data(as_text=True)
    delivery = deliveries(hub)[0]
    assert (delivery.key, delivery.status) == (key, "unread")
    assert json.loads(delivery.body) == {**ANSWERS, "outcome": "It prints", "language": "en"}
    assert chores.read_deliveries(hub.core, form.id) == 1
    with hub.core.database.reading() as session:
        row = session.scalars(select(ServiceRequest)).one()
        assert row.title == "Printer jams"
        assert session.scalars(select(Goal.text)).one() == "It prints"
        link = session.scalars(select(PublicLink)).one()
        assert request_of(session, link.connection_id, link.delivery_key) == row.id


def test_two_sendings_of_one_form_are_one_request(hub: Hub, client: FlaskClient, form: Connection) -> None:
    key = key_of(client.get(f"/f/{form.slug}").get_data(as_text=True))
    for _ in range(2):
        assert client.post(f"/f/{form.slug}", data={**ANSWERS, "key": key}).status_code == 303
    assert len(deliveries(hub)) == 1
    chores.read_deliveries(hub.core, form.id)
    late = client.get(client.post(f"/f/{form.slug}", data={**ANSWERS, "key": key}).location)
    address = re.search(r"/t/[\w-]{20,}", late.get_data(as_text=True))
    assert address is not None
    assert "SR-1" in client.get(address[0]).get_data(as_text=True)
    with hub.core.database.reading() as session:
        assert session.scalar(select(func.count(ServiceRequest.id))) == 1


def test_files_are_stored_before_and_named_in_the_delivery(
    hub: Hub, client: FlaskClient, form: Connection
) -> None:
    upload = (io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"0" * 40), "screen.png")
    assert client.post(f"/f/{form.slug}", data={**ANSWERS, "file": upload}).status_code == 303
    chores.read_deliveries(hub.core, form.id)
    with hub.core.database.reading() as session:
        assert session.scalars(select(Attachment.name)).one() == "screen.png"
        stored = session.scalars(select(StoredFile)).one()
    assert (stored.size, stored.media_type) == (48, "image/png")
    assert hub.core.files.open(stored.sha256).read() == b"\x89PNG\r\n\x1a\n" + b"0" * 40


def test_shows_what_is_wrong_in_place_and_keeps_the_text(
    hub: Hub, client: FlaskClient, form: Connection
) -> None:
    wrong: dict[str, Any] = {**ANSWERS, "title": "", "email": "nobody", "wanted_by": "soon", "category": "x"}
    page = client.post(f"/f/{form.slug}?lang=zh", data=wrong)
    text = page.get_data(as_text=True)
    assert page.status_code == 422
    assert text.count('class="error"') == 4
    assert "E-52 again" in text
    assert 'value="nobody"' in text
    assert "不是有效的邮箱地址" in text
    assert deliveries(hub) == []


def test_a_program_that_fills_in_everything_leaves_nothing(
    hub: Hub, client: FlaskClient, form: Connection
) -> None:
    sent = client.post(f"/f/{form.slug}", data={**ANSWERS, "website": "https://spam.example"})
    assert sent.status_code == 303
    assert "/t/" not in client.get(sent.location).get_data(as_text=True)
    assert deliveries(hub) == []


def test_refuses_too_many_posts_from_one_address(client: FlaskClient, form: Connection) -> None:
    answers = [client.post(f"/f/{form.slug}", data=ANSWERS).status_code for _ in range(21)]
    assert answers == [303] * 20 + [429]


def test_knows_no_other_form_and_no_closed_one(hub: Hub, client: FlaskClient, form: Connection) -> None:
    assert client.get("/f/other").status_code == 404
    with hub.core.database.transaction() as session:
        manage.change(
            session, hub.core.database.now(), SYSTEM, hub.core.registry, hub.keys,
            session.get_one(Connection, form.id), paused=True,
        )  # fmt: skip
    assert client.get(f"/f/{form.slug}").status_code == 410
