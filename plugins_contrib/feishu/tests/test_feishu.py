"""Feishu's bot: the suite for channels, and what only this bot wants."""

import base64
import datetime as dt
import hashlib
import hmac
import json
from typing import Any

import feishu
import pytest

from hub.sdk import Off, OutgoingMessage, Retry, Unclear
from hub.testing import ChannelSpecimen, ChannelSuite, SpyWire

AT = dt.datetime(2026, 3, 4, 12, tzinfo=dt.UTC)


class TestFeishu(ChannelSuite):
    """The common suite, and the bot's own ways."""

    @pytest.fixture
    def plugin(self) -> Any:
        """The plugin."""
        return feishu.plugin

    def said(self, channel: Any, wire: SpyWire, text: str = "VPN") -> Any:
        """What goes over the wire for a text."""
        channel.send(OutgoingMessage("1", AT, "", text, ""))
        return json.loads(wire.calls[-1].body)

    def test_signs_an_empty_message_by_time_and_key(self, channel: Any, wire: SpyWire) -> None:
        """Seconds, in the body; the classic mistake is to swap key and message."""
        body = self.said(channel, wire)
        assert body["timestamp"] == str(int(AT.timestamp()))
        key = f"{body['timestamp']}\n{channel.key}".encode()
        assert body["sign"] == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
        assert "sign" not in wire.calls[-1].url

    def test_makes_links_of_links_and_texts_of_mentions(self, channel: Any, wire: SpyWire) -> None:
        """Whoever writes a title cannot call the whole group."""
        body = self.said(channel, wire, 'SR-1 <at user_id="all">all</at> https://hub.example/requests/SR-1 !')
        (line,) = body["content"]["post"]["zh_cn"]["content"]
        assert [part["tag"] for part in line] == ["text", "a", "text"]
        assert line[1]["href"] == "https://hub.example/requests/SR-1"
        assert "<at" not in json.dumps(line)
        assert "</at" not in json.dumps(line)

    def test_puts_the_keyword_above(
        self, kind: Any, specimen: ChannelSpecimen, wire: SpyWire, settings: Any, secrets: Any
    ) -> None:
        """A bot with keywords takes the message then."""
        specimen.keywords = ("工单",)  # type: ignore[attr-defined]
        with pytest.raises(Off) as off:
            self.opened(kind, settings, secrets, wire).send(OutgoingMessage("1", AT, "", "VPN", ""))
        assert "“Keyword”" in off.value.text.en
        self.opened(kind, {**settings, "keyword": "工单"}, secrets, wire).send(
            OutgoingMessage("1", AT, "", "VPN", "")
        )
        assert specimen.received() == ["工单\nVPN"]

    @pytest.mark.parametrize("code", [19001, 19021, 19022, 19024])
    def test_says_what_to_do_where_the_set_up_is_wrong(
        self, channel: Any, specimen: ChannelSpecimen, code: int
    ) -> None:
        """In both languages; the connection is turned off."""
        specimen.codes = [code]  # type: ignore[attr-defined]
        with pytest.raises(Off) as off:
            channel.send(OutgoingMessage("1", AT, "", "VPN", ""))
        assert off.value.text.zh
        assert off.value.text.en != off.value.text.zh

    def test_is_told_by_another_hour_that_the_clock_is_wrong(
        self, channel: Any, specimen: ChannelSpecimen
    ) -> None:
        """A signature of two hours ago is none."""
        with pytest.raises(Off) as off:
            channel.send(OutgoingMessage("1", AT - dt.timedelta(hours=2), "", "VPN", ""))
        assert "clock" in off.value.text.en
        assert specimen.received() == []

    @pytest.mark.parametrize("mood", ["html", "empty", "large", "list", "no code"])
    def test_takes_nonsense_for_neither_yes_nor_no(
        self, channel: Any, specimen: ChannelSpecimen, mood: str
    ) -> None:
        """What may have arrived is not sent twice."""
        specimen.moods = [mood]  # type: ignore[attr-defined]
        with pytest.raises(Unclear):
            channel.send(OutgoingMessage("1", AT, "", "VPN", ""))

    @pytest.mark.parametrize("code", [11232, 99])
    def test_waits_where_the_bot_is_busy_or_says_what_nobody_knows(
        self, channel: Any, specimen: ChannelSpecimen, code: int
    ) -> None:
        """Nothing was taken, and nothing is guessed."""
        specimen.codes = [code]  # type: ignore[attr-defined]
        with pytest.raises(Retry) as retry:
            channel.send(OutgoingMessage("1", AT, "", "VPN", ""))
        assert type(retry.value) is Retry
        assert str(code) in retry.value.reason

    @pytest.mark.parametrize(
        "address",
        [
            "", "hook", "http://open.feishu.cn/open-apis/bot/v2/hook/a-token", "https://[::1/open-apis/",
            "https://open.feishu.cn.evil.example/open-apis/bot/v2/hook/a-token",
            "https://open.feishu.cn@evil.example/open-apis/bot/v2/hook/a-token",
            "https://evil.example/open-apis/bot/v2/hook/a-token", "https://open.feishu.cn/other/a-token",
        ],
    )  # fmt: skip
    def test_goes_to_no_other_host(self, kind: Any, wire: SpyWire, address: str) -> None:
        """A wrong address is said in one sentence, without a call."""
        channel = self.opened(kind, {}, {"webhook_address": address}, wire)
        with pytest.raises(Off):
            channel.send(OutgoingMessage("1", AT, "", "VPN", ""))
        assert "https://open.feishu.cn/open-apis/bot/v2/hook/" in channel.check().text.en
        assert wire.calls == []
