"""The mail plugin passes the suites for what it offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hub.plugins.email.plugin import plugin
from hub.testing import ChannelSuite


class TestMailOut(ChannelSuite):
    @pytest.fixture
    def plugin(self) -> Any:
        return plugin

    @pytest.fixture
    def settings(self) -> Mapping[str, Any]:
        return {"host": "smtp.example.org", "sender": "support@example.org", "username": "support"}

    @pytest.fixture
    def secrets(self) -> Mapping[str, str]:
        return {"password": "words"}
