"""Contexts that hypothesis builds: what the hub may ask a plugin, odd cases included."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from hub.core import values as v

START = dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC)
WORDS = (
    "VPN连不上",
    "printer",
    "紧急",
    "urgent",
    "不急",
    "everyone",
    "发票",
    "- one\n- two",
    "1. 第一\n2. 第二",
    "",
)
SKILLS = ("network", "billing")

moments = st.integers(0, 700 * 24 * 60).map(lambda minute: START + dt.timedelta(minutes=minute - 400_000))
days = st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31))
prose = st.lists(st.sampled_from(WORDS) | st.text(max_size=20), max_size=5).map(" ".join)
hours = st.floats(0.25, 60).map(lambda value: round(value, 2))

categories = st.lists(
    st.builds(
        v.CategoryValue,
        id=st.integers(1, 99),
        key=st.sampled_from(("network", "billing", "other")),
        title=st.just(v.Text(zh="网络", en="Network")),
        skill=st.none() | st.sampled_from(SKILLS),
        team_id=st.none() | st.integers(1, 3),
        keywords=st.lists(st.sampled_from(("vpn", "发票", "printer", "")), max_size=3).map(tuple),
        hours=st.none() | hours,
    ),
    max_size=3,
    unique_by=(lambda category: category.key, lambda category: category.id),
).map(tuple)

needs = st.lists(
    st.builds(v.NeedValue, id=st.integers(1, 99), kind=st.sampled_from(v.NEED_KINDS), text=prose),
    max_size=4,
    unique_by=lambda need: need.id,
).map(tuple)

requests = st.builds(
    v.RequestValue,
    id=st.integers(1, 9999),
    ref=st.just("SR-1"),
    title=prose.map(lambda text: text.strip() or "A request"),
    body=prose,
    stage=st.sampled_from(v.STAGES),
    state=st.sampled_from(v.REQUEST_STATES),
    priority=st.none() | st.sampled_from(v.PRIORITIES),
    category=st.none() | st.just("network"),
    source=st.sampled_from(("form", "webhook")),
    created_at=moments,
    wanted_by=st.none() | days,
    customer=st.none() | st.builds(v.CustomerValue, id=st.integers(1, 9), name=st.just("ACME")),
    labels=st.just(()),
    needs=needs,
    goals=st.just(()),
)

tasks = st.builds(
    v.TaskValue,
    id=st.integers(1, 999),
    ref=st.just("SR-1-1"),
    title=prose,
    body=prose,
    state=st.just("open"),
    skill=st.none() | st.sampled_from(SKILLS),
    team_id=st.none() | st.integers(1, 3),
    hours=hours,
)

people = st.lists(
    st.builds(
        v.PersonValue,
        id=st.integers(1, 50),
        name=st.just("Li Na"),
        team_ids=st.lists(st.integers(1, 3), unique=True, max_size=2).map(tuple),
        skills=st.dictionaries(st.sampled_from(SKILLS), st.integers(0, 5)),
        load_hours=hours,
        capacity_hours=hours,
        absent_until=st.none() | moments,
    ),
    max_size=8,
    unique_by=lambda person: person.id,
).map(tuple)


@st.composite
def assignments(draw: st.DrawFn) -> v.AssignContext:
    """One assignment question; the past turns may name people who have left."""
    known = draw(categories)
    past = st.builds(v.PastPick, person_id=st.integers(1, 50), category=st.none(), at=moments)
    return v.AssignContext(
        draw(requests),
        draw(tasks),
        known[0] if known else None,
        draw(people),
        tuple(sorted(draw(st.lists(past, max_size=10)), key=lambda pick: pick.at, reverse=True)),
        draw(moments),
    )


@st.composite
def picks(draw: st.DrawFn) -> v.PickContext:
    """A ranking of the people in an assignment question, best first, ties included."""
    asked = draw(assignments())
    points = [(person.id, float(draw(st.integers(-3, 3)))) for person in asked.people]
    return v.PickContext(asked, tuple(sorted(points, key=lambda row: -row[1])))


histories = st.lists(
    st.builds(
        v.ClosedRequest,
        id=st.integers(1, 10_000),
        ref=st.just("SR-1"),
        category=st.none() | st.sampled_from(("network", "billing")),
        team_id=st.none(),
        closed_at=moments,
        stage_hours=st.dictionaries(st.sampled_from(v.STAGES), hours),
        score=st.none() | st.integers(1, 5).map(float),
        reopened=st.integers(0, 2),
        goals_met=st.integers(0, 1),
        goals_total=st.just(1),
    ),
    max_size=60,
    unique_by=lambda request: request.id,
).map(lambda closed: v.FindingsContext(tuple(closed), START, START + dt.timedelta(days=90)))


@st.composite
def effects(draw: st.DrawFn) -> v.EffectsContext:
    """A weekly series with a plan's start somewhere in or outside it."""
    numbers = draw(st.lists(st.floats(0, 100), max_size=60))
    weeks = tuple((START + dt.timedelta(weeks=week), value) for week, value in enumerate(numbers))
    return v.EffectsContext(
        "hours:execute",
        draw(st.sampled_from(("lower", "higher"))),
        weeks,
        START + dt.timedelta(weeks=draw(st.integers(-2, 62))),
        draw(st.floats(0.1, 100)),
    )


category = categories.map(lambda known: known[0] if known else None)

# What each pure hook may be asked, by hook name.
CONTEXTS: dict[str, st.SearchStrategy[Any]] = {
    "identify_classify": st.builds(v.ClassifyContext, requests, categories),
    "identify_prioritise": st.builds(v.PrioritiseContext, requests, category, days),
    "identify_open_points": st.builds(v.OpenPointsContext, requests),
    "identify_needs": st.builds(v.NeedsContext, requests),
    "assign_split": st.builds(v.SplitContext, requests, category),
    "assign_estimate": st.builds(
        v.EstimateContext, requests, tasks, st.lists(hours, max_size=9).map(tuple), category
    ),
    "assign_veto": assignments(),
    "assign_score": assignments(),
    "assign_pick": picks(),
    "improve_findings": histories,
    "improve_effects": effects(),
    "panels": st.builds(v.PanelsContext, requests),
}
