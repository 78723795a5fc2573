"""One's own mapping in the lab: a few schedules at a time, until all are played, then the story in words."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import fields
from typing import Any

from pydantic import ValidationError

from hub.core.database import Database
from hub.core.execute.models import Trial
from hub.core.execute.settings import SyncSettings
from hub.core.execute.trials import promise_step
from hub.core.values import TASK_STATES, TrackerKind
from hub.lab.imitation import Imitation, MakeImitation, imitation_of
from hub.lab.oracle import Counts
from hub.lab.report import GOALS, figures, missed
from hub.lab.runs import Bench, names_of
from hub.lab.shrink import shrink
from hub.lab.side import DictSide
from hub.lab.story import BROKEN, tell

# So long one step plays, seconds: a worker that should stop need not wait longer.
STEP = 2.0
# What no promise forbids, but people should know of their own rules.
OVERRULED = "overruled"


def go_on(
    database: Database,
    kinds: Mapping[str, Any],
    trial_id: int,
    imitated: Callable[[str], MakeImitation] = imitation_of,
    step: float = STEP,
) -> None:
    """Play the next schedules of a trial; promises the rest, or ends it with its shortest stories."""
    with database.reading() as session:
        trial = session.get(Trial, trial_id)
        if trial is None or trial.state != "running":
            return None
        kind = trial.connection.kind
    stand_ins: dict[str, str] = {}

    def mapped(imitation: Imitation, settings: SyncSettings) -> Mapping[str, Any]:
        stand_ins.update(standing_in(trial.mapping, imitation.states, settings))
        return own(trial.mapping, stand_ins, settings)

    try:
        make = imitated(kind)
    except LookupError:
        return _end(database, trial_id, "failed", reason={"id": "trial_not_imitated", "kind": kind})
    try:
        with closing(Bench((kind,), kinds, lambda _kind: make, mapped)) as bench:
            if trial.played < trial.wanted:
                found = _played(bench, trial, time.monotonic() + step)
                return _keep(database, trial_id, stand_ins=stand_ins, **found)
            told = {story["name"] for story in trial.stories}
            left = [(name, seed) for name, seed in trial.counts["seeds"].items() if name not in told]
            if not left:
                return _end(database, trial_id, "done")
            story = _story(bench, *left[0], kinds[kind])
    except Exception as no:  # noqa: BLE001 - a mapping or a plugin that cannot be played is an answer, too
        text = no.errors()[0]["msg"] if isinstance(no, ValidationError) else f"{type(no).__name__}: {no}"
        reason = {"id": "trial_cannot_be_played", "text": text[:300]}
        return _end(database, trial_id, "failed", reason=reason)
    return _keep(database, trial_id, stories=[*trial.stories, story])


def _played(bench: Bench, trial: Trial, end: float) -> dict[str, Any]:
    """At least one more schedule, and more until this time; with the first seed that shows each thing."""
    counts, seeds, played = _counted(trial.counts), dict(trial.counts.get("seeds", {})), trial.played
    while True:
        seed = trial.id * 1_000_003 + played
        one = bench.play(bench.schedule(seed))
        counts.add(one)
        played += 1
        for name in _shows(one):
            seeds.setdefault(name, seed)
        if played >= trial.wanted or time.monotonic() >= end:
            kept = {name: value for name, value in vars(counts).items() if name != "stories"}
            return {"played": played, "counts": {**kept, "seeds": seeds}, "figures": shown(counts)}


def own(
    mapping: Mapping[str, Any], stand_ins: Mapping[str, str], settings: SyncSettings
) -> Mapping[str, Any]:
    """One's own mapping, in the words of the imitation: its states by their stand-ins, the lab's people.

    Priorities are those of the imitation, where one's own are kept in step at all.
    """
    table = {
        state: list(dict.fromkeys(stand_ins[name] for name in names))
        for state, names in mapping["status_map"].items()
    }
    return {
        "directions": mapping["directions"],
        "policies": mapping["policies"],
        "status_map": table,
        "read_as": {stand_ins[name]: state for name, state in mapping["read_as"].items()},
        "priority_map": settings.priority_map if mapping["priority_map"] else {},
        "default_person": None if mapping["default_person"] is None else DictSide.people[0],
    }


def standing_in(
    mapping: Mapping[str, Any], states: tuple[str, ...], settings: SyncSettings
) -> dict[str, str]:
    """For each state of one's own one that the imitation has: the same, or one that is read as the same.

    Where there are enough of them, each of one's own gets another one.
    """
    table: Mapping[str, list[str]] = mapping["status_map"]
    names = list(dict.fromkeys(name for state in TASK_STATES for name in table.get(state, ())))
    if set(names) <= set(states):
        return {name: name for name in names}
    theirs = _read(settings.status_map, settings.read_as)
    wanted, found = _read(table, mapping["read_as"]), dict[str, str]()
    free = [state for state in states if state in theirs]
    alike = {name: [state for state in free if theirs[state] == wanted[name]] for name in names}
    # Those first that the imitation has a word for: the others take what is left.
    for name in sorted(names, key=lambda name: not alike[name]):
        unused = [state for state in alike[name] if state in free]
        chosen = (unused or alike[name] or free or list(states))[0]
        found[name] = chosen
        if chosen in free:
            free.remove(chosen)
    return found


def shown(counts: Counts) -> dict[str, Any]:
    """The figures, with the goals that are missed."""
    row = figures(counts)
    return {**row, "missed": missed(row), "goals": {name: list(goal) for name, goal in GOALS.items()}}


def _read(table: Mapping[str, list[str]], read_as: Mapping[str, str]) -> dict[str, str]:
    read = {name: state for state in reversed(TASK_STATES) for name in table.get(state, ())}
    return {**read, **read_as}


def _story(bench: Bench, name: str, seed: int, kind: TrackerKind) -> dict[str, Any]:
    small = shrink(bench.schedule(seed), lambda one: name in _shows(bench.play(one)))
    steps = list(zip(*(_tell_in(small, kind, language) for language in ("zh", "en")), strict=True))
    details = [one for one in bench.play(small).stories if one.startswith(f"{name}:")]
    return {
        "breaks": BROKEN[name].as_json(), "name": name, "seed": seed, "details": details,
        "steps": [{"zh": chinese, "en": english} for chinese, english in steps],
    }  # fmt: skip


def _tell_in(schedule: Any, kind: TrackerKind, language: str) -> list[str]:
    return [text.within(language) for text in tell(schedule, [kind.title.within(language)])]


def _shows(counts: Counts) -> set[str]:
    return names_of(counts.stories) | ({OVERRULED} if counts.overruled else set())


def _counted(stored: Mapping[str, Any]) -> Counts:
    counts = Counts()
    for one in fields(Counts):
        if one.name in stored:
            value = stored[one.name]
            setattr(counts, one.name, Counter(value) if isinstance(value, dict) else value)
    return counts


def _keep(database: Database, trial_id: int, **values: Any) -> None:
    with database.transaction() as session:
        trial = session.get(Trial, trial_id, with_for_update=True)
        if trial is None or trial.state != "running":
            return  # cancelled meanwhile
        for name, value in values.items():
            setattr(trial, name, value)
        promise_step(session, trial)


def _end(database: Database, trial_id: int, state: str, **values: Any) -> None:
    with database.transaction() as session:
        trial = session.get(Trial, trial_id, with_for_update=True)
        if trial is None or trial.state != "running":
            return
        for name, value in {**values, "state": state, "ended_at": database.now()}.items():
            setattr(trial, name, value)
