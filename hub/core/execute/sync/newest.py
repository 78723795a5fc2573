"""The policy *newest*: of two changes the later one holds, where both sides say when it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

from hub.core.execute.sync.fields import UNSET, FieldStates, Rule

# Clocks differ, and many know whole seconds only: what is closer together is for a person to decide.
GRAIN = dt.timedelta(seconds=5)


def by_time(
    rules: Mapping[str, Rule], clashing: FieldStates, changed_here: Callable[[str], dt.datetime | None]
) -> dict[str, Rule]:
    """The rules of those fields that clash now and whose times decide; each names the side that holds.

    ``clashing`` have their clash with the time of the change there, where the change log tells it. What
    was never agreed on has no change that could be older.
    """
    decided = {}
    for name, state in clashing.items():
        clash = state.clash
        if clash is None or rules[name].policy != "newest" or UNSET in (state.base.here, state.base.there):
            continue
        here = changed_here(name)
        if clash.at is not None and here is not None and abs(clash.at - here) > GRAIN:
            decided[name] = replace(rules[name], policy="there" if clash.at > here else "here")
    return decided
