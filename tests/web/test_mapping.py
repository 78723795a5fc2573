"""The mapping of a tracker: chosen from what a worker read there, refused where it cannot work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.directory.models import Person
from hub.core.execute import catalogue as catalogues
from hub.core.values import SYSTEM, Catalogue, Refused
from hub.core.workflow import chores

SignedIn = Callable[..., FlaskClient]
CHOSEN = {
    **{f"direction_{name}": "both" for name in ("title", "body", "status", "assignee", "labels")},
    "written_open": "todo", "written_doing": "doing", "written_waiting": "blocked", "written_done": "done",
    "written_dropped": "cancelled",
}  # fmt: skip


class Far:
    """A tracker that only knows things, until it is ill."""

    capabilities: frozenset[str] = frozenset()
    ill = False
    mails: Mapping[str, str] = MappingProxyType({})

    def catalogue(self) -> Catalogue:
        if self.ill:
            raise Refused("the token has run out")
        return Catalogue(
            ("todo", "doing", "blocked", "done", "cancelled"),
            (("wang", "Wang Lei"), ("mei", "Mei")),
            mails=self.mails,
        )


@pytest.fixture
def far(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[Far]:
    made = Far()
    monkeypatch.setattr(type(hub.core.opener), "tracker", lambda _self, _id: made)
    yield made


@pytest.fixture
def row(hub: Hub) -> Connection:
    database = hub.core.database
    with database.transaction() as session:
        return manage.create(
            session, database.now(), SYSTEM, hub.core.registry, hub.keys, name="Board", kind="sandbox",
            settings={"base_url": "http://127.0.0.1:9/sandbox/"}, secrets={},
        )  # fmt: skip


def stored(hub: Hub, row: Connection) -> Connection:
    with hub.core.database.reading() as session:
        return session.get_one(Connection, row.id)


def read(hub: Hub, row: Connection) -> None:
    catalogues.read_catalogue(hub.core.database, hub.core.opener, row.id)


def test_asks_the_tracker_in_a_job_and_shows_what_it_said(
    hub: Hub, far: Far, row: Connection, signed_in: SignedIn
) -> None:
    browser = signed_in("administrator")
    assert "has not been asked" in browser.get(f"/connections/{row.id}/mapping").get_data(as_text=True)
    assert browser.post(f"/connections/{row.id}/catalogue").status_code == 303
    assert hub.core.jobs.is_pending(catalogues.READ_CATALOGUE, f"connection:{row.id}")
    read(hub, row)
    page = browser.get(f"/connections/{row.id}/mapping").get_data(as_text=True)
    assert '<option value="blocked" selected>' in page
    # Somebody there bears the name of somebody here: proposed, and not chosen for anybody.
    assert "Wang Lei (wang) has the same name" in page
    assert 'value="wang"' not in page.replace('<option value="wang"', "")


def test_what_was_known_stays_when_the_tracker_is_ill(
    hub: Hub, far: Far, row: Connection, signed_in: SignedIn
) -> None:
    read(hub, row)
    far.ill = True
    read(hub, row)
    page = signed_in("administrator").get(f"/connections/{row.id}/mapping").get_data(as_text=True)
    assert "the token has run out" in page
    assert '<option value="blocked" selected>' in page


def test_saves_what_can_work_and_goes_on(hub: Hub, far: Far, row: Connection, signed_in: SignedIn) -> None:
    read(hub, row)
    browser = signed_in("administrator", "Ann")
    with hub.core.database.reading() as session:
        person = session.scalars(select(Person.id)).one()
    chosen: dict[str, Any] = {
        **CHOSEN, "direction_labels": "in", "policy_title": "there", f"person_{person}": "mei",
        "default_person": str(person), "far_1": "todo", "read_1": "open",
    }  # fmt: skip
    answer = browser.post(f"/connections/{row.id}/mapping", data=chosen)
    assert (answer.status_code, answer.location) == (303, f"/connections/{row.id}/setup")
    settings = stored(hub, row).settings
    assert settings["directions"]["labels"] == "in"
    assert settings["policies"] == {"title": "there"}
    assert settings["people_map"] == {str(person): "mei"}
    assert settings["default_person"] == person
    assert "mapped" in stored(hub, row).state


def test_says_at_the_choice_what_cannot_work_in_the_readers_language(
    hub: Hub, far: Far, row: Connection, signed_in: SignedIn
) -> None:
    read(hub, row)
    browser = signed_in("administrator")
    shared = {**CHOSEN, "written_waiting": "doing", "far_1": "doing", "read_1": "", "written_done": "gone"}
    answer = browser.post(f"/connections/{row.id}/mapping", data=shared)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "“doing” is written for doing, waiting." in text
    assert "There is no state “gone” there." in text
    assert 'id="written.done-error"' in text
    # What was chosen is kept.
    assert '<option value="gone" selected>' in text
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "zh"
    told = browser.post(f"/connections/{row.id}/mapping", data=shared).get_data(as_text=True)
    assert "对方没有状态“gone”" in told
    assert stored(hub, row).settings["status_map"]["waiting"] == ["blocked"]


def test_refuses_who_was_slower(hub: Hub, far: Far, row: Connection, signed_in: SignedIn) -> None:
    read(hub, row)
    answer = signed_in("administrator").post(
        f"/connections/{row.id}/mapping", data={**CHOSEN, "version": "7"}
    )
    assert answer.status_code == 422
    assert "Board" in answer.get_data(as_text=True)


def test_only_administrators_map(row: Connection, signed_in: SignedIn) -> None:
    assert signed_in("manager").get(f"/connections/{row.id}/mapping").status_code == 403
    assert signed_in("manager", "B").post(f"/connections/{row.id}/catalogue").status_code == 403


def test_the_way_goes_on_where_it_was_left(hub: Hub, far: Far, row: Connection, signed_in: SignedIn) -> None:
    browser = signed_in("administrator")

    def current() -> str:
        page = browser.get(f"/connections/{row.id}/setup").get_data(as_text=True)
        return page.split('aria-current="step"')[0].rsplit('id="step-', 1)[1].split('"')[0]

    assert current() == "test"
    well = {"ok": True, "text": {"zh": "好", "en": "Well"}, "at": "2026-03-04T12:00:00+00:00"}
    with hub.core.database.transaction() as session:
        held = session.get_one(Connection, row.id)
        held.state = {**held.state, chores.CHECKED: well}
    assert current() == "mapping"


def test_a_proposal_is_accepted_by_one_click_and_saved(
    hub: Hub, far: Far, row: Connection, signed_in: SignedIn
) -> None:
    far.mails = {"mei": "wang.lei@example.com"}
    read(hub, row)
    browser = signed_in("administrator")
    page = browser.get(f"/connections/{row.id}/mapping").get_data(as_text=True)
    # The address speaks for Mei, and against the account of the same name nothing is left to say.
    assert "Mei (mei) has the same mail address" in page
    assert "has the same name" not in page
    with hub.core.database.reading() as session:
        person = session.scalars(select(Person.id)).one()
    # Saving without accepting maps nobody.
    assert browser.post(f"/connections/{row.id}/mapping", data=CHOSEN).status_code == 303
    assert stored(hub, row).settings["people_map"] == {}
    for take in (str(person), "mail"):
        answer = browser.post(f"/connections/{row.id}/mapping", data={**CHOSEN, "take": take})
        assert (answer.status_code, answer.location) == (303, f"/connections/{row.id}/mapping#people")
        assert stored(hub, row).settings["people_map"] == {str(person): "mei"}
        cleared = {**CHOSEN, f"person_{person}": ""}
        browser.post(f"/connections/{row.id}/mapping", data=cleared)
        assert stored(hub, row).settings["people_map"] == {}
    # A proposal that is none (any more) maps nobody.
    browser.post(f"/connections/{row.id}/mapping", data={**CHOSEN, "take": "999"})
    assert stored(hub, row).settings["people_map"] == {}


def test_an_accepted_proposal_is_kept_where_something_else_cannot_work(
    hub: Hub, far: Far, row: Connection, signed_in: SignedIn
) -> None:
    read(hub, row)
    browser = signed_in("administrator")
    with hub.core.database.reading() as session:
        person = session.scalars(select(Person.id)).one()
    wrong = {**CHOSEN, "written_done": "gone", "take": str(person)}
    answer = browser.post(f"/connections/{row.id}/mapping", data=wrong)
    assert answer.status_code == 422
    assert 'value="wang"' in answer.get_data(as_text=True)
    assert stored(hub, row).settings["people_map"] == {}
