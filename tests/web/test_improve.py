"""Improvement: from a finding to a plan, its chart and its verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.improve.models import Finding, Plan
from hub.core.jobs.models import JobRow
from hub.core.work.models import ServiceRequest
from hub.core.workflow import chores
from hub.web.charts import MOST_POINTS, control_chart

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]
PLAN = {
    "title": "Go first",
    "measures": "A *checklist*",
    "direction": "lower",
    "least_effect": "10",
    "due": "2026-05-01",
}


@pytest.fixture
def finding(hub: Hub, open_request: Open) -> int:
    """A finding made from one request."""
    open_request("Slow one")
    now = hub.core.database.now()
    with hub.core.database.transaction() as session:
        row = Finding(
            key="slow", text={"zh": "执行较慢", "en": "Slow in execute"}, metric="hours:execute@net",
            value=40.0, baseline=8.0, request_ids=[1], created_at=now, seen_at=now,
        )  # fmt: skip
        session.add(row)
    return row.id


def plan(hub: Hub) -> Plan:
    with hub.core.database.reading() as session:
        return session.scalars(select(Plan)).one()


def test_a_finding_becomes_a_running_plan_in_one_step(hub: Hub, signed_in: SignedIn, finding: int) -> None:
    browser = signed_in("manager")
    page = browser.get("/improve/").get_data(as_text=True)
    assert "Slow in execute" in page
    assert "Hours in “Execute” · net" in page
    assert "Slow one" in browser.get(f"/improve/findings/{finding}").get_data(as_text=True)
    made = browser.post(f"/improve/findings/{finding}/plans", data={**PLAN, "start": "y"})
    assert made.status_code == 303
    assert (plan(hub).state, plan(hub).metric) == ("running", "hours:execute@net")
    page = browser.get(made.location).get_data(as_text=True)
    assert "<em>checklist</em>" in page
    assert "Too few points" in page


def test_a_plan_may_open_a_request(hub: Hub, signed_in: SignedIn, finding: int) -> None:
    browser = signed_in("manager")
    address = browser.post(f"/improve/findings/{finding}/plans", data=PLAN).location
    assert plan(hub).state == "draft"
    assert browser.post(f"{address}/start", data={"open_request": "1"}).status_code == 303
    with hub.core.database.reading() as session:
        opened = session.get_one(ServiceRequest, plan(hub).request_id)
    assert (opened.title, opened.source) == ("Go first", "improve")
    assert opened.ref in browser.get(address).get_data(as_text=True)
    assert browser.post(f"{address}/start").status_code == 422


@pytest.mark.parametrize(("field", "value"), [("title", ""), ("due", "2020-01-01"), ("least_effect", "0")])
def test_a_plan_keeps_its_text_where_something_is_wrong(
    signed_in: SignedIn, finding: int, field: str, value: str
) -> None:
    page = signed_in("manager").post(f"/improve/findings/{finding}/plans", data={**PLAN, field: value})
    assert page.status_code == 422
    text = page.get_data(as_text=True)
    assert f'id="{field}-error"' in text
    assert "A *checklist*" in text


def test_dismissing_needs_a_reason(hub: Hub, signed_in: SignedIn, finding: int) -> None:
    browser, address = signed_in("manager"), f"/improve/findings/{finding}/dismissal"
    assert browser.post(address, data={"note": " "}).status_code == 422
    assert browser.post(address, data={"note": "a one-off"}).status_code == 303
    assert "Slow in execute" not in browser.get("/improve/").get_data(as_text=True)
    assert "a one-off" in browser.get("/improve/?findings=dismissed").get_data(as_text=True)


def test_looking_for_findings_is_a_job_whose_end_the_page_sees(hub: Hub, signed_in: SignedIn) -> None:
    browser = signed_in("manager")
    assert browser.post("/improve/runs", data={"run": "findings"}).status_code == 303
    assert "Looking for findings" in browser.get("/improve/").get_data(as_text=True)
    assert browser.get("/improve/runs", headers={"HX-Request": "true"}).status_code == 200
    with hub.core.database.transaction() as session:
        assert session.scalars(select(JobRow.name)).one() == "find_improvements"
        session.query(JobRow).delete()
    done = browser.get("/improve/runs", headers={"HX-Request": "true"})
    assert (done.status_code, done.headers["HX-Refresh"]) == (286, "true")


def test_judging_is_offered_only_when_a_plan_is_due(
    hub: Hub, signed_in: SignedIn, finding: int, clock: Any
) -> None:
    browser = signed_in("manager")
    browser.post(f"/improve/findings/{finding}/plans", data={**PLAN, "start": "y"})
    assert "Judge now" not in browser.get("/improve/").get_data(as_text=True)
    assert browser.post("/improve/runs", data={"run": "verdicts"}).status_code == 422
    clock.set(dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC))
    assert "Judge now" in browser.get("/improve/").get_data(as_text=True)
    assert browser.post("/improve/runs", data={"run": "verdicts"}).status_code == 303
    chores.judge_plans(hub.core)
    page = browser.get(f"/improve/plans/{plan(hub).id}").get_data(as_text=True)
    assert "too early" in page
    assert "too few points" in page


def test_members_see_and_do_not_decide(signed_in: SignedIn, finding: int) -> None:
    member = signed_in("member")
    assert "Make a plan" not in member.get("/improve/").get_data(as_text=True)
    assert member.post("/improve/runs", data={"run": "findings"}).status_code == 403
    assert member.post(f"/improve/findings/{finding}/plans", data=PLAN).status_code == 403
    assert member.post(f"/improve/findings/{finding}/dismissal", data={"note": "x"}).status_code == 403


# ---- the chart ----

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def days(*values: float) -> list[tuple[dt.datetime, float]]:
    return [(START + dt.timedelta(days=n), value) for n, value in enumerate(values)]


def test_a_chart_splits_at_the_start_and_shows_both_means() -> None:
    chart = control_chart(days(10, 10, 10, 2, 2, 2), START + dt.timedelta(days=3))
    assert chart is not None
    assert [part.value for part in chart.parts] == [10, 2]
    assert chart.start == pytest.approx(chart.points[3][0])
    assert chart.parts[0].mean < chart.parts[1].mean, "higher values stand higher"


def test_limits_follow_the_mean_moving_range() -> None:
    chart = control_chart(days(4, 6, 4, 6, 100), None)
    assert chart is not None
    moving = (2 + 2 + 2 + 94) / 4
    scale = (chart.parts[0].mean - chart.parts[0].top) / (2.66 * moving)
    assert scale == pytest.approx((chart.points[0][1] - chart.points[1][1]) / 2)


def test_many_points_become_means_of_weeks() -> None:
    chart = control_chart(days(*[1.0, 3.0] * MOST_POINTS), None)
    assert chart is not None
    assert chart.weekly
    assert len(chart.points) == 18
    assert all(1 <= value <= 3 for _x, _y, _at, value in chart.points)


@pytest.mark.parametrize("values", [(), (1.0,)])
def test_too_few_points_make_no_chart(values: tuple[float, ...]) -> None:
    assert control_chart(days(*values), START) is None


def test_equal_values_and_a_start_after_the_last_point_can_be_drawn() -> None:
    chart = control_chart(days(5, 5, 5), START + dt.timedelta(days=9))
    assert chart is not None
    assert len(chart.parts) == 1
    assert chart.start is not None
