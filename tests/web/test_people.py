"""People: added, changed, away, deactivated; and one's own account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub
from hub.core.directory.models import Absence, Person, Team
from hub.core.directory.people import check_password
from hub.web.guards import limiter

SignedIn = Callable[..., FlaskClient]
ANN = {
    "name": "Ann", "email": "ann@example.com", "role": "member", "capacity_hours": "32",
    "skills": "network: 4\n硬件：2", "password": "a long password",
}  # fmt: skip


@pytest.fixture
def admin(signed_in: SignedIn) -> FlaskClient:
    limiter.reset()
    return signed_in("administrator", "Root")


def person(hub: Hub, email: str = "ann@example.com") -> Person:
    with hub.core.database.reading() as session:
        found = session.scalars(select(Person).where(Person.email == email)).one()
        _ = (found.skills, found.memberships, found.absences)
        return found


def add_team(admin: FlaskClient, name: str = "Desk") -> None:
    assert admin.post("/teams/", data={"name": name}).status_code == 303


def test_adds_a_person_who_can_sign_in(hub: Hub, admin: FlaskClient) -> None:
    add_team(admin)
    assert admin.post("/people/", data={**ANN, "teams": "1"}).status_code == 303
    ann = person(hub)
    assert {row.skill: row.level for row in ann.skills} == {"network": 4, "硬件": 2}
    assert (ann.capacity_hours, [row.team_id for row in ann.memberships]) == (32, [1])
    with hub.core.database.reading() as session:
        assert check_password(session, "ann@example.com", "a long password") is not None
    page = admin.get("/people/").get_data(as_text=True)
    assert "硬件 2" in page
    assert "0 / 32 h" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("email", "nobody"), ("email", "root@example.com"), ("capacity_hours", "0"),
     ("skills", "network"), ("skills", "network: x"), ("skills", "network: 9"), ("password", "short")],
)  # fmt: skip
def test_keeps_what_was_typed_where_something_is_wrong(admin: FlaskClient, field: str, value: str) -> None:
    page = admin.post("/people/", data={**ANN, field: value})
    assert page.status_code == 422
    text = page.get_data(as_text=True)
    assert f'id="{field}-error"' in text
    assert field == "name" or 'value="Ann"' in text


def test_changes_a_person_and_tells_who_was_faster(hub: Hub, admin: FlaskClient) -> None:
    admin.post("/people/", data=ANN)
    number = person(hub).id
    changed = {**ANN, "name": "Ann Two", "version": "1"}
    assert admin.post(f"/people/{number}", data=changed).status_code == 303
    late = admin.post(f"/people/{number}", data={**changed, "name": "Ann Three"})
    assert late.status_code == 409
    text = late.get_data(as_text=True)
    assert "Ann Two" in text
    assert 'value="Ann Three"' in text
    assert person(hub).name == "Ann Two"


def test_the_last_administrator_stays(hub: Hub, admin: FlaskClient) -> None:
    root = person(hub, "root@example.com")
    assert admin.post(f"/people/{root.id}/activation", data={"active": "0"}).status_code == 422
    demoted = {**ANN, "name": "Root", "email": "root@example.com", "role": "viewer", "version": "1"}
    page = admin.post(f"/people/{root.id}", data=demoted)
    assert page.status_code == 422
    assert 'id="role-error"' in page.get_data(as_text=True)


def test_deactivates_and_takes_back(hub: Hub, admin: FlaskClient) -> None:
    admin.post("/people/", data=ANN)
    number = person(hub).id
    admin.post(f"/people/{number}/activation", data={"active": "0"})
    assert person(hub).active is False
    address = f'href="/people/{number}"'
    assert address not in admin.get("/people/").get_data(as_text=True)
    assert address in admin.get("/people/?state=inactive").get_data(as_text=True)
    admin.post(f"/people/{number}/activation", data={"active": "1"})
    assert person(hub).active is True


def test_absences_are_whole_days_of_the_reader(hub: Hub, admin: FlaskClient, clock: Any) -> None:
    admin.post("/people/", data=ANN)
    number = person(hub).id
    admin.set_cookie("zone", "Asia/Shanghai")
    away = {"first": "2026-03-05", "last": "2026-03-06", "reason": "leave"}
    assert admin.post(f"/people/{number}/absences", data=away).status_code == 303
    absence = person(hub).absences[0]
    assert absence.starts_at == dt.datetime(2026, 3, 4, 16, tzinfo=dt.UTC)
    assert absence.ends_at == dt.datetime(2026, 3, 6, 16, tzinfo=dt.UTC)
    assert "2026-03-05 – 2026-03-06" in admin.get(f"/people/{number}").get_data(as_text=True)
    wrong = admin.post(f"/people/{number}/absences", data={**away, "last": "2026-03-01"})
    assert wrong.status_code == 422
    clock.advance(days=1)
    admin.post(f"/people/absences/{absence.id}/end")
    assert person(hub).absences[0].ends_at == clock.now()


def test_everybody_notes_their_own_absence_only(hub: Hub, signed_in: SignedIn, admin: FlaskClient) -> None:
    bob = signed_in("member", "Bob")
    own, other = person(hub, "bob@example.com").id, person(hub, "root@example.com").id
    away = {"first": "2026-03-05", "last": "2026-03-05"}
    assert bob.post(f"/people/{own}/absences", data=away).status_code == 303
    assert bob.post(f"/people/{other}/absences", data=away).status_code == 403
    admin.post(f"/people/{other}/absences", data=away)
    with hub.core.database.reading() as session:
        theirs = session.scalars(select(Absence.id).where(Absence.person_id == other)).one()
    assert bob.post(f"/people/absences/{theirs}/end").status_code == 403


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("member", 403), ("manager", 403)])
def test_only_administrators_touch_accounts(hub: Hub, signed_in: SignedIn, role: str, status: int) -> None:
    browser = signed_in(role, "Bob")
    number = person(hub, "bob@example.com").id
    assert browser.get("/people/").status_code == 200
    assert browser.post("/people/", data=ANN).status_code == status
    assert browser.post(f"/people/{number}/activation", data={"active": "0"}).status_code == status
    assert (
        browser.post(f"/people/{number}/password", data={"password": "long enough 1"}).status_code == status
    )
    promoted = {**ANN, "email": "bob@example.com", "role": "administrator"}
    assert browser.post(f"/people/{number}", data=promoted).status_code == status
    assert person(hub, "bob@example.com").role == role


def test_a_set_password_ends_sessions(hub: Hub, signed_in: SignedIn, admin: FlaskClient) -> None:
    bob = signed_in("member", "Bob")
    number = person(hub, "bob@example.com").id
    assert admin.post(f"/people/{number}/password", data={"password": "short"}).status_code == 422
    assert admin.post(f"/people/{number}/password", data={"password": "long enough 1"}).status_code == 303
    assert bob.get("/people/").status_code == 303


def test_teams_are_renamed_and_taken_out_of_use(hub: Hub, admin: FlaskClient) -> None:
    add_team(admin)
    assert admin.post("/teams/", data={"name": "Desk"}).status_code == 422
    assert admin.post("/teams/1", data={"name": "Help desk"}).status_code == 303
    with hub.core.database.reading() as session:
        team = session.scalars(select(Team)).one()
    assert (team.name, team.active) == ("Help desk", False)


def test_one_changes_ones_own_language_and_zone(hub: Hub, signed_in: SignedIn) -> None:
    limiter.reset()
    bob = signed_in("viewer", "Bob")
    own = {"name": "Bob", "language": "zh", "time_zone": "Asia/Shanghai"}
    assert bob.post("/profile/", data=own).status_code == 303
    assert 'lang="zh-CN"' in bob.get("/profile/").get_data(as_text=True)
    assert person(hub, "bob@example.com").time_zone == "Asia/Shanghai"
    wrong = bob.post("/profile/", data={**own, "time_zone": "Mars/Base"})
    assert wrong.status_code == 422
    assert 'value="Mars/Base"' in wrong.get_data(as_text=True)


def test_one_changes_ones_own_password_with_the_old_one(hub: Hub, admin: FlaskClient, app: Any) -> None:
    admin.post("/people/", data=ANN)
    ann, other = app.test_client(), app.test_client()
    for browser in (ann, other):
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        browser.post("/sign-in", data={"email": "ann@example.com", "password": "a long password"})
    wrong = ann.post("/profile/password", data={"old": "not this one", "password": "another long one"})
    assert wrong.status_code == 422
    assert 'id="old-error"' in wrong.get_data(as_text=True)
    right = {"old": "a long password", "password": "another long one"}
    assert ann.post("/profile/password", data=right).status_code == 303
    assert ann.get("/profile/").status_code == 200
    assert other.get("/profile/").status_code == 303
