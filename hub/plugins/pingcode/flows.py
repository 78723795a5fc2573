"""The way from one state to another through the edges a state plan allows."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping

LONGEST = 5


def way(edges: Mapping[str, Collection[str]], start: str, goals: Collection[str]) -> list[str] | None:
    """The states to pass, the goal last; empty where ``start`` is a goal, None where none can be reached."""
    if start in goals:
        return []
    seen = {start}
    queue: deque[tuple[str, list[str]]] = deque([(start, [])])
    while queue:
        state, path = queue.popleft()
        for following in edges.get(state, ()):
            if following in goals:
                return [*path, following]
            if following not in seen and len(path) + 1 < LONGEST:
                seen.add(following)
                queue.append((following, [*path, following]))
    return None
