"""The suite for kinds of intake: genuine or not, readable or not, and never anything else."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.registry.answers import misfit
from hub.core.values import DeliveryValue, Draft, Refused, Retry, Source, SourceKind
from hub.lab.specimens import IntakeSpecimen, specimen_of
from hub.testing.areas import area, exempt
from hub.testing.away import Away, NoHttp
from hub.testing.genuine import compares_in_constant_time, tampered
from hub.testing.plugin import PluginSuite, assert_bilingual
from hub.testing.pure import assert_pure
from hub.testing.rules import hypothetical
from hub.testing.storable import spoilt, storable

START = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


class SourceSuite(PluginSuite):
    """Subclass it and give a fixture ``plugin``.

    The sender comes from the entry point ``hub.specimens``; or give ``genuine``, ``settings``, ``secrets``.
    """

    @pytest.fixture
    def specimen(self, kind: SourceKind) -> IntakeSpecimen | None:
        """The sender, where an entry point names one."""
        try:
            found: IntakeSpecimen = specimen_of(kind.name)
        except LookupError:
            return None
        return found

    @pytest.fixture
    def genuine(self, specimen: IntakeSpecimen | None) -> DeliveryValue:
        """A delivery as the far side would send it."""
        assert specimen is not None, "give a fixture named genuine, or an entry point of hub.specimens"
        return specimen.genuine()

    @pytest.fixture
    def settings(self, specimen: IntakeSpecimen | None) -> Mapping[str, Any]:
        """The connection's settings, as they come from the configuration."""
        return specimen.settings if specimen else {}

    @pytest.fixture
    def secrets(self, specimen: IntakeSpecimen | None) -> Mapping[str, str]:
        """The connection's secrets."""
        return specimen.secrets if specimen else {}

    @pytest.fixture
    def kind(self, plugin: Any) -> SourceKind:
        """The kind under test: the first one the plugin offers."""
        kind: SourceKind = plugin.identify_sources()[0]
        return kind

    @pytest.fixture
    def source(self, kind: SourceKind, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Source:
        """An open connection."""
        return kind.open(kind.settings.model_validate(settings), secrets, NoHttp(), {})

    @pytest.fixture
    def hook(self, kind: SourceKind, specimen: IntakeSpecimen | None) -> str:
        """What proves a delivery (``body`` or ``token``); exempt where nothing does, or nobody can post."""
        proof = specimen.signature if specimen else "body"
        if kind.inbound != "hook" or proof == "none":
            exempt("a signed hook")
        return proof

    @area("texts")
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

    @area("texts")
    def test_titles_every_setting(self, kind: SourceKind) -> None:
        """The hub draws the form of settings from the model."""
        fields = kind.settings.model_fields.items()
        untitled = [name for name, field in fields if not field.title and name not in kind.secrets]
        assert untitled == []

    @area("texts")
    def test_asks_each_question_once_in_both_languages(
        self, kind: SourceKind, settings: Mapping[str, Any]
    ) -> None:
        """A kind with a form says what the form asks."""
        if kind.questions is None:
            exempt("a form")
        asked = kind.questions(kind.settings.model_validate(settings))
        assert_bilingual(asked)
        assert len({question.key for question in asked}) == len(asked) > 0

    @area("texts")
    def test_is_ready_and_says_so_in_both_languages(self, kind: SourceKind, source: Source) -> None:
        """*Test connection* with good settings."""
        if kind.inbound == "poll":
            exempt("a far side that is not asked")
        checked = source.check()
        assert checked.ok
        assert_bilingual(checked.text)

    @area("retries")
    @pytest.mark.parametrize("error", [Retry("nobody answers"), Refused("not public")])
    def test_says_that_the_far_side_is_away(
        self,
        kind: SourceKind,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        error: Retry | Refused,
    ) -> None:
        """A source that is asked: *Test connection* says so in words, a look hands the error on."""
        if kind.inbound != "poll":
            exempt("a far side that is asked")
        source: Any = kind.open(kind.settings.model_validate(settings), secrets, Away(error), {})
        checked = source.check()
        assert not checked.ok
        assert_bilingual(checked.text)
        with pytest.raises(type(error)):
            list(source.collect({}, dt.date(2026, 3, 1)))
        assert source.verify(DeliveryValue("1", {}, b"", START)) is False, "nobody may post into it"

    @area("genuine")
    def test_accepts_what_is_genuine(self, kind: SourceKind, source: Source, genuine: DeliveryValue) -> None:
        """And looks neither at the clock nor at anything but the delivery."""
        if kind.inbound == "poll":
            exempt("deliveries from outside")
        assert assert_pure(source.verify, genuine) is True

    @area("genuine")
    def test_accepts_the_old_secret_beside_the_new(
        self, kind: SourceKind, settings: Mapping[str, Any], secrets: Mapping[str, str],
        specimen: IntakeSpecimen | None,
    ) -> None:  # fmt: skip
        """While a secret is replaced the sender signs with both, in whatever order."""
        if specimen is None or not hasattr(specimen, "rotated"):
            exempt("several signatures")
        source = kind.open(kind.settings.model_validate(settings), secrets, NoHttp(), {})
        for delivery in specimen.rotated():
            assert source.verify(delivery) is True, "one of several signatures fits, and was not believed"

    @area("genuine")
    def test_refuses_what_was_changed(self, source: Source, genuine: DeliveryValue, hook: str) -> None:
        """Wherever the change is, even where it means the same; and a body without its headers."""
        for part, false in tampered(genuine):
            if hook == "token" and part == "body":
                continue  # a bearer token says who sends, not what
            assert source.verify(false) is False, f"a delivery with {part} changed was believed"

    @area("genuine")
    def test_refuses_what_was_signed_long_ago(
        self, source: Source, specimen: IntakeSpecimen | None, genuine: DeliveryValue, hook: str
    ) -> None:
        """Whoever has kept an old delivery cannot send it again."""
        if specimen is None or not specimen.expires:
            exempt("a signed time")
        for days in (-1, 1):
            late = replace(genuine, received_at=genuine.received_at + dt.timedelta(days=days))
            assert source.verify(late) is False, "a delivery was believed a day from its time"

    @area("genuine")
    def test_compares_signatures_in_constant_time(
        self, source: Source, genuine: DeliveryValue, hook: str
    ) -> None:
        """Otherwise the time of the answer tells how much of a forged one was right."""
        assert compares_in_constant_time(source.verify, genuine), "the signature is compared by =="

    @area("genuine")
    def test_believes_nothing_without_a_secret(
        self, kind: SourceKind, settings: Mapping[str, Any], secrets: Mapping[str, str],
        specimen: IntakeSpecimen | None, genuine: DeliveryValue, hook: str,
    ) -> None:  # fmt: skip
        """A connection whose secret was never set, even if somebody signs with an empty one."""
        opened = kind.open(kind.settings.model_validate(settings), dict.fromkeys(secrets, ""), NoHttp(), {})
        assert opened.verify(genuine) is False
        if specimen is not None and hasattr(specimen, "forged"):
            assert opened.verify(specimen.forged()) is False, "signed with an empty key, it was believed"

    @area("genuine")
    @given(body=st.binary(max_size=60), garbage=st.text(max_size=30))
    @hypothetical
    def test_says_no_to_garbage_instead_of_raising(
        self, source: Source, genuine: DeliveryValue, hook: str, body: bytes, garbage: str
    ) -> None:
        """Whatever stands in body and headers."""
        headers = dict.fromkeys(genuine.headers, garbage)
        assert source.verify(replace(genuine, headers=headers, body=body)) is False
        for name in genuine.headers if hook == "body" else ():
            one = {**genuine.headers, name: garbage}
            assert source.verify(replace(genuine, headers=one, body=body)) is False

    @area("purity")
    def test_makes_keyed_drafts(self, source: Source, genuine: DeliveryValue) -> None:
        """The same delivery gives the same drafts, each with a key and a title."""
        drafts = assert_pure(lambda: tuple(source.drafts(genuine)))
        assert drafts
        assert misfit(drafts, tuple[Draft, ...]) is None, misfit(drafts, tuple[Draft, ...])
        assert all(draft.key and draft.title.strip() for draft in drafts)
        assert len({draft.key for draft in drafts}) == len(drafts)

    @area("restart")
    def test_knows_a_message_that_comes_again(self, source: Source, genuine: DeliveryValue) -> None:
        """Delivered once more later, it has the same keys: one request, not two."""
        later = replace(genuine, received_at=genuine.received_at + dt.timedelta(hours=1))
        assert [one.key for one in source.drafts(genuine)] == [one.key for one in source.drafts(later)]

    @area("reading")
    def test_tells_two_messages_of_one_sender_apart(
        self, specimen: IntakeSpecimen | None, source: Source, genuine: DeliveryValue
    ) -> None:
        """Two wishes of one person are two requests: their drafts have keys of their own."""
        if specimen is None or not hasattr(specimen, "another"):
            exempt("a second message of the specimen's")
        first, second = ({draft.key for draft in source.drafts(one)} for one in (genuine, specimen.another()))
        assert not first & second, "a second message has the key of the first: it would be lost"

    @area("reading")
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
        assert all(storable(draft.title) and storable(draft.body) for draft in drafts)

    @area("reading")
    def test_lets_nothing_through_that_no_database_stores(
        self, source: Source, genuine: DeliveryValue
    ) -> None:
        """JSON can spell a zero byte and half a surrogate pair in any text."""
        for body in spoilt(genuine.body):
            with suppress(Refused):
                for draft in source.drafts(replace(genuine, body=body)):
                    texts = (draft.key, draft.title, draft.body, draft.contact_name, *draft.labels)
                    assert all(map(storable, texts)), f"{body!r} made {draft!r}"

    @area("secrets")
    def test_shows_no_secret(
        self, source: Source, secrets: Mapping[str, str], genuine: DeliveryValue,
        caplog: pytest.LogCaptureFixture,
    ) -> None:  # fmt: skip
        """Neither in a log nor in a repr nor in a reason."""
        if not secrets:
            exempt("secrets")
        caplog.set_level(logging.DEBUG)
        shown = [repr(source), str(source)]
        for body in (genuine.body, b"", b"[1]", b"{}"):
            given = replace(genuine, body=body)
            source.verify(given)
            try:
                shown += [repr(draft) for draft in source.drafts(given)]
            except Refused as refused:
                shown.append(refused.reason)
        shown += [record.getMessage() for record in caplog.records]
        assert not [text for text in shown for one in secrets.values() if one in text], "a secret is shown"

    @area("restart")
    def test_mixes_up_no_two_connections(
        self, kind: SourceKind, settings: Mapping[str, Any], secrets: Mapping[str, str],
        source: Source, genuine: DeliveryValue, hook: str,
    ) -> None:  # fmt: skip
        """One with another secret says no, the first still yes."""
        strange = {name: value[:-8] + "A" * 8 for name, value in secrets.items()}
        other = kind.open(kind.settings.model_validate(settings), strange, NoHttp(), {})
        assert [source.verify(genuine), other.verify(genuine), source.verify(genuine)] == [True, False, True]
