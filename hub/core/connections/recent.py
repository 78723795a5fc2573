"""What is new in a list by time of change, where the far side's clock knows whole seconds."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from hub.core.connections.posted import moment
from hub.core.values import FarChange

# What changes twice in one second looks the same after it: so each change is told by two looks.
TOLD = 2


@dataclass(frozen=True, slots=True)
class Recent:
    """Where we stand: the time from which to ask again, and what that will bring a second time."""

    since: dt.datetime
    # How often each change that is not older than ``since`` was told.
    told: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> Recent | None:
        """The place that was kept; None where there is none or it cannot be read."""
        try:
            known = json.loads(text or "{}")
            told = {str(key): int(times) for key, times in known["told"].items()}
            since = dt.datetime.fromisoformat(known["since"])
            return cls(since, told) if since.tzinfo else None
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def written(self) -> str:
        """The form in which it is kept."""
        return json.dumps({"since": self.since.isoformat(), "told": self.told})

    def take(
        self, rows: Iterable[tuple[str, dt.datetime]], overlap: dt.timedelta
    ) -> tuple[Sequence[str], Recent]:
        """What to tell of these references with their times, and where we stand then.

        ``overlap``: what is written so long before it can be seen is still found.
        """
        seen = [(ref, f"{ref} {at.isoformat()}", at) for ref, at in rows]
        since = max([self.since, *(at - overlap for _, _, at in seen)])
        new = [ref for ref, key, _ in seen if self.told.get(key, 0) < TOLD]
        told = {key: min(self.told.get(key, 0) + 1, TOLD) for _, key, at in seen if at >= since}
        return list(dict.fromkeys(new)), Recent(since, told)


def since_look(changes: Sequence[FarChange], version: str | None) -> Sequence[FarChange]:
    """The changes of a log behind those that are older than the time of a look, ``version``.

    By place, not by time: such a clock may be set back. What was changed in the second of the look may
    have been seen by it.
    """
    read = moment(version)
    older = [at for at, change in enumerate(changes) if read and change.at and change.at < read]
    newer = changes[older[-1] + 1 :] if older else changes
    return [replace(change, maybe_seen=read is not None and change.at == read) for change in newer]
