"""Loads the two demonstration companies through the real verbs: their last half-year and their board."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from hub.core import history
from hub.core.connections.secrets import KeyRing
from hub.core.database import EPOCH
from hub.core.directory.models import Person
from hub.core.directory.people import add_person, set_active, set_password
from hub.core.history import HistoryEntry
from hub.core.improve import plans
from hub.core.improve.models import Finding, Plan
from hub.core.values import SYSTEM
from hub.core.workflow import Core, chores
from hub.demo.calls import call_administrator
from hub.demo.cast import Cast, make_cast
from hub.demo.channels import (
    ALERTS,
    PORTAL,
    SKIFF_FORM,
    SKIFF_MAIL,
    SandboxAddress,
    make_channels,
    make_mailbox,
    make_sandbox,
)
from hub.demo.clock import ReplayClock, replaying
from hub.demo.letters import bring_letters
from hub.demo.past import AGAIN, FIRST_DAY, FOUND, JUDGED, Past
from hub.demo.people import MEMBERS
from hub.demo.story import Story
from hub.demo.texts import BY_TITLE
from hub.demo.verbs import is_taken, play_verbs

LOADED = "demonstration_loaded"
SKIFF = ("feature", "rollout", "defect")
DAY, HOUR = 86400, 3600


def load_companies(core: Core, keys: KeyRing, sandbox: SandboxAddress | None = None) -> bool:
    """Load both companies, once; gives whether this call did. A load that broke off is taken up again.

    Nobody else may use this database meanwhile: its clock is set to the past. ``sandbox`` connects
    the sandbox tracker, or tells the connection where the sandbox answers now.
    """
    now = core.database.now()
    with core.database.reading() as session:
        loaded = session.scalars(select(HistoryEntry.id).where(HistoryEntry.verb == LOADED).limit(1)).first()
    if loaded is None:
        with replaying(core.database) as clock:
            _load(core, keys, sandbox, clock, int((now - EPOCH).total_seconds()))
    elif sandbox is not None:
        with core.database.transaction() as session:
            make_sandbox(core, session, keys, sandbox)
    return loaded is None


def _load(core: Core, keys: KeyRing, sandbox: SandboxAddress | None, clock: ReplayClock, now: int) -> None:
    clock.set(now - (FIRST_DAY + 1) * DAY)
    with core.database.transaction() as session:
        cast = make_cast(session, EPOCH + dt.timedelta(seconds=now))
        channels = make_channels(core, session, keys)
        if sandbox is not None:
            make_sandbox(core, session, keys, sandbox)
    stage, past = _Stage(core, clock, cast, channels), Past(cast.askers, now)
    stage.play(past.before())
    clock.set(now - FOUND * DAY)
    stage.plan(
        "hours:execute@network",
        "网络问题当日处理 Same-day network work",
        "值班工程师优先处理；常见故障写成步骤。\n\n"
        "The engineer on duty goes first; usual faults get a checklist.",
        now - (JUDGED + 1) * DAY,
        25,
    )
    stage.play(past.after())
    clock.set(now - JUDGED * DAY)
    chores.judge_plans(core)
    clock.set(now - AGAIN * DAY)
    stage.plan(
        "score@application",
        "应用故障每天通报进展 A daily word on application faults",
        "每个工作日 16 点前告知客户进展。\n\nTell the customer how it goes before four every working day.",
        now + 20 * DAY,
        10,
    )
    stage.play(past.board(tracked=sandbox is not None))
    clock.set(now - DAY)
    chores.find_improvements(core)
    clock.set(now - 2 * HOUR)
    if "mailbox" in core.registry.kinds():
        with core.database.transaction() as session:
            bring_letters(core, session, keys, make_mailbox(core, session, keys))
    # Before the line that says all is loaded; a load that broke off here calls once more.
    call_administrator(core)
    with core.database.transaction() as session:
        history.record(session, core.database.now(), SYSTEM, LOADED, session.get_one(Person, cast.lead.id))


@dataclass(frozen=True)
class _Stage:
    """Where the scenes are played."""

    core: Core
    clock: ReplayClock
    cast: Cast
    channels: dict[str, tuple[int, str]]

    def play(self, stories: Iterable[Story]) -> None:
        """Play the stories that have not been begun yet, each by its channel."""
        for number, story in enumerate(stories):
            small_firm = BY_TITLE[story.title].category in SKIFF
            names = (SKIFF_FORM, SKIFF_MAIL) if small_firm else (PORTAL, ALERTS)
            channel = self.channels[names[number % 2]]
            with self.core.database.reading() as session:
                taken = is_taken(session, channel[0], story)
            if not taken:
                play_verbs(self.core, self.clock, self.cast.lead, channel, story)

    def plan(self, metric: str, title: str, measures: str, due: int, least_effect: float) -> None:
        """Look for findings, and turn the one about this metric into a plan that starts at once."""
        chores.find_improvements(self.core)
        with self.core.database.transaction() as session:
            finding = session.scalars(
                select(Finding).where(Finding.metric == metric, Finding.state == "open")
            ).first()
            known = session.scalars(select(Plan.id).where(Plan.metric == metric)).first()
            if finding is None or known is not None:
                return
            now = self.core.database.now()
            plan = plans.make(
                session,
                now,
                self.cast.lead,
                finding,
                title=title,
                measures=measures,
                least_effect=least_effect,
                due=(EPOCH + dt.timedelta(seconds=due)).date(),
            )
            plans.start(session, now, self.cast.lead, plan)


def set_demo_password(core: Core, password: str) -> None:
    """Give the demonstration's administrator this password; the account is made where it is missing."""
    administrator = MEMBERS[0]
    with core.database.transaction() as session:
        now = core.database.now()
        person = session.scalars(select(Person).where(Person.email == administrator.email)).first()
        if person is None:
            person = add_person(
                session,
                now,
                SYSTEM,
                name=administrator.name,
                email=administrator.email,
                role=administrator.role,
                capacity_hours=administrator.hours,
            )
        if not person.active:
            set_active(session, now, SYSTEM, person, True)
        set_password(session, now, SYSTEM, person, password)
