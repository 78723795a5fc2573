"""Steps 9 and 10: evaluated, improved, judged; and what the record says afterwards."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import requests
from sqlalchemy import select, update

from hub.core import history
from hub.core.database import new_uuid
from hub.core.evaluate.models import QualitySample
from hub.core.history import HistoryEntry
from hub.core.improve import plans
from hub.core.improve.models import Finding, Plan
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.surveys.scores import rate
from hub.core.work.models import ServiceRequest
from hub.core.work.parts import score_goal
from tests.road.ground import PASSWORD, Road, count, link_in, mailed, post_form


def score_the_goals(road: Road) -> None:
    """The goal of stage 1 gets its result; the lot fell on the request, too."""
    assert road.ask_all_points() == ["goal"]
    road.wait_until(lambda: count(road, QualitySample) == 1)
    with road.database.transaction() as session:
        (goal,) = session.get_one(ServiceRequest, road.request_id).goals
        score_goal(session, road.clock.now(), road.actor, goal, "met")


def answer_the_survey(road: Road, satisfaction: int) -> None:
    """The link the customer was mailed: looking records nothing, posting records once."""
    page = link_in(road, mailed(road, "li.hua@acme.example", "How did we do?"), "s")
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


def show_the_scores(road: Road) -> None:
    """A manager signs in and sees the score with its interval, and how many were asked."""
    manager = requests.Session()
    page = f"{road.url}/sign-in"
    signing_in = {"email": "mei@hub.example", "password": PASSWORD}
    assert post_form(manager, manager.get(page, timeout=30), page, **signing_in).status_code == 200
    with road.database.reading() as session:
        scores = list(session.scalars(select(SurveyAnswer.score)))
    seen = rate([one for one in scores if one is not None], count(road, SurveyInvitation))
    assert seen.low is not None
    assert seen.high is not None
    shown = manager.get(f"{road.url}/surveys/?days=365&lang=en", timeout=30)
    assert (shown.status_code, shown.url.startswith(f"{road.url}/surveys/")) == (200, True)
    intervals = re.findall(r"\[([\d.]+) – ([\d.]+)\]", shown.text)
    assert (round(seen.low, 2), round(seen.high, 2)) in [(float(low), float(high)) for low, high in intervals]


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
