"""POST /in/<slug>: what is taken in, and what is not."""

from __future__ import annotations

import base64
import json
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook

from hub.app import Hub
from hub.core.connections import manage
from hub.core.connections.models import Connection, Delivery
from hub.core.values import SYSTEM
from hub.core.work.models import ServiceRequest
from hub.core.workflow import chores

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
SMALL = 2000


@pytest.fixture
def hook(hub: Hub) -> Connection:
    """A signed webhook that takes up to two kilobytes."""
    return connection(hub, "Shop", "webhook", {"secret": SECRET})


def connection(hub: Hub, name: str, kind: str, secrets: dict[str, str]) -> Connection:
    with hub.core.database.transaction() as session:
        now = hub.core.database.now()
        return manage.create(
            session, now, SYSTEM, hub.core.registry, hub.keys,
            name=name, kind=kind, settings={}, secrets=secrets, max_bytes=SMALL,
        )  # fmt: skip


def sent(hub: Hub, payload: Any, key: str = "msg_1", **more: str) -> dict[str, Any]:
    """The arguments of a post that the reference package has signed."""
    body = payload if isinstance(payload, str) else json.dumps(payload)
    now = hub.core.database.now()
    headers = {
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(key, now, body),
        **more,
    }
    return {"data": body, "headers": headers, "content_type": "application/json"}


def deliveries(hub: Hub) -> list[Delivery]:
    with hub.core.database.reading() as session:
        return list(session.scalars(select(Delivery)))


def test_takes_in_what_is_genuine_and_makes_a_request_of_it(
    client: FlaskClient, hub: Hub, hook: Connection
) -> None:
    post = sent(hub, {"title": "发票金额不对"})
    assert client.post(f"/in/{hook.slug}", **post).status_code == 202
    (kept,) = deliveries(hub)
    assert (kept.key, kept.status, kept.body) == ("msg_1", "unread", post["data"].encode())
    assert hub.core.jobs.waiting_count() >= 1
    assert chores.read_deliveries(hub.core, hook.id) == 1
    with hub.core.database.reading() as session:
        assert session.scalars(select(ServiceRequest.title)).one() == "发票金额不对"


def test_a_repeat_changes_nothing(client: FlaskClient, hub: Hub, hook: Connection) -> None:
    post = sent(hub, {"title": "once"})
    address = f"/in/{hook.slug}"
    assert [client.post(address, **post).status_code for _ in range(2)] == [202, 202]
    chores.read_deliveries(hub.core, hook.id)
    assert client.post(address, **post).status_code == 200
    assert len(deliveries(hub)) == 1


def test_keeps_what_it_cannot_read_with_the_reason(client: FlaskClient, hub: Hub, hook: Connection) -> None:
    assert client.post(f"/in/{hook.slug}", **sent(hub, "no json at all")).status_code == 202
    chores.read_deliveries(hub.core, hook.id)
    (kept,) = deliveries(hub)
    assert (kept.status, kept.body) == ("dead", b"no json at all")
    assert kept.reason and "JSON" in kept.reason
    # Sent again (perhaps the mapping was mended), it is read again.
    assert client.post(f"/in/{hook.slug}", **sent(hub, "no json at all")).status_code == 202
    assert deliveries(hub)[0].status == "unread"


def test_knows_no_other_address(client: FlaskClient, hub: Hub, hook: Connection) -> None:
    assert client.post("/in/shop-guessed", **sent(hub, {})).status_code == 404
    form = connection(hub, "Form", "form", {})
    assert client.post(f"/in/{form.slug}", **sent(hub, {})).status_code == 404
    with hub.core.database.transaction() as session:
        manage.change(
            session, hub.core.database.now(), SYSTEM, hub.core.registry, hub.keys,
            session.get_one(Connection, hook.id), paused=True,
        )  # fmt: skip
    assert client.post(f"/in/{hook.slug}", **sent(hub, {})).status_code == 404
    assert deliveries(hub) == []


def test_refuses_what_is_not_genuine(client: FlaskClient, hub: Hub, hook: Connection) -> None:
    post = sent(hub, {"title": "paid: 10"})
    assert client.post(f"/in/{hook.slug}", **{**post, "data": '{"title": "paid: 99"}'}).status_code == 401
    assert client.post(f"/in/{hook.slug}", data="{}").status_code == 401
    assert deliveries(hub) == []


@pytest.mark.parametrize("chunked", [False, True])
def test_refuses_what_is_too_large(client: FlaskClient, hub: Hub, hook: Connection, chunked: bool) -> None:
    post = sent(hub, {"title": "x" * SMALL})
    # What comes in chunks does not say how long it is.
    how: dict[str, Any] = (
        {"environ_overrides": {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}} if chunked else {}
    )
    if chunked:
        post["headers"]["Transfer-Encoding"] = "chunked"
    assert client.post(f"/in/{hook.slug}", **post, **how).status_code == 413
    assert deliveries(hub) == []
    fits = sent(hub, {"title": "x"})
    assert client.post(f"/in/{hook.slug}", **fits, **how).status_code == 202


def test_does_not_keep_credentials(client: FlaskClient, hub: Hub, hook: Connection) -> None:
    post = sent(
        hub, {"title": "a"}, Authorization="Bearer secret", Cookie="session=secret", **{"X-Kept": "yes"}
    )
    assert client.post(f"/in/{hook.slug}", **post).status_code == 202
    headers = deliveries(hub)[0].headers
    assert headers["x-kept"] == "yes"
    assert not {"authorization", "cookie"} & headers.keys() and "secret" not in str(headers)


def test_needs_no_forgery_token(app: Flask, client: FlaskClient, hub: Hub, hook: Connection) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert client.post(f"/in/{hook.slug}", **sent(hub, {"title": "a"})).status_code == 202


def test_two_at_once_are_one_delivery(app: Flask, hub: Hub, hook: Connection) -> None:
    post, together, codes = sent(hub, {"title": "twice"}), threading.Barrier(2), []

    def deliver() -> None:
        client = app.test_client()
        together.wait()
        codes.append(client.post(f"/in/{hook.slug}", **post).status_code)

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [202, 202]
    assert len(deliveries(hub)) == 1
