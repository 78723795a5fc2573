"""The way from one state of a far item to another, by the states that may follow each. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence

# The most steps that are walked.
LONGEST = 5


def way(
    moves: Mapping[str, Sequence[str]],
    start: str,
    goal: str,
    passed: Collection[str] = (),
    most: int = LONGEST,
) -> list[str] | None:
    """The states to pass, as far as is told: none where it is there, None where no way is known.

    A state without an entry of its own leads nobody knows where: where the goal is in nobody's reach, the
    way ends at the first of these, to be asked again from there, but for those ``passed`` already.
    """
    if start == goal:
        return []
    queue: deque[tuple[str, list[str]]] = deque([(start, [])])
    seen, unknown = {start}, list[list[str]]()
    while queue:
        state, path = queue.popleft()
        followers = moves.get(state, ()) if len(path) < most else ()
        if goal in followers:
            return [*path, goal]
        for following in followers:
            if following in seen:
                continue
            seen.add(following)
            queue.append((following, [*path, following]))
            if following not in moves and following not in passed:
                unknown.append([*path, following])
    return unknown[0] if unknown else None
