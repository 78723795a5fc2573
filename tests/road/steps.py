"""The steps of the road, each named by its verb; a step waits for what follows by itself."""

from __future__ import annotations

import base64
import datetime as dt
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import requests
from bs4 import BeautifulSoup
from sqlalchemy import func, select, update
from standardwebhooks import Webhook

from hub.core import history, workflow
from hub.core.assign import decisions
from hub.core.connections import manage
from hub.core.connections.models import Connection, Delivery
from hub.core.conversation import comments
from hub.core.database import new_uuid
from hub.core.directory.models import Person, Team
from hub.core.directory.people import actor_of, add_person
from hub.core.evaluate import survey
from hub.core.execute import sync
from hub.core.execute.models import CommentLink, Conflict, Link
from hub.core.history import HistoryEntry
from hub.core.improve import plans
from hub.core.improve.models import Finding, Plan
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.values import SYSTEM, Actor
from hub.core.work.models import Category, ServiceRequest, Task
from hub.core.work.parts import add_goal, score_goal
from hub.core.work.tasks import edit_task
from tests.road.conftest import Place

DEAD_END = "http://127.0.0.1:9/"


def fresh_secret() -> str:
    """A secret as Standard Webhooks wants it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()


@dataclass
class Road:
    """What the steps know of one another."""

    place: Place
    actor: Actor = SYSTEM
    people: list[int] = field(default_factory=list)
    webhook: str = ""
    webhook_secret: str = ""
    hook_secret: str = ""
    form: str = ""
    tracker_slug: str = ""
    tracker_id: int = 0
    request_id: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.place, name)

    def request(self) -> ServiceRequest:
        """The request, with its tasks and goals."""
        with self.database.reading() as session:
            row = session.get_one(ServiceRequest, self.request_id)
            for part in (row.tasks, row.goals, row.needs):
                list(part)  # read while the session is open
            return row

    def task(self) -> Task:
        """The request's only task."""
        (task,) = self.request().tasks
        return task

    def link(self) -> Link:
        """The link of the only task; a second one fails here."""

        def made() -> list[Link]:
            with self.database.reading() as session:
                return sync.links_of_request(session, self.request_id)

        (link,) = self.wait_until(made)
        return link

    def item(self) -> dict[str, Any]:
        """The one item in the sandbox; a twin fails here."""
        (item,) = self.board.items()
        return item

    def stands_in(self, stage: str, state: str = "open") -> None:
        """Wait until the request has come to this stage."""
        self.wait_until(lambda: (self.request().stage, self.request().state) == (stage, state))

    def settles(self) -> None:
        """Wait until the link is settled and both sides hold the same."""
        self.wait_until(lambda: self.link().state == "settled" and self.differences() == [])

    def differences(self) -> list[str]:
        """The fields in which task and item differ."""
        task, item = self.task(), self.item()
        states = {"open": "todo", "doing": "doing", "waiting": "blocked", "done": "done"}
        accounts = dict(zip(self.people, ("mei", "jonas", "lin"), strict=True))
        here = (
            task.title,
            task.body,
            states[task.state],
            accounts.get(task.assignee_id or 0),
            set(task.labels),
        )
        there = (item["title"], item["text"], item["status"], item["assignee"], set(item["labels"]))
        return [f"{one!r} != {other!r}" for one, other in zip(here, there, strict=True) if one != other]

    def ask_all_points(self) -> list[str]:
        """The keys of the open points."""
        return [point.key for point in workflow.all_open_points(self.core, self.request_id)]


# ---- before the road ----


def furnish(road: Road) -> None:
    """Make the team, the catalogue and the three connections."""
    now, core = road.clock.now(), road.core
    road.webhook_secret, road.hook_secret = fresh_secret(), fresh_secret()
    with road.database.transaction() as session:
        team = Team(name="Network")
        session.add(team)
        session.flush()
        for name, role in (("Mei", "manager"), ("Jonas", "member"), ("Lin", "member")):
            email = f"{name.lower()}@hub.example"
            skills = {"network": 3}
            person = add_person(
                session, now, SYSTEM, name=name, email=email, role=role, skills=skills, teams=[team]
            )
            road.people.append(person.id)
        road.actor = actor_of(session.get_one(Person, road.people[0]))

        def connect(name: str, kind: str, settings: dict[str, Any], **kept: str) -> Connection:
            return manage.create(
                session, now, SYSTEM, core.registry, road.hub.keys, name=name, kind=kind, settings=settings,
                secrets=kept,
            )  # fmt: skip

        road.webhook = connect("Shop", "webhook", {}, secret=road.webhook_secret).slug
        road.form = connect("Front desk", "form", {"customer": "Acme"}).slug
        people = dict(zip(road.people, ("mei", "jonas", "lin"), strict=True))
        tracker = connect(
            "Sandbox", "sandbox", {"base_url": road.far_url, "people_map": people},
            hook_secret=road.hook_secret,
        )  # fmt: skip
        road.tracker_id, road.tracker_slug = tracker.id, tracker.slug
        session.add(
            Category(
                key="network", title={"zh": "网络", "en": "Network"}, skill="network", team_id=team.id,
                keywords=["vpn"], hours=3.0, tracker_id=tracker.id,
            )
        )  # fmt: skip
    hook_up(road)


def hook_up(road: Road) -> None:
    """Let the sandbox tell the hub what changes there."""
    road.sandbox.register_hook("hub", f"{road.url}/in/{road.tracker_slug}", road.hook_secret)


def unhook(road: Road) -> None:
    """Let the sandbox's hints go nowhere."""
    road.sandbox.register_hook("hub", DEAD_END, road.hook_secret)


# ---- 1 to 4: in ----


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


def count(road: Road, model: Any, *where: Any) -> int:
    """How many rows there are."""
    with road.database.reading() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where)) or 0


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


# ---- 5: identify ----


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


# ---- 6: assign ----


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


# ---- 7 and 8: execute ----


def fall_ill_once(road: Road) -> None:
    """The sandbox will answer 503 once, and lose one answer."""
    road.sandbox.faults.next("unavailable")
    road.sandbox.faults.next("lose_answer")


def link_without_a_twin(road: Road) -> None:
    """The item is made once, though its making failed once and its answer was lost once."""
    for _ in range(2):
        road.wait_until(lambda: road.link().due_at)
        due_at = road.link().due_at
        road.clock.jump(seconds=15)
        road.wait_until(lambda due_at=due_at: road.link().due_at != due_at)
    road.settles()
    assert (road.item()["external_id"], road.item()["key"]) == (road.link().mark, road.link().ref)


def edit_on_both_sides(road: Road) -> None:
    """Title, text, labels, assignee, state: from here, from there."""
    with road.database.transaction() as session:
        task = session.get_one(Task, road.task().id)
        edit_task(session, road.clock.now(), road.actor, task, body="Seen at nine.\nSolved?", labels=["vpn"])
    road.settles()
    road.wait_until(lambda: road.item()["labels"] == ["vpn"])
    other = "jonas" if road.item()["assignee"] != "jonas" else "lin"
    changes = {
        "title": "VPN drops at nine",
        "status": "doing",
        "assignee": other,
        "labels": {"add": ["urgent"]},
    }
    road.board.change(road.item()["key"], "lin", changes)
    road.wait_until(lambda: road.task().state == "doing")
    road.settles()
    task = road.task()
    assert (task.title, set(task.labels)) == ("VPN drops at nine", {"vpn", "urgent"})
    assert task.assignee_id == road.people[("mei", "jonas", "lin").index(other)]


def comment_on_both_sides(road: Road) -> None:
    """A comment from here although its answer is lost, one from there; an internal note stays here."""
    road.sandbox.faults.next("lose_answer")
    task_id = road.task().id
    with road.database.transaction() as session:
        for stream, text in (("internal", "The customer is angry"), ("public", "We look into it")):
            comments.say(
                session, road.clock.now(), road.actor, request_id=road.request_id, text=text, stream=stream,
                task_id=task_id,
            )  # fmt: skip
    road.wait_until(lambda: road.link().due_at)
    road.clock.jump(seconds=15)
    road.wait_until(lambda: road.link().due_at is None)
    road.board.add_comment(road.item()["key"], "jonas", "Found it: a wrong lease time")
    road.wait_until(lambda: count(road, CommentLink, CommentLink.far_ref.is_not(None)) == 2)
    road.settles()
    with road.database.reading() as session:
        here = [row.text for row in comments.stream_of(session, road.request_id, internal=True)]
        customer = [row.text for row in comments.stream_of(session, road.request_id, internal=False)]
    assert here == ["The customer is angry", "We look into it", "Found it: a wrong lease time"]
    assert customer == []
    there = [comment["text"] for comment in road.item()["comments"]]
    assert len(there) == 2
    assert there[0].endswith("We look into it")
    assert there[1] == "Found it: a wrong lease time"


def disagree_and_decide(road: Road) -> None:
    """Both sides change the title: both are shown, nothing is overwritten, a person decides."""
    pause(road, True)
    key = road.item()["key"]
    with road.database.transaction() as session:
        task = session.get_one(Task, road.task().id)
        edit_task(session, road.clock.now(), road.actor, task, title="Tunnel breaks (here)")
    road.board.change(key, "jonas", {"title": "Tunnel breaks (there)"})
    pause(road, False)
    road.wait_until(lambda: road.link().state == "conflict")
    assert (road.task().title, road.item()["title"]) == ("Tunnel breaks (here)", "Tunnel breaks (there)")
    with road.database.transaction() as session:
        conflict = sync.open_conflicts(session, road.link().id)["title"]
        assert "Tunnel breaks (here)" in json.dumps(conflict.here)
        assert "Tunnel breaks (there)" in json.dumps(conflict.there)
        sync.resolve_conflict(session, road.clock.now(), road.actor, conflict, "there")
    road.settles()
    assert road.task().title == "Tunnel breaks (there)"
    assert count(road, Conflict, Conflict.closed_at.is_(None)) == 0


def pause(road: Road, paused: bool) -> None:
    """Let the link rest, or go on."""
    with road.database.transaction() as session:
        link = session.get_one(Link, road.link().id)
        sync.pause_link(session, road.clock.now(), road.actor, link, paused)


def change_quietly(road: Road) -> None:
    """A change nobody told of is found by the sweep of the next minute."""
    unhook(road)
    road.board.change(road.item()["key"], "jonas", {"labels": {"add": ["quiet"]}})
    road.clock.jump(minutes=2)
    road.wait_until(lambda: "quiet" in road.task().labels)
    road.settles()


def finish_there(road: Road) -> None:
    """The task is done in the sandbox: the request goes on by itself."""
    road.board.change(road.item()["key"], "jonas", {"status": "done"})
    road.stands_in("evaluate")
    assert road.task().state == "done"
    road.settles()


def finish_quietly(road: Road) -> None:
    """The same without any hint."""
    road.board.change(road.item()["key"], "jonas", {"status": "done"})
    road.clock.jump(minutes=2)
    road.stands_in("evaluate")


# ---- 9: evaluate ----


def score_the_goals(road: Road) -> None:
    """The goal of stage 1 gets its result."""
    assert road.ask_all_points() == ["goal"]
    with road.database.transaction() as session:
        (goal,) = session.get_one(ServiceRequest, road.request_id).goals
        score_goal(session, road.clock.now(), road.actor, goal, "met")


def answer_the_survey(road: Road, satisfaction: int) -> None:
    """The customer's link: looking records nothing, posting records once."""
    with road.database.transaction() as session:
        request = session.get_one(ServiceRequest, road.request_id)
        instrument = road.core.registry.instruments()["csat"]
        token = survey.ask(session, road.clock.now(), road.actor, request, instrument, dt.timedelta(days=14))
    page = f"{road.url}/s/{token}"
    visitor = requests.Session()
    before = count(road, HistoryEntry)
    shown = visitor.get(page, timeout=30)
    assert shown.status_code == 200
    assert count(road, SurveyAnswer) == 0
    assert count(road, HistoryEntry) == before
    assert post_form(visitor, shown, page, satisfaction=satisfaction, comment="Too slow").status_code == 200
    assert count(road, SurveyAnswer) == 1
    post_form(visitor, shown, page, satisfaction=5)
    assert count(road, SurveyAnswer) == 1


def let_the_survey_expire(road: Road) -> None:
    """Nobody answers: the request does not wait for ever."""
    assert (road.request().stage, count(road, SurveyInvitation)) == ("evaluate", 1)
    road.clock.jump(days=15)
    road.stands_in("improve", "closed")


def post_form(
    visitor: requests.Session, shown: requests.Response, url: str, **values: Any
) -> requests.Response:
    """Post the form of a page as a browser would, with its hidden fields."""
    hidden = BeautifulSoup(shown.text, "html.parser").select("main form input[type=hidden]")
    fields = {str(one["name"]): str(one.get("value", "")) for one in hidden}
    return visitor.post(url, {**fields, **values}, headers={"Referer": url}, timeout=30)


# ---- 10: improve ----


def improve(road: Road, satisfaction: int) -> int:
    """The low score is a finding, the finding becomes a plan, the request may close; gives the plan."""
    road.stands_in("improve")
    road.wait_until(lambda: count(road, Finding))
    with road.database.transaction() as session:
        finding = session.scalars(select(Finding)).one()
        assert (finding.own_request_id, finding.value) == (road.request_id, float(satisfaction))
        now = road.clock.now()
        plan = plans.make(
            session, now, road.actor, finding, title="Lease times from one place", measures="A checklist",
            due=(now + dt.timedelta(days=40)).date(), least_effect=10,
        )  # fmt: skip
        plans.start(session, now, road.actor, plan, open_request=True)
    road.stands_in("improve", "closed")
    return plan.id


def open_the_circle(road: Road, plan_id: int) -> None:
    """The plan's own request stands at the beginning of the road."""
    with road.database.reading() as session:
        plan = session.get_one(Plan, plan_id)
        assert plan.request_id is not None
        first = session.get_one(ServiceRequest, plan.request_id)
        assert (first.title, first.source, first.stage) == (plan.title, "improve", "identify")


def live_on(road: Road) -> None:
    """Requests before the plan were rated low, those after it high; the days go by."""
    start = road.clock.now()
    with road.database.transaction() as session:
        for day in range(-24, 40):
            remember(session, start + dt.timedelta(days=day, hours=1), (2.0 if day < 0 else 4.0) + day % 2)
    road.clock.jump(days=41)


def remember(session: Any, at: dt.datetime, score: float) -> None:
    """A closed request of another day with its score."""
    row = ServiceRequest(
        ref=f"OLD-{new_uuid()[-8:]}", title="Earlier", body="", stage="improve", state="closed",
        created_at=at, updated_at=at, stage_since=at, closed_at=at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    asked = SurveyInvitation(
        request_id=row.id, instrument="csat", instrument_version="1", token_hash=row.uid, created_at=at,
        expires_at=at, answered_at=at,
    )  # fmt: skip
    session.add(asked)
    session.flush()
    session.add(SurveyAnswer(invitation_id=asked.id, request_id=row.id, at=at, score=score, answers={}))


def be_judged(road: Road, plan_id: int) -> None:
    """At its date the plan gets its verdict by itself."""

    def plan() -> Plan:
        with road.database.reading() as session:
            return session.get_one(Plan, plan_id)

    road.wait_until(lambda: plan().state == "judged")
    assert plan().verdict == "works"
    assert plan().verdict_reason["en"]


# ---- afterwards ----


def verify_the_seals(road: Road) -> None:
    """The record is sealed by itself, holds, and shows a changed byte."""
    last = road.wait_until(lambda: history.verify(road.database).sealed)
    assert last > 20
    assert history.verify(road.database).broken is None
    with road.database.transaction() as session:
        moved = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "request_moved")).first()
        session.execute(
            update(HistoryEntry).where(HistoryEntry.id == moved.id).values(actor_kind="person", actor_id=1)
        )
    broken = history.verify(road.database).broken
    assert broken is not None
    assert broken[0] <= moved.id <= broken[1]
