"""Steps 1 to 6: in by webhook or form, understood, and given to somebody."""

from __future__ import annotations

import json

import requests
from sqlalchemy import select
from standardwebhooks import Webhook

from hub.core.assign import decisions
from hub.core.connections.models import Delivery
from hub.core.work.models import ServiceRequest
from hub.core.work.parts import add_goal
from tests.road.ground import Road, count, fresh_secret, link_in, mailed, post_form


def send_webhook(road: Road, message: str, body: bytes, *, secret: str | None = None, slug: str = "") -> int:
    """Post a signed message; gives the status."""
    now = road.clock.now()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret or road.webhook_secret).sign(message, now, body.decode()),
    }
    url = f"{road.url}/in/{slug or road.webhook}"
    return requests.post(url, body, headers=headers, timeout=30).status_code


def take_in_a_webhook(road: Road) -> None:
    """A shop's signed message becomes a request, once, however often it is sent."""
    message = {
        "title": "VPN drops every morning",
        "body": "Since the update the tunnel breaks at nine.",
        "contact": {"name": "Li Hua", "email": "li.hua@acme.example"},
        "customer": "Acme",
    }
    body = json.dumps(message).encode()
    assert send_webhook(road, "msg_1", body, slug="nobody-knows-this") == 404
    assert send_webhook(road, "msg_1", body, secret=fresh_secret()) == 401
    assert send_webhook(road, "msg_1", body) == 202
    road.wait_until(lambda: count(road, ServiceRequest) == 1)
    road.wait_until(lambda: count(road, Delivery, Delivery.status == "read") == 1)
    assert send_webhook(road, "msg_1", body) == 200
    # Known by what it says, too: the same draft under another message.
    assert count(road, ServiceRequest) == 1
    with road.database.reading() as session:
        road.request_id = session.scalars(select(ServiceRequest.id)).one()


def confirm_by_mail(road: Road, to: str = "li.hua@acme.example") -> None:
    """The asker has a mail, and its link leads to where the request stands."""
    taken = mailed(road, to, "We have received your request")
    assert (taken.sender, taken["Auto-Submitted"]) == ("", "auto-replied")
    page = requests.get(link_in(road, taken, "t"), timeout=30)
    assert page.status_code == 200
    assert road.request().ref in page.text


def take_in_a_form(road: Road) -> None:
    """A visitor fills in the public form; sending it twice is sending it once."""
    page = f"{road.url}/f/{road.form}"
    visitor = requests.Session()
    shown = visitor.get(page, timeout=30)
    assert shown.status_code == 200
    assert count(road, Delivery) == 0
    refused = post_form(visitor, shown, page, title="VPN for a new colleague", name="", email="not one")
    assert refused.status_code == 422
    assert "VPN for a new colleague" in refused.text
    answers = {
        "title": "VPN for a new colleague",
        "body": "She starts on Monday.",
        "outcome": "She can sign in from home",
        "name": "Zhao Min",
        "email": "zhao.min@acme.example",
    }
    for _ in range(2):
        thanks = post_form(visitor, shown, page, **answers)
        assert (thanks.status_code, thanks.url) == (200, f"{page}/thanks")
    road.wait_until(lambda: count(road, Delivery, Delivery.status == "read") == 1)
    with road.database.reading() as session:
        request = session.scalars(select(ServiceRequest)).one()
        assert (request.source, request.customer.name, request.contact.name) == ("form", "Acme", "Zhao Min")
        road.request_id = request.id


def understand(road: Road) -> None:
    """The hub classifies, prioritises, writes the need, and holds what has no goal."""
    road.wait_until(lambda: road.request().understood)
    request = road.request()
    assert request.category_id is not None
    assert request.priority is not None
    assert [need.text for need in request.needs] == ["VPN drops every morning"]
    assert {"category", "priority"} <= set(request.understood)
    assert request.stage == "identify"
    assert road.ask_all_points() == ["goal"]


def write_the_goal(road: Road) -> None:
    """A person says what the result will be measured by; now nothing is open."""
    with road.database.transaction() as session:
        request = session.get_one(ServiceRequest, road.request_id)
        add_goal(session, road.clock.now(), road.actor, request, "The tunnel holds for a whole week")


def explain_the_decision(road: Road) -> None:
    """Somebody has the task, and the kept decision says why."""
    road.stands_in("execute")
    with road.database.reading() as session:
        (decision,) = decisions.of_request(session, road.request_id).values()
    assert decision.chosen_id == road.task().assignee_id in road.people
    assert decision.rule_version.startswith("rules")
    assert decision.reason["zh"]
    assert decision.reason["en"]
    assert {candidate["person"] for candidate in decision.candidates} == set(road.people)
    kept = (decision.reason, decision.candidates, decision.vetoes, decision.inputs)
    assert len(json.dumps(kept, ensure_ascii=False).encode()) <= 4096
