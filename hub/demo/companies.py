"""Loads the two demonstration companies through the real verbs: a half-year behind them, a board before them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import select

from hub.core import history
from hub.core.connections.models import Connection
from hub.core.connections.secrets import KeyRing
from hub.core.database import EPOCH
from hub.core.directory.models import Person
from hub.core.directory.people import add_person, set_password
from hub.core.history import HistoryEntry
from hub.core.improve import plans
from hub.core.improve.models import Finding, Plan
from hub.core.values import SYSTEM
from hub.core.workflow import Core, chores
from hub.demo.cast import Cast, make_cast
from hub.demo.channels import ALERTS, PORTAL, SKIFF_FORM, SKIFF_MAIL, SandboxAddress, make_channels, make_sandbox
from hub.demo.clock import ReplayClock, replaying
from hub.demo.past import DAY, PLANS, PlanScene, past, present
from hub.demo.people import MEMBERS
from hub.demo.story import Story
from hub.demo.verbs import is_taken, play_verbs

LOADED = "demonstration_loaded"


def load_companies(core: Core, keys: KeyRing, sandbox: SandboxAddress | None = None) -> bool:
    """Load both companies, once; gives whether this call did. A load that broke off is taken up again.

    Nobody else may use this database meanwhile: its clock is set to the past. ``sandbox`` connects
    the sandbox tracker, also to companies that are there already, or tells it that it moved.
    """
    now = core.database.now()
    with core.database.reading() as session:
        loaded = session.scalars(select(HistoryEntry.id).where(HistoryEntry.verb == LOADED).limit(1)).first()
    if loaded is None:
        _load(core, keys, sandbox, now)
    elif sandbox is not None:
        with core.database.transaction() as session:
            make_sandbox(core, session, keys, sandbox)
    return loaded is None


def _load(core: Core, keys: KeyRing, sandbox: SandboxAddress | None, now: dt.datetime) -> None:
    end = int((now - EPOCH).total_seconds())
    with replaying(core.database) as clock:
        clock.set(end - 190 * DAY)
        with core.database.transaction() as session:
            cast = make_cast(session, now)
            channels = make_channels(core, session, keys)
            if sandbox is not None:
                make_sandbox(core, session, keys, sandbox)
        stage = _Stage(core, clock, cast, channels, end)
        scenes: list[tuple[int, Callable[[], None]]] = [
            *((scene.at(end), lambda scene=scene: stage.plan(scene)) for scene in PLANS),  # type: ignore[misc]
            *((story.steps[0].at, lambda story=story: stage.play(story)) for story in past(cast.askers, end)),  # type: ignore[misc]
        ]
