"""The suite for kinds of intake: genuine or not, readable or not, and never anything else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.registry.answers import misfit
from hub.core.values import DeliveryValue, Draft, Http, HttpAnswer, Refused, Source, SourceKind
from hub.testing.plugin import PluginSuite, assert_bilingual
from hub.testing.pure import assert_pure
from hub.testing.rules import hypothetical

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


class NoHttp(Http):
    """A way out that leads nowhere: intake by delivery needs none."""

    def send(self, method: str, url: str, **_more: Any) -> HttpAnswer:
        """Fail: this call was not expected."""
        raise AssertionError(f"{method} {url} was not expected")

    def connect(self, host: str, port: int, seconds: float | None = None) -> NoReturn:
        """Fail: this call was not expected."""
        raise AssertionError(f"{host}:{port} was not expected")

    def tls(self) -> NoReturn:
        """Fail: this call was not expected."""
        raise AssertionError("TLS was not expected")


class SourceSuite(PluginSuite):
    """Subclass it and give the fixtures ``plugin`` and ``genuine``; ``settings``, ``secrets`` if needed."""

    @pytest.fixture
    def genuine(self) -> DeliveryValue:
        """A delivery as the far side would send it."""
        raise NotImplementedError("give a fixture named genuine")

    @pytest.fixture
    def settings(self) -> Mapping[str, Any]:
        """The connection's settings, as they come from the configuration."""
        return {}

    @pytest.fixture
    def secrets(self) -> Mapping[str, str]:
        """The connection's secrets."""
        return {}

    @pytest.fixture
    def kind(self, plugin: Any) -> SourceKind:
        """The kind under test: the first one the plugin offers."""
        kind: SourceKind = plugin.identify_sources()[0]
        return kind

    @pytest.fixture
    def source(self, kind: SourceKind, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Source:
        """An open connection."""
        return kind.open(kind.settings.model_validate(settings), secrets, NoHttp(), {})

    def test_offers_kinds_that_fit(self, plugin: Any) -> None:
        """Of the promised type, titled in both languages."""
        kinds = self.ask_kinds(plugin)
        assert kinds
        assert_bilingual(kinds)

    def ask_kinds(self, plugin: Any) -> Any:
        """The kinds on offer, checked like the hub checks them."""
        kinds = plugin.identify_sources()
        assert misfit(kinds, tuple[SourceKind, ...]) is None, misfit(kinds, tuple[SourceKind, ...])
        return kinds

    def test_titles_every_setting(self, kind: SourceKind) -> None:
        """The hub draws the form of settings from the model."""
        untitled = [name for name, field in kind.settings.model_fields.items() if not field.title]
        assert untitled == []

    def test_asks_each_question_once_in_both_languages(
        self, kind: SourceKind, settings: Mapping[str, Any]
    ) -> None:
        """A kind with a form says what the form asks."""
        if kind.questions is None:
            pytest.skip("has no form")
        asked = kind.questions(kind.settings.model_validate(settings))
        assert_bilingual(asked)
        assert len({question.key for question in asked}) == len(asked) > 0

    def test_is_ready_and_says_so_in_both_languages(self, source: Source) -> None:
        """*Test connection* with good settings."""
        checked = source.check()
        assert checked.ok
        assert_bilingual(checked.text)

    def test_accepts_what_is_genuine(self, source: Source, genuine: DeliveryValue) -> None:
        """And looks neither at the clock nor at anything but the delivery."""
        assert assert_pure(source.verify, genuine) is True

    def test_refuses_a_changed_body(self, kind: SourceKind, source: Source, genuine: DeliveryValue) -> None:
        """Wherever the change is."""
        if kind.inbound != "hook":
            pytest.skip("has no public hook")
        body = genuine.body
        for place in {0, len(body) // 2, len(body) - 1}:
            changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
            assert source.verify(replace(genuine, body=changed)) is False
        assert source.verify(replace(genuine, body=body + b" ")) is False
        assert source.verify(replace(genuine, body=b"")) is False

    def test_refuses_what_is_not_signed(
        self, kind: SourceKind, source: Source, genuine: DeliveryValue
    ) -> None:
        """A body without its headers proves nothing."""
        if kind.inbound != "hook":
            pytest.skip("has no public hook")
        assert source.verify(replace(genuine, headers={})) is False

    @given(body=st.binary(max_size=60), garbage=st.text(max_size=30))
    @hypothetical
    def test_says_no_to_garbage_instead_of_raising(
        self, kind: SourceKind, source: Source, genuine: DeliveryValue, body: bytes, garbage: str
    ) -> None:
        """Whatever stands in body and headers."""
        if kind.inbound != "hook":
            pytest.skip("has no public hook")
        headers = dict.fromkeys(genuine.headers, garbage)
        assert source.verify(replace(genuine, headers=headers, body=body)) is False
        for name in genuine.headers:
            assert (
                source.verify(replace(genuine, headers={**genuine.headers, name: garbage}, body=body))
                is False
            )

    def test_makes_keyed_drafts(self, source: Source, genuine: DeliveryValue) -> None:
        """The same delivery gives the same drafts, each with a key and a title."""
        drafts = assert_pure(lambda: tuple(source.drafts(genuine)))
        assert drafts
        assert misfit(drafts, tuple[Draft, ...]) is None, misfit(drafts, tuple[Draft, ...])
        assert all(draft.key and draft.title.strip() for draft in drafts)
        assert len({draft.key for draft in drafts}) == len(drafts)

    @given(body=st.binary(max_size=60) | anything.map(lambda value: json.dumps(value).encode()))
    @hypothetical
    def test_reads_or_refuses_any_body(self, source: Source, genuine: DeliveryValue, body: bytes) -> None:
        """What cannot be read is ``Refused`` with a reason; no other error leaves the plugin."""
        reason = "read"
        drafts: tuple[Draft, ...] = ()
        try:
            drafts = tuple(source.drafts(replace(genuine, body=body)))
        except Refused as refused:
            reason = refused.reason
        assert reason
        assert misfit(drafts, tuple[Draft, ...]) is None, misfit(drafts, tuple[Draft, ...])
