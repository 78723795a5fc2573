"""Redmine, by the suite for trackers."""

from typing import Any

import pytest
from hub_redmine.plugin import plugin as redmine

from hub.testing import TrackerSuite


class TestRedmine(TrackerSuite):
    """All that the suite asks of a tracker."""

    # The rest is played by `hub plugin test` and `hub lab sync`.
    schedules = 4

    @pytest.fixture
    def plugin(self) -> Any:
        """The plugin."""
        return redmine
