"""A file by a signed link: as it came to a tracker that takes no files, without an account here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from hub.app import Hub, build
from hub.config import load
from hub.core.connections.models import Connection
from hub.core.execute import sync
from hub.core.execute.sync.tables import TableStore
from hub.core.files import Attachment, attach
from hub.core.values import SYSTEM
from hub.core.work.models import Task
from hub.lab.pair import HandClock
from tests.core.execute.sync.conftest import SETTINGS, make_pair

PAPER = b"<script>alert(1)</script>"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    """A hub that people outside can reach."""
    config = tmp_path / "config.toml"
    config.write_text('[hub]\npublic_url = "https://hub.example.org"\n')
    built = build(load(config, {"HUB_DATA": str(tmp_path / "data")}), {})
    built.core.database.clock = HandClock()
    yield built
    built.close()


@pytest.fixture
def told(hub: Hub, open_request: Callable[..., str], signed_in: Callable[..., FlaskClient]) -> str:
    """What stands at a tracker without files after a round for a task with one public file."""
    signed_in("administrator", "Root")  # a hub without anybody is still being set up
    open_request(stage="execute", tasks=1)
    core, now = hub.core, hub.core.database.now()
    with core.database.transaction() as session:
        task = session.scalars(select(Task)).one()
        row = Connection(name="Defects", family="tracker", kind="sandbox", slug="d", settings={})
        session.add(row)
        session.flush()
        link_id = sync.link_task(session, now, SYSTEM, task, row, None).id
        stored = core.files.put(PAPER)
        attach(session, stored, "报价 offer.html", ("tasks", task.id), SYSTEM, now, public=True)

    def store(_database: Any, _link: int) -> TableStore:
        return TableStore(core.database, link_id, files=core.files)

    pair = make_pair(store(None, 0), clock=core.database.clock)
    pair.tracker.capabilities = pair.tracker.capabilities - {"files"}
    opener: Any = SimpleNamespace(
        by_id=lambda _id: SimpleNamespace(kind="sandbox", settings=SETTINGS, object=pair.tracker)
    )
    outcome = sync.run_round(core.database, opener, link_id, make_store=store, sharing=core.sharing)
    assert outcome is not None
    assert outcome.state == "settled"
    (comment,) = pair.item()["comments"]
    pair.close()
    return str(comment["text"])


def path_in(told: str) -> str:
    found = re.search(r"<https://hub\.example\.org(/d/[^>]+)>", told)
    assert found is not None
    return found[1]


def test_the_link_gives_the_file_to_whoever_has_it_and_never_as_a_page(
    client: FlaskClient, told: str
) -> None:
    assert "`报价 offer.html`" in told
    sent = client.get(path_in(told))
    assert sent.data == PAPER
    assert sent.mimetype == "text/plain"
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert sent.headers["Referrer-Policy"] == "no-referrer"


def test_a_link_that_ended_says_so(hub: Hub, client: FlaskClient, told: str) -> None:
    hub.core.database.clock.forward(days=91)  # type: ignore[attr-defined]
    answer = client.get(path_in(told))
    assert answer.status_code == 410
    assert "This link has expired." in answer.get_data(as_text=True)


def test_a_link_nobody_made_and_one_to_a_file_that_is_internal_now_are_unknown(
    hub: Hub, client: FlaskClient, told: str
) -> None:
    assert client.get(path_in(told)[:-1] + "0").status_code == 404
    with hub.core.database.transaction() as session:
        session.scalars(select(Attachment)).one().public = False
    assert client.get(path_in(told)).status_code == 404


def test_a_hub_that_nobody_outside_can_reach_makes_no_links(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("")
    built = build(load(config, {"HUB_DATA": str(tmp_path / "other")}), {})
    assert built.core.sharing is None
    built.close()
