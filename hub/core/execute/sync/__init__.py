"""Two-way sync that settles: a pure plan, a round around it, and where both are kept."""

from hub.core.execute.sync.draining import drain
from hub.core.execute.sync.links import (
    DRAIN,
    ROUND,
    ensure_link,
    link_task,
    links_of_request,
    open_conflicts,
    pause_link,
    promise_drain,
    promise_round,
    promise_round_of,
    promise_rounds,
    promise_rounds_for,
    resolve_conflict,
)
from hub.core.execute.sync.running import run_round
from hub.core.execute.sync.sweep import due_anyway, sweep, sweep_all
from hub.core.execute.sync.tables import ending

__all__ = [
    "DRAIN",
    "ROUND",
    "drain",
    "due_anyway",
    "ending",
    "ensure_link",
    "link_task",
    "links_of_request",
    "open_conflicts",
    "pause_link",
    "promise_drain",
    "promise_round",
    "promise_round_of",
    "promise_rounds",
    "promise_rounds_for",
    "resolve_conflict",
    "run_round",
    "sweep",
    "sweep_all",
]
