"""One cause makes one finding, whoever finds it how often."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest

from hub.core import workflow
from hub.core.history import HistoryEntry
from hub.core.improve import findings, plans
from hub.core.improve.measures import closed_between
from hub.core.improve.models import Finding, Plan
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.values import Effect, FindingDraft, Text
from hub.core.work.models import ServiceRequest
from hub.core.work.parts import score_goal
from hub.core.workflow import chores
from tests.core.conftest import Desk


def draft(key: str = "low-score@network", value: float = 2.0) -> FindingDraft:
    return FindingDraft(key, Text("低", "low"), "score@network", value, 4.0, (1, 2))


def keep(desk: Desk, *drafts: FindingDraft) -> int:
    with desk.database.transaction() as session:
        return len(findings.keep(session, desk.database.now(), drafts))


def answered(desk: Desk, stage: str, score: float) -> int:
    """A request in this stage whose customer has answered."""
    request_id = desk.bring(stage)
    now = desk.database.now()
    with desk.database.transaction() as session:
        (invitation,) = session.query(SurveyInvitation).filter_by(request_id=request_id)
        invitation.answered_at = now
        session.add(
            SurveyAnswer(invitation_id=invitation.id, request_id=request_id, at=now, score=score, answers={})
        )
    return request_id


@pytest.mark.process("P28")
def test_a_low_score_makes_one_finding_not_ten(desk: Desk) -> None:
    request_id = answered(desk, "improve", 2.0)
    for _ in range(10):
        assert (desk.look(request_id).stage, desk.request(request_id).state) == ("improve", "open")
    (finding,) = desk.all(Finding)
    assert (finding.own_request_id, finding.metric, finding.value) == (request_id, "score", 2.0)
    for value in range(10):
        keep(desk, draft(value=float(value)))
    assert desk.count(Finding) == 2
    (found,) = desk.all(Finding, Finding.key == "low-score@network")
    assert (found.value, found.request_ids) == (9.0, [1, 2])
    assert desk.count(HistoryEntry, HistoryEntry.verb == "finding_made") == 2


@pytest.mark.parametrize("score", [3.0, 5.0])
def test_a_good_score_closes_the_request(desk: Desk, score: float) -> None:
    request_id = answered(desk, "improve", score)
    assert desk.look(request_id).state == "closed"
    assert desk.count(Finding) == 0


def test_each_reopening_is_a_finding_of_its_own(desk: Desk) -> None:
    request_id = desk.bring("improve")
    assert desk.look(request_id).state == "closed"
    for times in (1, 2):
        workflow.move(desk.core, desk.member, request_id, "evaluate")
        for goal in desk.request(request_id).goals:
            desk.do(score_goal, desk.member, goal, "partly")
        workflow.move(desk.core, desk.member, request_id, "improve")
        assert desk.look(request_id).state == "open"
        (finding,) = desk.all(Finding, Finding.state == "open")
        assert (finding.metric, finding.value) == ("reopened", float(times))
        desk.do(findings.dismiss, desk.manager, finding, "The customer changed their mind")
        assert desk.look(request_id).state == "closed"
    assert desk.count(Finding) == 2


def test_dismissing_needs_a_manager_and_a_reason_and_happens_once(desk: Desk) -> None:
    keep(desk, draft())
    (finding,) = desk.all(Finding)
    assert desk.refused(findings.dismiss, desk.member, finding, "no") == "not_allowed"
    assert desk.refused(findings.dismiss, desk.manager, finding, " ") == "required"
    desk.do(findings.dismiss, desk.manager, finding, "Known and accepted")
    assert desk.refused(findings.dismiss, desk.manager, finding, "again") == "finding_not_open"


def plan(desk: Desk, finding: Finding, **values: object) -> Plan:
    wanted = {
        "title": "Train the team", "measures": "", "due": dt.date(2026, 4, 4), "least_effect": 10.0, **values,
    }  # fmt: skip
    return desk.do(plans.make, desk.manager, finding, **wanted)


@pytest.mark.process("P7")
def test_a_finding_becomes_a_plan_in_one_step_and_both_know_the_other(desk: Desk) -> None:
    request_id = answered(desk, "improve", 1.0)
    desk.look(request_id)
    made = plan(desk, desk.all(Finding)[0])
    with desk.database.reading() as session:
        finding = session.get_one(Finding, made.finding_id)
        assert [one.id for one in finding.plans] == [made.id]
        assert session.get_one(Plan, made.id).finding.id == finding.id
        assert (finding.state, made.owner_id, made.metric, made.direction) == (
            "planned", desk.manager.id, "score", "higher",
        )  # fmt: skip
    assert desk.look(request_id).state == "closed"


def test_refuses_a_plan_that_cannot_be_judged(desk: Desk) -> None:
    keep(desk, draft())
    (finding,) = desk.all(Finding)
    for wrong, message in (
        ({"due": dt.date(2026, 3, 4)}, "date_in_past"),
        ({"least_effect": 0}, "out_of_range"),
        ({"least_effect": 101}, "out_of_range"),
        ({"direction": "sideways"}, "unknown_choice"),
        ({"title": ""}, "required"),
    ):
        with pytest.raises(Exception, match=message):
            plan(desk, finding, **wrong)
    assert desk.count(Plan) == 0
    assert desk.all(Finding)[0].state == "open"
    desk.do(findings.dismiss, desk.manager, finding, "no")
    with pytest.raises(Exception, match="finding_not_open"):
        plan(desk, finding)


def test_a_plan_starts_once_and_may_open_a_request_that_walks_the_road(desk: Desk) -> None:
    keep(desk, draft())
    made = plan(desk, desk.all(Finding)[0])
    desk.do(plans.start, desk.manager, made, open_request=True)
    assert desk.refused(plans.start, desk.manager, made) == "plan_started"
    row = desk.get(Plan, made.id)
    assert (row.state, row.started_at) == ("running", desk.database.now())
    request = desk.request(row.request_id or 0)
    assert (request.title, request.source, request.stage) == ("Train the team", "improve", "identify")
    assert desk.count(ServiceRequest) == 1


def test_a_cause_is_not_found_again_while_a_plan_is_at_work_on_it(desk: Desk) -> None:
    keep(desk, draft())
    made = plan(desk, desk.all(Finding)[0])
    assert keep(desk, draft()) == 0
    desk.do(plans.start, desk.manager, made)
    assert keep(desk, draft()) == 0
    _judge(desk, made, "no_evidence")
    assert keep(desk, draft()) == 1


def test_what_somebody_dismissed_rests_until_it_can_be_seen_anew(desk: Desk) -> None:
    keep(desk, draft())
    desk.do(findings.dismiss, desk.manager, desk.all(Finding)[0], "The team moved house")
    assert keep(desk, draft()) == 0
    desk.clock.advance(days=90)
    assert keep(desk, draft()) == 1


def _judge(desk: Desk, made: Plan, verdict: str) -> None:
    effect = Effect(verdict, Text("因为", "because"))  # type: ignore[arg-type]
    with desk.database.transaction() as session:
        plans.judge(session, desk.database.now(), session.get_one(Plan, made.id), effect)


def test_a_verdict_that_comes_too_early_moves_the_date(desk: Desk) -> None:
    keep(desk, draft())
    made = plan(desk, desk.all(Finding)[0])
    desk.do(plans.start, desk.manager, made)
    assert chores.judge_plans(desk.core) == 0
    desk.clock.advance(days=31)
    assert chores.judge_plans(desk.core) == 1
    row = desk.get(Plan, made.id)
    assert (row.state, row.verdict) == ("running", "too_early")
    assert row.due == desk.database.now().date() + dt.timedelta(weeks=4)
    assert row.verdict_reason is not None
    assert chores.judge_plans(desk.core) == 0
    _judge(desk, made, "works")
    assert desk.get(Plan, made.id).state == "judged"


def close(desk: Desk, at: dt.datetime, score: float | None = None, reopened: int = 0) -> int:
    row = ServiceRequest(
        ref=f"OLD-{desk.count(ServiceRequest)}", title="Old", body="", stage="improve", state="closed",
        category_id=desk.category_id, created_at=at, updated_at=at, stage_since=at, closed_at=at,
        reopened=reopened,
    )  # fmt: skip
    with desk.database.transaction() as session:
        session.add(row)
        session.flush()
        if score is not None:
            asked = SurveyInvitation(
                request_id=row.id, instrument="csat", instrument_version="1", token_hash=row.uid,
                created_at=at, expires_at=at, answered_at=at,
            )  # fmt: skip
            session.add(asked)
            session.flush()
            session.add(
                SurveyAnswer(invitation_id=asked.id, request_id=row.id, at=at, score=score, answers={})
            )
    return row.id


def test_the_night_finds_what_stands_out_in_ninety_days_and_nothing_older(desk: Desk) -> None:
    now = desk.database.now()
    for _ in range(6):
        close(desk, now - dt.timedelta(days=91), score=1.0)
    assert chores.find_improvements(desk.core) == 0
    ids = [close(desk, now - dt.timedelta(days=day), score=2.0) for day in range(1, 7)]
    assert chores.find_improvements(desk.core) == 1
    assert chores.find_improvements(desk.core) == 0
    (finding,) = desk.all(Finding)
    assert (finding.key, finding.value, sorted(finding.request_ids)) == ("low-score", 2.0, ids)


def test_numbers_come_from_the_history_of_each_request(desk: Desk) -> None:
    request_id = answered(desk, "evaluate", 4.0)
    for goal in desk.request(request_id).goals:
        desk.clock.advance(hours=5)
        desk.do(score_goal, desk.member, goal, "met")
    desk.look(request_id)
    assert desk.request(request_id).state == "closed"
    now = desk.database.now()
    with desk.database.reading() as session:
        (seen,) = closed_between(session, now - dt.timedelta(days=1), now + dt.timedelta(seconds=1))
        assert closed_between(session, now - dt.timedelta(days=1), now) == ()
    assert (seen.id, seen.score, seen.goals_met, seen.goals_total) == (request_id, 4.0, 1, 1)
    assert seen.stage_hours == {"identify": 0.0, "assign": 0.0, "execute": 0.0, "evaluate": 5.0}
    at = seen.closed_at
    series = partial(plans.series, (seen,))
    assert series("score@network") == ((at, 4.0),)
    assert series("score@other") == ()
    assert series("hours:evaluate") == ((at, 5.0),)
    assert series("reopened") == ((at, 0.0),)
