"""Gitea and Forgejo, by the suite for trackers."""

from typing import Any

import pytest
from hub_gitea.plugin import plugin as gitea

from hub.testing import TrackerSuite


class TestGitea(TrackerSuite):
    """All that the suite asks of a tracker."""

    # The rest is played by `hub plugin test` and `hub lab sync`.
    schedules = 4

    @pytest.fixture
    def plugin(self) -> Any:
        """The plugin."""
        return gitea
