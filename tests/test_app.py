"""Putting a hub together: what it makes, what it refuses, what it leaves behind."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select, text

from hub.app import Hub, Occupied, build
from hub.config import load
from hub.core import migrations
from hub.core.connections.models import Connection
from hub.core.history import HistoryEntry
from hub.core.values import Refusal

Start = Callable[..., Hub]


@pytest.fixture
def start(empty_database_url: str, tmp_path: Path) -> Iterator[Start]:
    """Start a hub on this test's database; whatever runs at the end is closed."""
    running: list[Hub] = []

    def begin(config: str = "", roles: tuple[str, ...] = (), **environ: str) -> Hub:
        (tmp_path / "config.toml").write_text(config)
        environ = {
            "HUB_DATA": str(tmp_path / "data"), "HUB_DATABASE_URL": empty_database_url,
            "SECRET": "whsec_AAAA", **environ,
        }  # fmt: skip
        running.append(build(load(tmp_path / "config.toml", environ), environ, roles=roles))
        return running[-1]

    yield begin
    for hub in running:
        assert hub.core.database.checked_out() == 0
        hub.close()


def connections(hub: Hub) -> dict[str, Connection]:
    with hub.core.database.reading() as session:
        return {row.name: row for row in session.scalars(select(Connection))}


def shop(name: str = "Shop", kind: str = "webhook", settings: str = "") -> str:
    return (
        f'[[connections]]\nname = "{name}"\nkind = "{kind}"\n'
        + (f"settings = {{ {settings} }}\n" if settings else "")
        + ('secrets = { secret = { env = "SECRET" } }\n' if kind == "webhook" else "")
    )


def test_a_first_start_makes_tables_key_and_calendar(start: Start, tmp_path: Path) -> None:
    hub = start()
    assert migrations.current(hub.core.database) == migrations.head()
    assert stat.S_IMODE((tmp_path / "data/key").stat().st_mode) == 0o600
    assert [plugin.name for plugin in hub.core.registry.plugins()] == list(hub.config.plugins.enabled)


def test_a_second_start_keeps_everything(start: Start) -> None:
    first = start(shop())
    before = connections(first)["Shop"]
    first.close()
    after = connections(start(shop()))["Shop"]
    assert (after.id, after.slug, after.version) == (before.id, before.slug, before.version)


def test_holidays_are_looked_up_only_when_what_they_follow_from_has_changed(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("hub.app.holidays_of", lambda country, *_: asked.append(country) or ({}, {}))
    start('[work]\nholidays = "CN"\n').close()
    start('[work]\nholidays = "CN"\n').close()
    start('[work]\nholidays = "DE"\n').close()
    start('[work]\nholidays = "none"\n').close()
    start('[work]\nholidays = "CN"\n')
    assert asked == ["CN", "DE", "CN"]


def test_declared_connections_follow_the_file(start: Start) -> None:
    made = connections(start(shop() + shop("Desk", "form")))
    assert {name: (row.kind, row.origin, row.paused) for name, row in made.items()} == {
        "Shop": ("webhook", "config", False),
        "Desk": ("form", "config", False),
    }
    changed = connections(start(shop(settings='title = "subject"')))
    assert changed["Shop"].settings["title"] == "subject"
    assert changed["Shop"].slug == made["Shop"].slug
    assert (changed["Shop"].paused, changed["Desk"].paused) == (False, True)
    back = connections(start(shop("Desk", "form")))
    assert (back["Shop"].paused, back["Desk"].paused) == (True, False)
    assert back["Desk"].slug == made["Desk"].slug


def test_a_plugin_may_leave_together_with_its_connections(start: Start) -> None:
    start(shop("Desk", "form"))
    hub = start('[plugins]\nenabled = ["rules"]\n')
    assert connections(hub)["Desk"].paused


def test_a_connection_does_not_turn_into_another_kind(start: Start) -> None:
    start(shop("Shop", "form"))
    with pytest.raises(Refusal, match="setting_wrong"):
        start(shop("Shop", "webhook"))


def test_a_connection_that_cannot_work_stops_the_start_by_name(start: Start) -> None:
    with pytest.raises(Refusal, match="unknown_kind"):
        start(shop(kind="telegraph"))
    with pytest.raises(Refusal, match="setting_unknown") as caught:
        start(shop(settings='colour = "red"'))
    assert caught.value.field == "[[connections]] “Shop”: colour"


def test_a_wrong_key_is_refused(start: Start) -> None:
    start()
    with pytest.raises(Refusal, match="key_wrong"):
        start(HUB_KEY=Fernet.generate_key().decode())


def test_a_missing_key_is_refused_and_none_is_made_in_its_place(start: Start, tmp_path: Path) -> None:
    start()
    (tmp_path / "data/key").unlink()
    with pytest.raises(Refusal, match="key_missing"):
        start()
    assert not (tmp_path / "data/key").exists()


def test_a_database_of_a_later_version_is_refused(start: Start) -> None:
    hub = start()
    with hub.core.database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrations.DatabaseNewer, match="later version"):
        start()


def test_a_second_process_on_one_sqlite_file_is_shown_the_way_out(start: Start, tmp_path: Path) -> None:
    hub = start(roles=("web", "work"))
    script = (
        "import os, sys\nfrom pathlib import Path\nfrom hub.app import Occupied, build\n"
        "from hub.config import load\nenviron = dict(os.environ)\n"
        "try:\n    build(load(Path(sys.argv[1]), environ), environ, roles=(sys.argv[2],)).close()\n"
        "except Occupied as error:\n    print(error)\nelse:\n    print('started')\n"
    )
    environ = {
        **os.environ,
        "HUB_DATA": str(tmp_path / "data"),
        "HUB_DATABASE_URL": hub.core.database.url.render_as_string(hide_password=False),
    }
    for role in ("web", "work"):
        said = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / "config.toml"), role],
            env=environ, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        if hub.core.database.is_sqlite:
            assert f"process {os.getpid()} already runs this hub's {role} part" in said
            assert "postgresql+psycopg://" in said
        else:
            assert said == "started\n"


def test_one_web_process_and_one_worker_share_a_sqlite_file(start: Start) -> None:
    web = start(roles=("web",))
    work = start(roles=("work",))
    assert web.core.database.is_sqlite == work.core.database.is_sqlite
    if not web.core.database.is_sqlite:
        return
    with pytest.raises(Occupied, match="web"):
        start(roles=("web",))
    web.close()
    start(roles=("web",))


def test_a_start_that_failed_holds_nothing(start: Start) -> None:
    with pytest.raises(Refusal):
        start(shop(kind="telegraph"), roles=("web", "work"))
    hub = start(roles=("web", "work"))
    with hub.core.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(HistoryEntry)) == 0
