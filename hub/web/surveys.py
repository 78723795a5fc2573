"""Evaluation: scores with n and interval, the answers behind them, and quality samples to rate."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import rights
from hub.core.evaluate.models import QualitySample
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.surveys.scores import Rated, rate
from hub.core.work.models import Category, ServiceRequest, Task
from hub.web.context import core
from hub.web.forms import row_number
from hub.web.sessions import actor

blueprint = Blueprint("surveys", __name__, url_prefix="/surveys")
WINDOWS = (30, 90, 365)
PAGE = 50
STATES = ("answered", "unanswered")


@dataclass(frozen=True, slots=True)
class Line:
    """The score of one category (None: of all)."""

    category: Category | None
    rated: Rated


@blueprint.get("/")
def index() -> str:
    """The scores of a time window, overall and by category, and the samples."""
    rights.require(actor(), "see_evaluation")
    days = _days()
    with core().database.reading() as session:
        lines = _lines(session, _since(days))
        samples = _samples(session, rated=False)
        done = _samples(session, rated=True)
        own = _own_work(session, [row.id for _sample, row in samples])
    ratings = [float(sample.rating) for sample, _row in done if sample.rating is not None]
    return render_template(
        "surveys/index.html", overall=lines[0].rated, lines=lines[1:], days=days, windows=WINDOWS,
        samples=samples, done=done, quality=rate(ratings, len(samples) + len(done)), own=own,
    )  # fmt: skip


@blueprint.get("/answers")
def answers() -> str:
    """The invitations behind a number, with what was answered."""
    rights.require(actor(), "see_evaluation")
    days, state = _days(), request.args.get("state")
    category, before = (
        request.args.get("category", type=row_number),
        request.args.get("before", type=row_number),
    )
    query = (
        select(SurveyInvitation, SurveyAnswer, ServiceRequest)
        .join(ServiceRequest, ServiceRequest.id == SurveyInvitation.request_id)
        .outerjoin(SurveyAnswer, SurveyAnswer.invitation_id == SurveyInvitation.id)
        .where(SurveyInvitation.created_at >= _since(days))
        .order_by(SurveyInvitation.id.desc())
        .limit(PAGE + 1)
    )
    if category is not None:
        query = query.where(ServiceRequest.category_id == (category or None))
    if state in STATES:
        answered = SurveyAnswer.id.is_not(None)
        query = query.where(answered if state == "answered" else ~answered)
    if before is not None:
        query = query.where(SurveyInvitation.id < before)
    with core().database.reading() as session:
        rows = session.execute(query).all()
        named = session.get(Category, category) if category else None
    return render_template(
        "surveys/answers.html", rows=rows[:PAGE], days=days, state=state, category=category, named=named,
        instruments=core().registry.instruments(), windows=WINDOWS,
        older=rows[PAGE - 1][0].id if len(rows) > PAGE else None,
    )  # fmt: skip


def _days() -> int:
    days = request.args.get("days", type=row_number)
    return days if days in WINDOWS else 90


def _since(days: int) -> dt.datetime:
    return core().database.now() - dt.timedelta(days=days)


def _lines(session: Session, since: dt.datetime) -> list[Line]:
    """All first, then each category by name of its key; asked are those invited in the window."""
    asked = session.execute(
        select(ServiceRequest.category_id, SurveyAnswer.score)
        .select_from(SurveyInvitation)
        .join(ServiceRequest, ServiceRequest.id == SurveyInvitation.request_id)
        .outerjoin(SurveyAnswer, SurveyAnswer.invitation_id == SurveyInvitation.id)
        .where(SurveyInvitation.created_at >= since)
    )
    scores: dict[int | None, list[float]] = {}
    counts: dict[int | None, int] = {}
    for number, score in asked:
        counts[number] = counts.get(number, 0) + 1
        if score is not None:
            scores.setdefault(number, []).append(score)
    categories = session.scalars(select(Category).where(Category.id.in_([n for n in counts if n])))
    everything = [score for part in scores.values() for score in part]
    overall = Line(None, rate(everything, sum(counts.values())))
    by_category = [Line(row, rate(scores.get(row.id, []), counts[row.id])) for row in categories]
    if None in counts:
        by_category.append(Line(None, rate(scores.get(None, []), counts[None])))
    return [overall, *sorted(by_category, key=lambda line: line.category.id if line.category else 0)]


def _samples(session: Session, *, rated: bool) -> list[tuple[QualitySample, ServiceRequest]]:
    query = (
        select(QualitySample, ServiceRequest)
        .join(ServiceRequest, ServiceRequest.id == QualitySample.request_id)
        .where(QualitySample.rating.is_not(None) if rated else QualitySample.rating.is_(None))
        .order_by(QualitySample.id.desc() if rated else QualitySample.id)
        .limit(PAGE)
    )
    return list(session.execute(query))


def _own_work(session: Session, ids: list[int]) -> set[int]:
    """Of these requests, those in which the reader has done a task: somebody else rates them."""
    done = select(Task.request_id).where(Task.request_id.in_(ids), Task.assignee_id == actor().id)
    return set(session.scalars(done))
