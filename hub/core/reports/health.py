"""The five dials: is demand clear, is work planned, does it move, are customers content, do we learn?"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import and_, exists, or_, select

from hub.core.improve.findings import LOW_SCORE
from hub.core.improve.models import Finding, Plan
from hub.core.reports.checks import Check
from hub.core.surveys.models import SurveyAnswer
from hub.core.work.live import LIVE, TO_DO, due_before
from hub.core.work.models import Goal, ServiceRequest, Task

# A request in execution on which nothing happened for so long stands still.
QUIET = dt.timedelta(days=3)
# How far back answers and findings count.
WINDOW = dt.timedelta(days=90)


def dials(now: dt.datetime, today: dt.date) -> dict[str, Check]:
    """One check for each stage; ``today`` is the day where the working calendar is."""
    requests = select(
        ServiceRequest.id, ServiceRequest.ref, ServiceRequest.title, ServiceRequest.stage_since.label("at")
    )
    goal = exists().where(Goal.request_id == ServiceRequest.id)
    unclear = or_(ServiceRequest.category_id.is_(None), ServiceRequest.priority.is_(None), ~goal)
    tasks = (
        select(Task.id, Task.ref, Task.title, Task.created_at.label("at"))
        .join(ServiceRequest, ServiceRequest.id == Task.request_id)
        .where(LIVE, TO_DO)
    )
    answers = (
        select(SurveyAnswer.id, ServiceRequest.ref, ServiceRequest.title, SurveyAnswer.at)
        .join(ServiceRequest, ServiceRequest.id == SurveyAnswer.request_id)
        .where(SurveyAnswer.at >= now - WINDOW, SurveyAnswer.score.is_not(None))
    )
    findings = select(
        Finding.id, Finding.key.label("ref"), Finding.text.label("title"), Finding.created_at.label("at")
    ).where(or_(Finding.state == "open", Finding.created_at >= now - WINDOW))
    undone = and_(Finding.state == "open", ~exists().where(Plan.finding_id == Finding.id))
    still = or_(ServiceRequest.updated_at < now - QUIET, due_before(today))
    found = (
        Check("identify", "request", requests.where(LIVE), unclear),
        Check("assign", "task", tasks, Task.assignee_id.is_(None)),
        Check("execute", "request", requests.where(LIVE, ServiceRequest.stage == "execute"), still),
        Check("evaluate", "request", answers, SurveyAnswer.score <= LOW_SCORE),
        Check("improve", "finding", findings, undone),
    )
    return {check.key: check for check in found}
