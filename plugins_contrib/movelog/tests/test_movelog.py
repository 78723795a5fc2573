"""The move log."""

import datetime as dt
import logging
from typing import Any

import movelog
import pytest

from hub.sdk import Moved, RequestValue
from hub.testing import PluginSuite

NOW = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
REQUEST = RequestValue(12, "SR-12", "VPN", "", "assign", "open", 3, "network", "form", NOW, None, None)


class TestMoveLog(PluginSuite):
    """The common suite, and what the move log is for."""

    @pytest.fixture
    def plugin(self) -> Any:
        """The move log."""
        return movelog.plugin

    def test_writes_one_line_for_a_move(self, plugin: Any, caplog: pytest.LogCaptureFixture) -> None:
        """Which request, from where, to where."""
        with caplog.at_level(logging.INFO, "movelog"):
            plugin.workflow_moved(Moved(REQUEST, "identify", "assign", NOW))
        assert caplog.messages == ["SR-12 moved: identify -> assign"]
