"""Requests, tasks and categories as plugins see them."""

from __future__ import annotations

from hub.core import values as v
from hub.core.work.models import Category, ServiceRequest, Task


def category_value(category: Category) -> v.CategoryValue:
    """A category as plugins see it."""
    return v.CategoryValue(
        id=category.id,
        key=category.key,
        title=v.Text(zh=category.title.get("zh", ""), en=category.title.get("en", "")),
        skill=category.skill,
        team_id=category.team_id,
        keywords=tuple(category.keywords),
        hours=category.hours,
    )


def request_value(request: ServiceRequest) -> v.RequestValue:
    """A request as plugins see it."""
    customer = request.customer
    return v.RequestValue(
        id=request.id,
        ref=request.ref,
        title=request.title,
        body=request.body,
        stage=request.stage,
        state=request.state,
        priority=request.priority,
        category=request.category.key if request.category else None,
        source=request.source,
        created_at=request.created_at,
        wanted_by=request.wanted_by,
        customer=v.CustomerValue(customer.id, customer.name, request.profile) if customer else None,
        labels=tuple(request.labels),
        needs=tuple(v.NeedValue(need.id, need.kind, need.text) for need in request.needs),
        goals=tuple(v.GoalValue(goal.id, goal.text, goal.result) for goal in request.goals),
    )


def task_value(task: Task) -> v.TaskValue:
    """A task as plugins see it."""
    return v.TaskValue(
        id=task.id,
        ref=task.ref,
        title=task.title,
        body=task.body,
        state=task.state,
        skill=task.skill,
        team_id=task.team_id,
        hours=task.hours or 0.0,
        assignee_id=task.assignee_id,
        due=task.due,
        need_ids=tuple(link.need_id for link in task.needs),
    )
