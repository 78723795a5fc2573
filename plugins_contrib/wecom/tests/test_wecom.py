"""WeCom's robot: the suite for channels, and what only this robot wants."""

import datetime as dt
from typing import Any

import pytest
import wecom

from hub.sdk import Off, OutgoingMessage, Refused
from hub.testing import ChannelSpecimen, ChannelSuite

AT = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)


class TestWeCom(ChannelSuite):
    """The common suite, and the robot's own ways."""

    @pytest.fixture
    def plugin(self) -> Any:
        """The plugin."""
        return wecom.plugin

    @pytest.mark.parametrize(
        "text", ["工单" * 2000, "a" + "工" * 3000, "一行工单\n" * 500, "x" * 2049, "😀" * 600]
    )
    def test_cuts_by_bytes_at_the_edge_of_a_character(
        self, channel: Any, specimen: ChannelSpecimen, text: str
    ) -> None:
        """The robot counts bytes, and refuses what is one too long."""
        channel.send(OutgoingMessage("1", AT, "", text, ""))
        (arrived,) = specimen.received()
        assert arrived.endswith("…")
        assert 1800 < len(arrived.encode()) <= 2048
        assert text.startswith(arrived.removesuffix("…").rstrip("\n"))

    def test_leaves_alone_what_just_fits(self, channel: Any, specimen: ChannelSpecimen) -> None:
        """2,048 bytes are taken."""
        channel.send(OutgoingMessage("1", AT, "", "工" * 682 + "ab", ""))
        assert specimen.received() == ["工" * 682 + "ab"]

    def test_calls_nobody(self, channel: Any, specimen: ChannelSpecimen) -> None:
        """Whoever writes a title cannot call a colleague."""
        channel.send(OutgoingMessage("1", AT, "", "<@zhangsan> <@all>", ""))
        assert "<@" not in specimen.received()[0]

    def test_says_that_the_robot_is_gone(self, channel: Any, specimen: ChannelSpecimen) -> None:
        """And blames a message only for itself."""
        specimen.codes = [93000, 40058]  # type: ignore[attr-defined]
        with pytest.raises(Off):
            channel.send(OutgoingMessage("1", AT, "", "VPN", ""))
        with pytest.raises(Refused):
            channel.send(OutgoingMessage("1", AT, "", "VPN", ""))
