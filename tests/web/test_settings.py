"""Settings, dead jobs, the audit, plugins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from hub.app import Hub
from hub.core import history
from hub.core.history import HistoryEntry
from hub.core.hookspecs import Deprecated
from hub.core.jobs.engine import dead_row
from hub.core.jobs.values import Promise
from hub.core.registry.checklist import Row
from hub.core.registry.health import PluginHealth

SignedIn = Callable[..., FlaskClient]


def test_shows_the_configuration_and_the_calendar(signed_in: SignedIn) -> None:
    page = signed_in("member").get("/settings/").get_data(as_text=True)
    for shown in (
        "Asia/Shanghai",
        "09:00–12:00, 13:00–18:00",
        "No job has failed for good.",
        "Tomb-Sweeping",
    ):
        assert shown in page


def test_a_dead_job_runs_again(hub: Hub, signed_in: SignedIn) -> None:
    database = hub.core.database
    with database.transaction() as session:
        session.execute(dead_row(Promise.of("sweep", "cron:sweep", ()), 5, "boom", database.now()))
    number = hub.core.jobs.dead_letters()[0].id
    admin = signed_in("administrator")
    assert "boom" in admin.get("/settings/").get_data(as_text=True)
    assert signed_in("manager", "M").post(f"/settings/jobs/{number}/rerun").status_code == 403
    assert admin.post(f"/settings/jobs/{number}/rerun").status_code == 303
    assert hub.core.jobs.dead_letters() == []
    assert hub.core.jobs.is_pending("sweep", "cron:sweep")
    assert admin.post(f"/settings/jobs/{number}/rerun").status_code == 404


def test_the_audit_finds_a_changed_record(hub: Hub, signed_in: SignedIn, clock: Any) -> None:
    manager = signed_in("manager")
    clock.advance(hours=1)
    assert history.seal(hub.core.database) > 0
    assert "as it was written" in manager.get("/settings/audit").get_data(as_text=True)
    with hub.core.database.transaction() as session:
        session.execute(update(HistoryEntry).where(HistoryEntry.id == 1).values(verb="something_else"))
    assert "were changed after they had been sealed" in manager.get("/settings/audit").get_data(as_text=True)
    assert signed_in("member", "M").get("/settings/audit").status_code == 403


@pytest.mark.parametrize("role", ["member", "administrator"])
def test_a_plugin_put_aside_is_asked_again_by_an_administrator(
    hub: Hub, signed_in: SignedIn, clock: Any, role: str
) -> None:
    with hub.core.database.transaction() as session:
        session.add(
            PluginHealth(
                name="rules", in_a_row=5, total=7, last_error="assign_score: late",
                last_failed_at=clock.now(),
                aside_since=clock.now() - dt.timedelta(minutes=3),
            )
        )  # fmt: skip
    browser = signed_in(role)
    page = browser.get("/plugins/").get_data(as_text=True)
    for shown in ("put aside", "assign_score: late", "evaluate_surveys", "Signed webhook"):
        assert shown in page
    allowed = role == "administrator"
    assert ("Ask it again" in page) is allowed
    assert browser.post("/plugins/rules/restore").status_code == (303 if allowed else 403)
    aside = {plugin.name for plugin in hub.core.registry.plugins() if plugin.aside_since}
    assert aside == (set() if allowed else {"rules"})


def test_a_plugins_checklist_stands_on_its_page(
    hub: Hub, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = signed_in("manager").get("/plugins/").text
    form = next(plugin for plugin in hub.core.registry.plugins() if plugin.name == "form")
    assert form.checklist is not None and form.checklist.passed
    assert f"{form.checklist.count('done')} done" in page
    assert "reads every odd shape" in page
    failed = Row("intake form", "secrets", "failed", 1, (), ("the secret stands in its repr",))
    known = replace(form, checklist=replace(form.checklist, rows=(failed,)), version="9.9")
    monkeypatch.setattr(hub.core.registry, "plugins", lambda: (known, replace(known, checklist=None)))
    page = signed_in("administrator", "M").get("/plugins/").text
    for shown in ("1 failed", "gives no secret away", "the secret stands in its repr", "in version"):
        assert shown in page
    assert "Not checked yet: hub plugin test form" in page


def test_what_a_plugin_uses_and_will_go_stands_on_its_page(
    hub: Hub, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = hub.core.registry.plugins()[0]
    gone = Deprecated("OpenPoint", "1.3", "2.0", "use Question instead")
    monkeypatch.setattr(hub.core.registry, "plugins", lambda: (replace(current, outdated=(gone,)), current))
    page = signed_in("administrator").get("/plugins/").text
    assert page.count("Uses deprecated parts") == 1
    assert "<code>OpenPoint</code> <span>deprecated since API 1.3, gone in 2.0</span>" in page
    assert "use Question instead" in page
