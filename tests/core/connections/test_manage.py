"""Connections: made with checked settings and sealed secrets, changed, paused."""

from __future__ import annotations

import pytest

from hub.core.connections import manage
from hub.core.connections.models import Connection
from hub.core.connections.opening import Opener
from hub.core.registry import Registry
from hub.core.values import SYSTEM, Actor, Refusal
from tests.core.conftest import Desk, no_way_out

SECRET = "whsec_" + "A" * 32


def create(desk: Desk, actor: Actor = SYSTEM, **values: object) -> Connection:
    wanted = {"name": "Shop", "kind": "webhook", "settings": {}, "secrets": {"secret": SECRET}, **values}
    with desk.database.transaction() as session:
        return manage.create(
            session, desk.database.now(), actor, desk.core.registry, desk.core.opener.keys, **wanted
        )  # type: ignore[arg-type]


def change(desk: Desk, connection: Connection, actor: Actor = SYSTEM, **values: object) -> None:
    with desk.database.transaction() as session:
        row = session.get_one(Connection, connection.id)
        manage.change(
            session, desk.database.now(), actor, desk.core.registry, desk.core.opener.keys, row, **values
        )  # type: ignore[arg-type]


def test_the_address_is_readable_and_cannot_be_guessed(desk: Desk) -> None:
    one, other = create(desk, name="Shop: 上海 North!"), create(desk, name="上海")
    assert one.slug.startswith("shop-north-")
    assert len(one.slug.removeprefix("shop-north-")) == 32
    assert other.slug.startswith("c-")


@pytest.mark.parametrize(
    ("values", "message", "field"),
    [
        ({"name": " "}, "required", "name"),
        ({"name": "x" * 81}, "too_long", "name"),
        ({"kind": "telegraph"}, "unknown_kind", "kind"),
        ({"settings": {"colour": "red"}}, "setting_unknown", "colour"),
        ({"secrets": {"password": "x"}}, "unknown_secret", "secrets"),
    ],
)
def test_refuses_what_cannot_work_by_field(desk: Desk, values, message: str, field: str) -> None:
    with pytest.raises(Refusal) as caught:
        create(desk, **values)
    assert (caught.value.message, caught.value.field) == (message, field)


def test_a_name_is_given_once_and_only_by_who_may(desk: Desk) -> None:
    create(desk)
    with pytest.raises(Refusal, match="name_taken"):
        create(desk)
    with pytest.raises(Refusal, match="not_allowed"):
        create(desk, desk.manager, name="Other")


def test_secrets_are_sealed_and_an_empty_one_keeps_what_is_there(desk: Desk) -> None:
    made = create(desk)
    assert made.sealed_secrets is not None
    assert SECRET not in made.sealed_secrets
    change(desk, made, secrets={"secret": ""}, settings={"title": "subject"})
    row = desk.get(Connection, made.id)
    assert desk.core.opener.keys.open(row.sealed_secrets or "") == {"secret": SECRET}
    assert row.settings["title"] == "subject"
    assert row.version == 2


def test_what_comes_from_the_configuration_is_not_changed_by_people(desk: Desk) -> None:
    made = create(desk, origin="config")
    boss = desk.person("Root", "administrator")
    with pytest.raises(Refusal, match="connection_from_config"):
        change(desk, made, boss, settings={})
    change(desk, made, boss, paused=True)
    assert desk.get(Connection, made.id).paused


def test_a_connection_without_its_plugin_can_still_be_paused(desk: Desk) -> None:
    made = create(desk)
    empty, now, keys = Registry(desk.database), desk.database.now(), desk.core.opener.keys
    with desk.database.transaction() as session:
        row = session.get_one(Connection, made.id)
        manage.change(session, now, SYSTEM, empty, keys, row, paused=True)
        with pytest.raises(Refusal, match="unknown_kind"):
            manage.change(session, now, SYSTEM, empty, keys, row, settings={})
    opener = Opener(desk.database, empty, keys, no_way_out)
    with pytest.raises(Refusal, match="unknown_kind"):
        opener.by_id(made.id)


def test_an_opened_connection_is_kept_until_its_row_changes(desk: Desk) -> None:
    made = create(desk)
    opener = desk.core.opener
    first = opener.by_id(made.id)
    assert opener.by_id(made.id) is first
    assert opener.by_slug(made.slug) is first
    assert opener.by_slug("nobody") is None
    change(desk, made, settings={"title": "subject"})
    second = opener.by_id(made.id)
    assert second is not first
    assert second.settings.title == "subject"


def test_health_counts_failures_until_it_works_again(desk: Desk) -> None:
    made = create(desk)
    for reason in ("HTTP 503", "x" * 900):
        desk.do(manage.failed, made.id, reason)
    row = desk.get(Connection, made.id)
    assert (row.failures, len(row.last_error or "")) == (2, 500)
    desk.do(manage.worked, made.id)
    row = desk.get(Connection, made.id)
    assert (row.failures, row.last_ok_at) == (0, desk.database.now())


def test_a_change_ends_the_rest_of_a_connection_since_it_may_work_now(desk: Desk) -> None:
    connection = create(desk)
    with desk.database.transaction() as session:
        row = session.get_one(Connection, connection.id)
        row.failures, row.breaker_until = 7, desk.database.now()
    change(desk, connection, secrets={"secret": "whsec_" + "B" * 32})
    with desk.database.reading() as session:
        row = session.get_one(Connection, connection.id)
        assert (row.failures, row.breaker_until) == (0, None)
