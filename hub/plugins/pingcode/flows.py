"""The way from one state to another through the edges a state plan allows."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping

LONGEST = 5


def way(edges: Mapping[str, Collection[str]], start: str, goals: Iterable[str]) -> list[str] | None:
    """The states to pass, the goal last; empty where ``start`` is a goal, None where none can be reached.

    Of several goals as near as one another the first is taken.
    """
    goals = list(dict.fromkeys(goals))
    if start in goals:
        return []
    seen = {start}
    queue: deque[tuple[str, list[str]]] = deque([(start, [])])
    while queue:
        state, path = queue.popleft()
        leads_to = edges.get(state, ())
        if reached := [goal for goal in goals if goal in leads_to]:
            return [*path, reached[0]]
        for following in leads_to:
            if following not in seen and len(path) + 1 < LONGEST:
                seen.add(following)
                queue.append((following, [*path, following]))
    return None
