"""DingTalk's robot: the suite for channels, and what only this robot wants."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from typing import Any

import dingtalk
import pytest

from hub.sdk import Off, OutgoingMessage, Retry
from hub.testing import ChannelSpecimen, ChannelSuite, SpyWire

AT = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)
MESSAGE = OutgoingMessage("1", AT, "", "VPN @13800000000", "")


class TestDingTalk(ChannelSuite):
    """The common suite, and the robot's own ways."""

    @pytest.fixture
    def plugin(self) -> Any:
        """The plugin."""
        return dingtalk.plugin

    def test_signs_time_and_key_by_the_key(self, channel: Any, wire: SpyWire) -> None:
        """Milliseconds, in the query; the other way round than its neighbour."""
        channel.send(MESSAGE)
        params = wire.calls[-1].params
        assert params["timestamp"] == str(int(AT.timestamp() * 1000))
        said = f"{params['timestamp']}\n{channel.key}".encode()
        assert (
            params["sign"]
            == base64.b64encode(hmac.new(channel.key.encode(), said, hashlib.sha256).digest()).decode()
        )
        assert json.loads(wire.calls[-1].body)["at"] == {"isAtAll": False}

    @pytest.mark.parametrize(
        ("why", "word"), [("keyword", "“Keyword”"), ("sign", "SEC"), ("time", "clock"), ("ip", "IP")]
    )
    def test_says_which_part_of_its_security_refuses(
        self, channel: Any, specimen: ChannelSpecimen, why: str, word: str
    ) -> None:
        """One code stands for all; the robot's words tell them apart."""
        specimen.codes = [why]  # type: ignore[attr-defined]
        with pytest.raises(Off) as off:
            channel.send(MESSAGE)
        assert word in off.value.text.en
        assert off.value.text.zh != off.value.text.en

    def test_says_so_where_its_words_tell_nothing(self, channel: Any) -> None:
        """Nothing is guessed."""
        with pytest.raises(Off) as off:
            channel.meant(310000, "description: no")
        assert "Compare" in off.value.text.en

    def test_waits_out_the_mute(self, channel: Any, specimen: ChannelSpecimen) -> None:
        """Ten minutes, for all that goes there."""
        specimen.codes = [130101]  # type: ignore[attr-defined]
        with pytest.raises(Retry) as retry:
            channel.send(MESSAGE)
        assert retry.value.after == dt.timedelta(minutes=10)

    def test_an_old_signature_is_none(self, channel: Any, specimen: ChannelSpecimen) -> None:
        """A clock two hours behind is said."""
        with pytest.raises(Off) as off:
            channel.send(OutgoingMessage("1", AT - dt.timedelta(hours=2), "", "VPN", ""))
        assert "clock" in off.value.text.en
        assert specimen.received() == []
