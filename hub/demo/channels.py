"""By which channels the demonstration's requests come in, and the tracker beside it."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.connections.secrets import KeyRing
from hub.core.directory.models import Person
from hub.core.values import SYSTEM
from hub.core.work.models import Category
from hub.core.workflow import Core
from hub.demo.people import SERVICES, Service

PORTAL, ALERTS, SKIFF_FORM, SKIFF_MAIL = (
    "星桥服务台 Starbridge service desk",
    "监控与热线 Alerts and hotline",
    "小舟软件反馈 Skiff feedback",
    "小舟软件邮件 Skiff mail",
)
MAILBOX = "星桥邮箱 Starbridge mailbox"
SANDBOX = "沙箱跟踪器 Sandbox tracker"
# Who of the small firm has which account in the sandbox.
ACCOUNTS = {
    "he.xiaoman@skiff.example": "mei",
    "lu.chuanbai@skiff.example": "lin",
    "nora.finch@skiff.example": "anna",
}


@dataclass(frozen=True)
class SandboxAddress:
    """Where the sandbox tracker answers, and the secret its hints are signed with."""

    base_url: str
    hook_secret: str


def make_channels(core: Core, session: Session, keys: KeyRing) -> dict[str, tuple[int, str]]:
    """Make the forms and webhooks where they are missing: id and kind by name."""
    intro = {
        "intro_zh": "请描述您的需求，我们会尽快答复。",
        "intro_en": "Tell us what you need; we answer soon.",
    }
    forms = {
        PORTAL: {
            "title_zh": "星桥服务台",
            "title_en": "Starbridge service desk",
            "categories": _choices(SERVICES[:6]),
        },
        SKIFF_FORM: {
            "title_zh": "小舟软件反馈",
            "title_en": "Skiff feedback",
            "categories": _choices(SERVICES[6:9]),
        },
    }
    for name, texts in forms.items():
        _make(core, session, keys, name, "form", {**intro, **texts}, {})
    for name in (ALERTS, SKIFF_MAIL):
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        _make(core, session, keys, name, "webhook", {}, {"secret": secret})
    rows = session.scalars(select(Connection).where(Connection.name.in_((*forms, ALERTS, SKIFF_MAIL))))
    return {row.name: (row.id, row.kind) for row in rows}


def make_mailbox(core: Core, session: Session, keys: KeyRing) -> Connection:
    """Make the mailbox where it is missing. It rests: there is no server behind it."""
    settings: dict[str, object] = {"host": "imap.starbridge.example", "username": "service"}
    row = _make(core, session, keys, MAILBOX, "mailbox", settings, {"password": secrets.token_urlsafe()})
    row.paused = True
    return row


def make_sandbox(core: Core, session: Session, keys: KeyRing, address: SandboxAddress) -> None:
    """Connect the sandbox tracker for defects, or tell the connected one where the sandbox is now."""
    people = session.execute(select(Person.email, Person.id).where(Person.email.in_(ACCOUNTS)))
    settings: dict[str, object] = {
        "base_url": address.base_url,
        "people_map": {id_: ACCOUNTS[email] for email, id_ in people},
    }
    hidden = {"hook_secret": address.hook_secret}
    row = session.scalars(select(Connection).where(Connection.name == SANDBOX)).first()
    if row is None:
        row = _make(core, session, keys, SANDBOX, "sandbox", settings, hidden)
        session.scalars(select(Category).where(Category.key == "defect")).one().tracker_id = row.id
    elif row.settings.get("base_url") != address.base_url:
        manage.change(
            session,
            core.database.now(),
            SYSTEM,
            core.registry,
            keys,
            row,
            settings={**row.settings, "base_url": address.base_url},
            secrets=hidden,
        )


def _make(
    core: Core,
    session: Session,
    keys: KeyRing,
    name: str,
    kind: str,
    settings: dict[str, object],
    hidden: dict[str, str],
) -> Connection:
    row = session.scalars(select(Connection).where(Connection.name == name)).first()
    return row or manage.create(
        session,
        core.database.now(),
        SYSTEM,
        core.registry,
        keys,
        name=name,
        kind=kind,
        settings=settings,
        secrets=hidden,
    )


def _choices(services: tuple[Service, ...]) -> str:
    return "\n".join(f"{service.key} | {service.zh} | {service.en}" for service in services)
