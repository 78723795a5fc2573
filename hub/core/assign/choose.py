"""Choosing a person for a task: vetoes, scores, pick, in that order. Asks hooks, writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.core import values as v
from hub.core.registry import Registry

# What a decision keeps of the ranking, so that it stays under 4 KB.
KEPT_CANDIDATES = 5
KEPT_VETOES = 10

BEST_SCORE = v.Text(zh="得分最高", en="highest score")
NOBODY_LEFT = v.Text(zh="没有可分配的人：所有人都被排除", en="nobody can take it: everybody is ruled out")
NOBODY_AT_ALL = v.Text(zh="团队里还没有人", en="there is nobody in the team yet")


@dataclass(frozen=True)
class Ranked:
    """One candidate with the parts of the score."""

    person: v.PersonValue
    points: float
    parts: tuple[v.Score, ...]


@dataclass(frozen=True)
class Choice:
    """Who was chosen (None: nobody can take it) and everything that explains it."""

    chosen: v.PersonValue | None
    reason: v.Text
    ranking: tuple[Ranked, ...]
    vetoes: tuple[v.Veto, ...]
    rule_version: str


def choose(registry: Registry, context: v.AssignContext) -> Choice:
    """Ask every rule about one task. Never call it inside a transaction."""
    version = registry.versions("assign_veto", "assign_score", "assign_pick")[:80]
    people = {person.id: person for person in context.people}
    vetoes = tuple(veto for veto in registry.ask_all("assign_veto", context) if veto.person_id in people)
    out = {veto.person_id for veto in vetoes}
    left = tuple(person for person in context.people if person.id not in out)
    if not left:
        return Choice(None, NOBODY_LEFT if people else NOBODY_AT_ALL, (), vetoes, version)
    narrowed = v.AssignContext(
        context.request, context.task, context.category, left, context.recent, context.now
    )
    ranking = _rank(left, registry.ask_all("assign_score", narrowed))
    ranked = tuple((row.person.id, row.points) for row in ranking)
    pick: v.Pick | None = registry.ask_one("assign_pick", v.PickContext(narrowed, ranked))
    if pick is not None and pick.person_id in {row.person.id for row in ranking}:
        return Choice(people[pick.person_id], pick.reason, ranking, vetoes, version)
    return Choice(ranking[0].person, BEST_SCORE, ranking, vetoes, version)


def _rank(people: Sequence[v.PersonValue], scores: Sequence[v.Score]) -> tuple[Ranked, ...]:
    parts: dict[int, list[v.Score]] = {person.id: [] for person in people}
    for score in scores:
        if score.person_id in parts:
            parts[score.person_id].append(score)
    rows = [
        Ranked(person, sum(part.points for part in parts[person.id]), tuple(parts[person.id]))
        for person in people
    ]
    return tuple(sorted(rows, key=lambda row: (-row.points, row.person.id)))
