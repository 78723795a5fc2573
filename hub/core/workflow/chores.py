"""What comes due by itself: deliveries to read, unassignable tasks, expired surveys, findings, verdicts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core import values as v
from hub.core.connections import collecting, inbound, manage
from hub.core.connections.models import Connection
from hub.core.connections.opening import Opened
from hub.core.connections.settings import REOPEN_DAYS, PolledSettings
from hub.core.execute import sync
from hub.core.execute.catalogue import promise_catalogue
from hub.core.identify.intake import take_draft
from hub.core.identify.mail import take_mail
from hub.core.identify.threads import MailRules
from hub.core.improve import findings, measures, plans
from hub.core.improve.models import Plan
from hub.core.jobs import promise
from hub.core.notices import telling
from hub.core.notices.rooms import ROOM
from hub.core.rights import require
from hub.core.surveys.models import SurveyInvitation
from hub.core.work.changes import promise_look
from hub.core.work.models import Category, ServiceRequest, Task
from hub.core.workflow.core import Core

# How far back findings look, and how far back a plan's series reaches.
FINDINGS_WINDOW = dt.timedelta(days=90)
SERIES_WINDOW = dt.timedelta(days=365)
# The job that tests a connection, and where in the connection's state its result stands.
CHECK, CHECKED = "check_connection", manage.CHECKED
# The job that sends a test message to a room, what that says, and what is said where it arrived.
TRY_ROOM = "try_room"
TEST = v.Text(
    zh="测试消息：service-hub 可以向这个群发送通知。", en="A test: service-hub can send to this group."
)
TOLD = v.Text(
    zh="机器人接收了测试消息，请在群里查看。", en="The robot has taken the test message: look into the group."
)


def read_deliveries(core: Core, connection_id: int) -> int:
    """Read a connection's unread deliveries: hints promise rounds, drafts become requests."""
    opened = core.opener.by_id(connection_id)

    rules = mail_rules(core, opened)

    def draft(session: Session, found: v.Draft, delivery_id: int) -> str | None:
        now, source, prefix = core.database.now(), opened.kind, core.settings.prefix
        if found.message is not None:
            taken = take_mail(
                session, now, found, rules, connection_id=opened.id, delivery_id=delivery_id, source=source
            )
            # Nothing to what a machine wrote, nothing to an answer, and nothing where none is wanted.
            is_asked = found.message.nature == "human" and not found.message.wants_no_answer
            if taken.opened is not None and is_asked:
                telling.confirm(session, now, core.office, taken.opened)
            return taken.reason
        request = take_draft(session, now, found, connection_id=opened.id, source=source, prefix=prefix)
        # Not the request that an earlier copy of the draft became.
        if request.created_at == now:
            telling.confirm(session, now, core.office, request)
        return None

    def hint(session: Session, found: v.Hint) -> None:
        sync.promise_round_of(session, opened.id, found.ref)

    return inbound.read(core.database, core.files, opened, draft, hint, lambda file: _keep(core, file))


def mail_rules(core: Core, opened: Opened) -> MailRules:
    """What taking in mails from this connection needs to know."""
    days = opened.settings.reopen_days if isinstance(opened.settings, PolledSettings) else REOPEN_DAYS
    return MailRules(core.opener.keys, core.office.loop, core.settings.prefix, dt.timedelta(days=days))


def _keep(core: Core, file: v.IncomingFile) -> v.IncomingFile:
    stored = core.files.put(file.data)
    return replace(file, data=b"", sha256=stored.sha256, size=stored.size, media_type=stored.media_type)


def promise_check(session: Session, actor: v.Actor, connection: Connection) -> None:
    """Promise that a worker tries whether a connection can work; the last result is forgotten."""
    require(actor, "edit_connections", connection)
    connection.state = {name: value for name, value in connection.state.items() if name != manage.CHECKED}
    promise(session, CHECK, f"connection:{connection.id}", connection.id)


def check_connection(core: Core, connection_id: int) -> None:
    """Ask a connection's object whether it can work, and keep what it says with the connection."""
    after = None
    try:
        found = core.opener.by_id(connection_id).object.check()
    except (v.Retry, v.Refused) as error:
        after = error.after if isinstance(error, v.Retry) else None
        found = v.Checked(False, v.Text(zh=error.reason, en=error.reason))
    except v.Refusal as refusal:
        found = v.Checked(False, v.Text(zh=refusal.message, en=refusal.message))
    except Exception as error:  # noqa: BLE001 - a plugin's bug is a result, too: nobody should wait for it
        text = f"{type(error).__name__}: {error}"[:500]
        found = v.Checked(False, v.Text(zh=text, en=text))
    now = core.database.now()
    with core.database.transaction() as session:
        row = session.get_one(Connection, connection_id, with_for_update=True)
        manage.tested(row, now, ok=found.ok, text=found.text)
        if found.ok:
            if manage.worked(session, now, connection_id):
                sync.promise_drain(session, connection_id)
            if collecting.is_polled(core.opener.open(row)):
                collecting.promise_collecting(session, connection_id)
            if row.family == "tracker":
                promise_catalogue(session, v.SYSTEM, row)
        else:
            manage.failed(session, now, connection_id, found.text.en, after=after)


def promise_try(session: Session, actor: v.Actor, room: Connection) -> None:
    """Promise that a worker sends a test message to a room."""
    require(actor, "edit_connections", room)
    if room.family != ROOM:
        raise v.Refusal("no_room", name=room.name)
    room.state = {name: value for name, value in room.state.items() if name != manage.CHECKED}
    promise(session, TRY_ROOM, f"channel:{room.id}", room.id)


def try_room(core: Core, connection_id: int) -> None:
    """Send a test message to a room, also to one that is paused, and keep what became of it."""
    now = core.database.now()
    try:
        opened = core.opener.by_id(connection_id)
        language = opened.settings.language or core.settings.language
        said = v.OutgoingMessage(
            f"test-{connection_id}", now, "", TEST.within(language), core.settings.public_url or ""
        )
        opened.object.send(said)
        found = v.Checked(True, TOLD)
    except v.Off as off:
        found = v.Checked(False, off.text)
    except (v.Retry, v.Refused) as error:
        found = v.Checked(False, v.Text(zh=error.reason, en=error.reason))
    except v.Refusal as refusal:
        found = v.Checked(False, v.Text(zh=refusal.message, en=refusal.message))
    with core.database.transaction() as session:
        row = session.get_one(Connection, connection_id, with_for_update=True)
        manage.tested(row, now, ok=found.ok, text=found.text)
        if found.ok:
            manage.worked(session, now, connection_id)


def look_at_waiting(core: Core) -> int:
    """Promise a look at requests whose turn may have come: nobody could take them, or a survey ran out."""
    with core.database.transaction() as session:
        ids = set(
            session.scalars(
                select(Task.request_id)
                .join(ServiceRequest, ServiceRequest.id == Task.request_id)
                .where(
                    ServiceRequest.stage == "assign",
                    ServiceRequest.state == "open",
                    Task.state == "open",
                    Task.assignee_id.is_(None),
                )
            )
        ) | set(
            session.scalars(
                select(ServiceRequest.id)
                .join(SurveyInvitation, SurveyInvitation.request_id == ServiceRequest.id)
                .where(
                    ServiceRequest.stage == "evaluate",
                    ServiceRequest.state == "open",
                    SurveyInvitation.expires_at <= core.database.now(),
                )
            )
        )
        # Oldest first: a request that came earlier is served earlier when somebody is free again.
        for request_id in sorted(ids):
            promise_look(session, request_id)
    return len(ids)


def find_improvements(core: Core) -> int:
    """Ask the advisers what stands out in the last ninety days; gives how many findings are new."""
    now = core.database.now()
    with core.database.reading() as session:
        closed = measures.closed_between(session, now - FINDINGS_WINDOW, now)
        called = {
            key: v.Text(title.get("zh") or title.get("en") or key, title.get("en") or title.get("zh") or key)
            for key, title in session.execute(select(Category.key, Category.title))
        }
    context = v.FindingsContext(closed, now - FINDINGS_WINDOW, now, called)
    drafts: list[v.FindingDraft] = core.registry.ask_all("improve_findings", context)
    with core.database.transaction() as session:
        return len(findings.keep(session, now, drafts))


def judge_plans(core: Core) -> int:
    """Give a verdict on every plan whose date has come; gives how many were judged."""
    now = core.database.now()
    with core.database.reading() as session:
        due = [
            (plan.id, plan.metric, plan.direction, plan.started_at, plan.least_effect)
            for plan in plans.due_plans(session, now.date())
        ]
        closed = measures.closed_between(session, now - SERIES_WINDOW, now) if due else ()
    for plan_id, metric, direction, started_at, least in due:
        assert started_at is not None  # a running plan has been started
        points = plans.series(closed, metric)
        context = v.EffectsContext(metric, cast(v.Direction, direction), points, started_at, least)
        effect: v.Effect | None = core.registry.ask_one("improve_effects", context)
        if effect is not None:
            with core.database.transaction() as session:
                plans.judge(session, now, session.get_one(Plan, plan_id), effect)
    return len(due)
