"""Sees every write on both sides, and says at the end what became of what people wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.core.execute.sync.fields import FieldStates, Rule, Unmapped, alike, tidy

HERE = -1


@dataclass(frozen=True)
class Place:
    """What stands on one side at one moment, in the hub's words where they exist."""

    fields: Mapping[str, Any]
    comments: tuple[str, ...]


@dataclass
class Written:
    """Something a person wrote that nobody has knowingly replaced.

    ``added``: for a member of a set, whether it was added or taken away. ``covered``: it was written
    while the engine did not know what stands there. ``back``: with it the person went back to what both
    sides last agreed on.
    """

    place: int
    field: str
    value: Any
    added: bool = True
    covered: bool = False
    back: bool = False


@dataclass
class Counts:
    """What is counted over schedules; see ``docs/sync.md``."""

    schedules: int = 0
    places: int = 0
    settled: int = 0
    lost: int = 0
    window: int = 0
    back: int = 0
    overruled: int = 0
    false_conflicts: int = 0
    unsettled_shown: Counter[str] = field(default_factory=Counter)
    fields_of: Counter[str] = field(default_factory=Counter)
    echoes: int = 0
    twins: int = 0
    leaks: int = 0
    writes: int = 0
    changes: int = 0
    breaches: int = 0
    bugs: int = 0
    stories: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        """Count these, too."""
        for name, value in vars(other).items():
            mine = getattr(self, name)
            if isinstance(mine, Counter):
                mine.update(value)
            elif isinstance(mine, list):
                mine.extend(value)
            else:
                setattr(self, name, mine + value)

    @property
    def failed(self) -> bool:
        """Whether a promise was broken."""
        return bool(self.stories)

    def fail(self, name: str, story: str, count: int = 1) -> None:
        """One promise was broken: count it and say how."""
        setattr(self, name, getattr(self, name) + count)
        self.stories.append(f"{name}: {story}")


class Oracle:
    """Follows one schedule. Places are ``HERE`` and the links by number."""

    def __init__(self, rules: tuple[Mapping[str, Rule], ...]) -> None:
        """``rules`` of each link: how its words are the hub's."""
        self._rules = rules
        self.owed: list[Written] = []
        # For each link and field: has somebody written on this side since both were known to agree?
        self._apart: dict[tuple[int, str], set[str]] = {}
        self._clashing: set[tuple[int, str]] = set()
        self.false: list[str] = []

    def ours(self, link: int, name: str, value: Any) -> Any:
        """The far value in the hub's words; as it is where it has none."""
        if link == HERE or value is None:
            return tidy(value)
        meant = self._rules[link][name].inward(value)
        return value if isinstance(meant, Unmapped) else tidy(meant)

    def wrote(
        self,
        place: int,
        name: str,
        before: Any,
        after: Any,
        *,
        during: bool = False,
        back: Sequence[Any] = (),
        seen: Sequence[Any] = (),
    ) -> None:
        """A person changed a field of this place from one value to another.

        ``during``: while the engine did not know what stands there. ``back``: what this side and another
        said when they last agreed, in the hub's words; who goes back to it has taken a change back.
        ``seen``: what both sides knew to stand for ``before`` at another place, in the hub's words: where
        several of ours have one word there, who replaces either replaces what it stands for.
        """
        if before != after:
            # In its own words: from Low to Lowest somebody has written, though both are one to us.
            self.moved(place, name)
        before, after = self.ours(place, name, before), self.ours(place, name, after)
        if before == after:
            return
        if name == "labels":
            self._members(place, before, after, during, back)
        elif name == "body":
            self._lines(place, before, after, during)
        else:
            for value in (before, *seen):
                self._replaced(name, tidy(value))
            is_back = after in [tidy(value) for value in back]
            self.owed.append(Written(place, name, after, covered=during, back=is_back))

    def _replaced(self, name: str, seen: Any) -> None:
        self.owed = [one for one in self.owed if (one.field, one.value) != (name, seen)]

    def _members(
        self,
        place: int,
        before: frozenset[str],
        after: frozenset[str],
        during: bool,
        back: Sequence[Any],
    ) -> None:
        for member in before ^ after:
            added = member in after
            # Before they ever agreed no member was known to either: who takes their own away went back.
            is_back = any((member in (known or ())) == added for known in back)
            self.owed = [one for one in self.owed if (one.field, one.value) != ("labels", member)]
            # Between two trackers an add at the one, not seen yet, wins over the other's removal.
            if added or len(self._rules) == 1:
                self.owed.append(Written(place, "labels", member, added, during, is_back))

    def _lines(self, place: int, before: str, after: str, during: bool) -> None:
        gone = set(before.split("\n")) - set(after.split("\n"))
        self.owed = [one for one in self.owed if one.field != "body" or one.value not in gone]
        for line in set(after.split("\n")) - set(before.split("\n")) - {""}:
            self.owed.append(Written(place, "body", line, covered=during))

    def said(self, place: int, text: str, before: str | None = None, *, during: bool = False) -> None:
        """A person commented, or changed a comment that read ``before``."""
        if before is not None:
            self.taken_back(before)
        self.owed.append(Written(place, "comment", text, covered=during))

    def taken_back(self, text: str) -> None:
        """A person took back what they saw."""
        self.owed = [one for one in self.owed if one.field != "comment" or one.value not in text]

    def coupled(self, name: str, before: Any) -> None:
        """The hub's own rules changed another field along: nobody's value is lost by that."""
        self._replaced(name, tidy(before))
        self.moved(HERE, name)

    def moved(self, place: int, name: str, but: int | None = None) -> None:
        """Somebody wrote on this side; for every link it concerns, the sides are apart."""
        links = range(len(self._rules)) if place == HERE else [place]
        for link in links:
            if link != but:
                self._apart.setdefault((link, name), set()).add("here" if place == HERE else "there")

    def agreed(self, link: int, name: str) -> None:
        """Both sides of this link are known to say the same."""
        self._apart.pop((link, name), None)

    def look(self, link: int, states: FieldStates) -> None:
        """After a round: is each conflict that is new one that people made?"""
        for name, state in states.items():
            key = (link, name)
            if state.clash is None:
                self._clashing.discard(key)
            elif key not in self._clashing:
                self._clashing.add(key)
                if self._apart.get(key) != {"here", "there"}:
                    self.false.append(f"{name} at tracker {link + 1}: {state.clash}")

    def lost(self, places: Iterable[Place], shown: Iterable[Mapping[str, list[Any]]]) -> list[Written]:
        """What people wrote that stands nowhere and is shown nowhere.

        ``shown`` has, for each link and field, the values a person can see and choose from.
        """
        places, shown = list(places), list(shown)
        return [one for one in self.owed if not _stands(one, places, shown)]


def _stands(one: Written, places: list[Place], shown: list[Mapping[str, list[Any]]]) -> bool:
    if one.field == "comment":
        return any(one.value in text for place in places for text in place.comments)
    values = [place.fields.get(one.field) for place in places]
    values += [value for link in shown for value in link.get(one.field, [])]
    if one.field == "labels":
        return any((one.value in value) == one.added for value in values if isinstance(value, frozenset))
    if one.field == "body":
        return any(one.value in value.split("\n") for value in values if isinstance(value, str))
    return any(tidy(value) == one.value for value in values)


def same(rule: Rule, here: Any, there: Any) -> bool:
    """Whether both sides say the same, but for what trackers commonly change."""
    return alike(rule, here, there) or tidy(rule.outward(here)) == tidy(there)
