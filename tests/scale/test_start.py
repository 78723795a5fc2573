"""Processes of one hub that start at the same moment on an empty PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from hub.core.calendar.models import Calendar
from hub.core.connections.models import Connection
from hub.core.migrations import current, head
from tests.scale.conftest import BIN, Site

pytestmark = pytest.mark.parametrize("empty_database_url", ["postgres16", "postgres18"], indirect=True)


def test_many_first_starts_at_once_make_one_hub(site: Site) -> None:
    site.configure()
    starts = [site.start(str(BIN / "hub"), "migrate") for _ in range(4)]
    assert [process.wait(60) for process in starts] == [0] * 4, site.said()
    with site.core() as hub, hub.core.database.reading() as session:
        assert current(hub.core.database) == head()
        assert sorted(session.scalars(select(Connection.name))) == ["desk", "shop", "tracker"]
        assert session.scalar(select(func.count()).select_from(Calendar)) == 1
