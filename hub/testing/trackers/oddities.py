"""Answers with something odd in them: every part of a true one missing, null or of another kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hub.core.values import Refused, Retry, Tracker
from hub.lab.wire import Answer
from hub.testing.areas import area
from hub.testing.trackers.desk import Desk
from hub.testing.trackers.manners import Manners

READING = ("fetch", "find", "changed_since", "history", "catalogue")
MISSING = object()
ODD: tuple[Any, ...] = (None, MISSING, "?", 7, [], {}, [None], True)
FIVE_MB = "x" * 5_000_000
Path = tuple[str | int, ...]


class Oddities(Manners):
    """Odd payloads."""

    @area("retries")
    def test_makes_no_error_of_an_odd_answer(self, desk: Desk, tracker: Tracker) -> None:
        """Each ends as an answer, as ``Refused`` or as ``Retry``: what people can be shown.

        An answer of a wrong type is refused by the hub itself (``hub.core.connections.guarded``).
        """
        wrong = []
        for name in self.names(desk, tracker):
            if name in READING:
                wrong += [f"{name}, {story}" for story in self._stories(desk, name)]
        assert wrong == [], f"{len(wrong)} odd answers, the first: {wrong[:3]}"

    def _stories(self, desk: Desk, name: str) -> Iterator[str]:
        laid = desk.lay()
        deed = dict(desk.deeds(laid, desk.tracker().capabilities))[name]
        desk.wire.answers.clear()
        deed(desk.tracker())
        answers = list(desk.wire.answers)
        for number, answer in enumerate(answers):
            try:
                true = json.loads(answer.body)
            except ValueError:
                continue
            for turn, path in enumerate(paths(true)):
                # Two of the oddities for each place, so that each kind meets many places.
                for odd in (ODD[turn % len(ODD)], ODD[(turn * 3 + 1) % len(ODD)]):
                    yield from self._told(desk, name, deed, number, true, path, odd)
            if texts := [path for path in paths(true) if isinstance(_at(true, path), str)]:
                yield from self._told(desk, name, deed, number, true, texts[-1], FIVE_MB)

    @staticmethod
    def _told(
        desk: Desk, name: str, deed: Any, number: int, true: Any, path: Path, odd: Any
    ) -> Iterator[str]:
        desk.wire.calls.clear()
        desk.wire.answers.clear()
        body = json.dumps(_with(true, path, odd)).encode()

        def change(at: int, answer: Answer) -> Answer:
            return Answer(answer.status, answer.headers, body) if at == number else answer

        desk.wire.change = change
        said = f"with {str(odd)[:20]!r} at {'/'.join(map(str, path))} of answer {number + 1}"
        try:
            deed(desk.tracker())
        except (Refused, Retry) as no:
            if not no.reason:
                yield f"{said}: no reason is given"
        except Exception as bug:  # noqa: BLE001 - whatever it is, that is what is looked for
            yield f"{said}: {type(bug).__name__}: {str(bug)[:80]}"
        finally:
            desk.wire.change = lambda _at, answer: answer


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Where something stands in a JSON value; of a list the first two alone."""
    yield at
    if isinstance(value, dict):
        for name, part in value.items():
            yield from paths(part, (*at, name))
    elif isinstance(value, list):
        for number, part in enumerate(value[:2]):
            yield from paths(part, (*at, number))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def _with(value: Any, path: Path, odd: Any) -> Any:
    if not path:
        return None if odd is MISSING else odd
    step, rest = path[0], path[1:]
    if isinstance(value, dict):
        if not rest and odd is MISSING:
            return {name: part for name, part in value.items() if name != step}
        return {**value, step: _with(value[step], rest, odd)}
    if not rest and odd is MISSING:
        return [part for number, part in enumerate(value) if number != step]
    return [_with(part, rest, odd) if number == step else part for number, part in enumerate(value)]
