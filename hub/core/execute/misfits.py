"""What in a mapping cannot work, given what the tracker knows: refused before it is saved. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from hub.core.execute.wanted import Wanted
from hub.core.execute.ways import LONGEST, way
from hub.core.values import TASK_STATES, Catalogue, Refusal

WAYS = {
    "both": ("both", "out", "in", "off"),
    "out": ("out", "off"),
    "in": ("in", "off"),
    "off": ("off",),
}


def misfits(wanted: Wanted, catalogue: Catalogue, people: Collection[int]) -> list[Refusal]:
    """Everything in a mapping that cannot work, each at the choice it is about; empty: it can.

    ``people`` are the ids of those who work here. Choices are named ``direction.title``,
    ``policy.title``, ``written.open``, ``read.To Do``, ``person.7`` and ``default_person``.
    """
    found = [*_directions(wanted, catalogue), *_people(wanted, catalogue, people)]
    found += _policies(wanted, catalogue)
    direction = wanted.directions.get("status", "both")
    if direction in ("both", "out"):
        found += _written(wanted, catalogue)
    if direction in ("both", "in"):
        found += _read(wanted, both=direction == "both")
    return found


def _directions(wanted: Wanted, catalogue: Catalogue) -> Iterator[Refusal]:
    for name, direction in wanted.directions.items():
        possible = WAYS[catalogue.fields.get(name, "both")]
        if direction not in possible:
            yield Refusal("mapping_way_closed", f"direction.{name}", way=direction, possible=list(possible))
    out = [name for name, way in wanted.directions.items() if way in ("both", "out")]
    for name in catalogue.required:
        if out and name in wanted.directions and name not in out:
            yield Refusal("mapping_field_needed", f"direction.{name}", needed=name, others=out)


def _policies(wanted: Wanted, catalogue: Catalogue) -> Iterator[Refusal]:
    for name, policy in wanted.policies.items():
        if policy == "newest" and name not in catalogue.timed:
            timed = ", ".join(catalogue.timed) or "–"
            yield Refusal("mapping_untimed", f"policy.{name}", timed=timed)


def _written(wanted: Wanted, catalogue: Catalogue) -> Iterator[Refusal]:
    for state in TASK_STATES:
        far = wanted.written.get(state, "")
        where = f"written.{state}"
        if not far:
            yield Refusal("mapping_state_missing", where, state=state)
        elif catalogue.closed and far not in catalogue.states:
            yield Refusal("mapping_no_such_state", where, far=far, known=", ".join(catalogue.states))
        elif not reachable(catalogue.moves, far):
            yield Refusal("mapping_unreachable", where, far=far, steps=LONGEST)


def _read(wanted: Wanted, *, both: bool) -> Iterator[Refusal]:
    writers: dict[str, list[str]] = {}
    for state, far in wanted.written.items() if both else ():
        if far:
            writers.setdefault(far, []).append(state)
    for far, states in writers.items():
        meant, where = wanted.read.get(far, ""), f"read.{far}"
        if not meant and len(states) > 1:
            yield Refusal("mapping_state_shared", where, far=far, states=states)
        elif meant and meant not in states:
            yield Refusal("mapping_state_crossed", where, far=far, states=states, meant=meant)
    if not writers and not any(wanted.read.values()):
        yield Refusal("mapping_nothing_read", "direction.status")


def _people(wanted: Wanted, catalogue: Catalogue, people: Collection[int]) -> Iterator[Refusal]:
    known = {account for account, _name in catalogue.people}
    taken: set[str] = set()
    for person, account in wanted.people.items():
        if not account:
            continue
        if known and account not in known:
            yield Refusal("mapping_no_such_account", f"person.{person}", account=account)
        elif account in taken:
            yield Refusal("mapping_account_taken", f"person.{person}", account=account)
        taken.add(account)
    if wanted.default_person is not None and wanted.default_person not in people:
        yield Refusal("mapping_no_such_person", "default_person")


def reachable(moves: Mapping[str, tuple[str, ...]] | None, state: str) -> bool:
    """Whether a way of few enough steps leads to this state from where an item begins.

    Where the beginning is not told, from anywhere else; where no way is told, only trying tells.
    """
    if moves is None:
        return True
    starts = moves.get("") or [name for name in moves if name != state]
    found = (way(moves, start, state) for start in starts)
    return any(path is not None and path[-1:] in ([], [state]) for path in found)
