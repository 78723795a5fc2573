"""What must be understood before a request leaves stage 1."""

from __future__ import annotations

from hub.core.registry import Registry
from hub.core.values import OpenPoint, OpenPointsContext, RequestValue, Text

CATEGORY = OpenPoint("category", Text(zh="未分类", en="no category"))
PRIORITY = OpenPoint("priority", Text(zh="未定优先级", en="no priority"))
CUSTOMER = OpenPoint("customer", Text(zh="不知道是谁提出的", en="nobody knows who asks"))
NEED = OpenPoint("need", Text(zh="没有记录任何需求", en="no need is written down"))
GOAL = OpenPoint("goal", Text(zh="没有目标，无法评估结果", en="no goal to measure the result by"))


def own_points(request: RequestValue, *, known_asker: bool) -> list[OpenPoint]:
    """The points the hub itself asks for, in the order in which a person would close them."""
    checks = (
        (known_asker, CUSTOMER),
        (request.category is not None, CATEGORY),
        (request.priority is not None, PRIORITY),
        (bool(request.needs), NEED),
        (bool(request.goals), GOAL),
    )
    return [point for closed, point in checks if not closed]


def plugin_points(registry: Registry, request: RequestValue) -> list[OpenPoint]:
    """The points plugins ask for. Never call it inside a transaction."""
    found: list[OpenPoint] = registry.ask_all("identify_open_points", OpenPointsContext(request))
    return found
