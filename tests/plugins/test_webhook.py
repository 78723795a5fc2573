"""Intake by signed webhook."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from hub.plugins import webhook
from hub.sdk import DeliveryValue, Draft, Refused
from hub.testing import SourceSuite

NOW = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
PAYLOAD = {
    "key": "order-77",
    "title": "发票金额不对",
    "body": "Invoice 77 has the wrong amount.",
    "contact": {"name": "Li Na", "email": "li@example.com"},
    "customer": "ACME",
    "category": "billing",
    "priority": "High",
    "wanted_by": "2026-03-20T17:00:00+08:00",
    "goals": ["correct invoice sent"],
    "labels": ["invoice", "q1"],
}


def signed(payload: Any, *, secret: str = SECRET, at: dt.datetime = NOW, key: str = "msg_1") -> DeliveryValue:
    """A delivery signed by the reference package."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
    headers = {
        "content-type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(key, at, body.decode()),
    }
    return DeliveryValue(key, headers, body, NOW)


def source(secret: str = SECRET, **settings: str) -> webhook.WebhookSource:
    return webhook.WebhookSource(webhook.WebhookSettings(**settings), secret)


def read(payload: Any, **settings: str) -> Draft:
    (draft,) = source(**settings).drafts(signed(payload))
    return draft


class TestWebhook(SourceSuite):
    @pytest.fixture
    def plugin(self) -> Any:
        return webhook.plugin

    @pytest.fixture
    def secrets(self) -> dict[str, str]:
        return {"secret": SECRET}

    @pytest.fixture
    def genuine(self) -> DeliveryValue:
        return signed(PAYLOAD)


def with_header(delivery: DeliveryValue, **headers: str) -> DeliveryValue:
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(delivery, headers={**delivery.headers, **changed})


def test_agrees_with_the_published_vector() -> None:
    sent = dt.datetime.fromtimestamp(1614265330, dt.UTC)
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    delivery = DeliveryValue("k", headers, b'{"test": 2432232314}', sent)
    assert source("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").verify(delivery)


def test_agrees_with_the_reference_package_on_what_is_genuine() -> None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    good = replace(signed(PAYLOAD, at=now), received_at=now)
    late = replace(signed(PAYLOAD, at=now - dt.timedelta(minutes=6)), received_at=now)
    for delivery in (good, late, replace(good, body=good.body + b" "), with_header(good, webhook_id="msg_2")):
        try:
            Webhook(SECRET).verify(delivery.body, dict(delivery.headers))
            genuine = True
        except WebhookVerificationError:
            genuine = False
        assert source().verify(delivery) is genuine
    assert source().verify(good)


@pytest.mark.parametrize(("seconds", "genuine"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_the_time_of_sending_must_be_near_that_of_arrival(seconds: int, genuine: bool) -> None:
    assert source().verify(signed(PAYLOAD, at=NOW + dt.timedelta(seconds=seconds))) is genuine


def test_any_fitting_signature_of_several_will_do() -> None:
    good = signed(PAYLOAD)
    fitting = good.headers["webhook-signature"]
    assert source().verify(with_header(good, webhook_signature=f"v1a,xxx v1,{'A' * 44} {fitting}"))
    assert not source().verify(with_header(good, webhook_signature=fitting.replace("v1,", "v2,")))


def test_old_and_new_secret_hold_while_one_replaces_the_other() -> None:
    both = source(f"{OTHER} {SECRET}")
    assert both.verify(signed(PAYLOAD)) and both.verify(signed(PAYLOAD, secret=OTHER))
    assert not source().verify(signed(PAYLOAD, secret=OTHER))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", "whsec_c2hvcnQ="])
def test_a_secret_that_is_none_is_not_ready(secret: str) -> None:
    assert not source(secret).check().ok


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%"])
def test_without_a_secret_nothing_is_genuine(secret: str) -> None:
    empty = base64.b64encode(hmac.digest(b"", b"msg_1.0." + b"{}", "sha256")).decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": "0", "webhook-signature": f"v1,{empty}"}
    delivery = DeliveryValue("msg_1", headers, b"{}", dt.datetime.fromtimestamp(0, dt.UTC))
    assert source(secret).verify(delivery) is False


def test_a_genuine_body_that_is_not_utf8_is_genuine_and_unreadable() -> None:
    body = b'{"title": "\xff"}'
    content = b"msg_1." + str(int(NOW.timestamp())).encode() + b"." + body
    signature = base64.b64encode(hmac.digest(bytes(range(32)), content, "sha256")).decode()
    delivery = replace(with_header(signed(PAYLOAD), webhook_signature=f"v1,{signature}"), body=body)
    assert source().verify(delivery)
    with pytest.raises(Refused, match="not JSON"):
        source().drafts(delivery)


def test_every_field_finds_its_place_in_the_draft() -> None:
    assert read(PAYLOAD) == Draft(
        key="order-77",
        title="发票金额不对",
        body="Invoice 77 has the wrong amount.",
        contact_name="Li Na",
        contact_email="li@example.com",
        customer="ACME",
        category="billing",
        priority=2,
        wanted_by=dt.date(2026, 3, 20),
        goals=("correct invoice sent",),
        labels=("invoice", "q1"),
    )


def test_without_a_key_of_its_own_the_message_id_is_the_key() -> None:
    assert read({"title": "x"}).key == "msg_1"


def test_reads_by_the_paths_of_the_settings() -> None:
    payload = {"issue": {"fields": {"summary": "Broken", "tags": "a, b"}}, "who": [{"mail": "x@y.z"}]}
    draft = read(
        payload, title="issue.fields.summary", labels="issue.fields.tags", contact_email="who.0.mail"
    )
    assert (draft.title, draft.labels, draft.contact_email) == ("Broken", ("a", "b"), "x@y.z")


def test_an_empty_path_is_not_read() -> None:
    assert read(PAYLOAD, priority="", goals="").priority is None
    assert read(PAYLOAD, priority="", goals="").goals == ()


@pytest.mark.parametrize(
    ("given", "level"),
    [("urgent", 1), ("紧急", 1), (1, 1), ("P2", 2), (" normal ", 3), ("低", 4), ("soon", None)],
)
def test_priority_words_become_levels(given: Any, level: int | None) -> None:
    assert read({"title": "x", "priority": given}).priority == level


def test_priority_words_are_a_setting() -> None:
    assert read({"title": "x", "priority": "Blocker"}, urgent_words="blocker").priority == 1


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({}, "title: nothing stands at title"),
        ({"title": {"text": "x"}}, "title: a text is wanted, dict stands at title"),
        (
            {"title": "x", "contact": {"email": ["a"]}},
            "contact_email: a text is wanted, list stands at contact.email",
        ),
        ({"title": "x", "wanted_by": "soon"}, "wanted_by: a date is wanted, 'soon' stands at wanted_by"),
        ({"title": "x", "goals": {"a": 1}}, "goals: a list of texts is wanted, dict stands at goals"),
        ({"title": "x", "labels": [["a"]]}, "labels: a text is wanted, list stands at labels"),
        (b"title=x", "body: not JSON (JSONDecodeError)"),
        (b"[" * 100_000, "body: not JSON (RecursionError)"),
        (b"7", "body: an object is wanted, int was given"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_path(payload: Any, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read(payload)
    assert refused.value.reason == reason


def test_text_that_no_database_stores_is_mended() -> None:
    assert read(b'{"title": "a\\u0000b \\ud800"}').title == "ab ?"
