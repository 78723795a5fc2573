"""What a Flow sends: a hint through the secret address, whose shape the administrator writes."""

import datetime as dt

import pytest

from hub.core.values import DeliveryValue, Hint, Refused, Retry

AT = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
ID = "5eb623f6a70571487ea47000"


def delivery(body, **headers):
    return DeliveryValue("key", headers, body.encode(), AT)


def test_each_change_there_comes_as_a_hint_about_its_item(linked):
    linked.there.deliveries()
    linked.there.edit(linked.ref, linked.there.accounts[1], "title", "New")
    linked.there.say(linked.ref, linked.there.accounts[1], "Hello")
    (sent,) = linked.there.deliveries()
    assert linked.tracker.verify(sent)
    assert list(linked.tracker.hints(sent)) == [Hint(linked.ref)]


def test_with_a_secret_only_its_bearer_is_believed(linked):
    for wrong in ("", "Bearer", "Bearer lab-hook", "Basic lab-hook-0123456789", "Bearer 中文"):
        assert not linked.tracker.verify(delivery("{}", authorization=wrong))
    assert linked.tracker.verify(delivery("{}", authorization="Bearer lab-hook-0123456789"))


def test_without_a_secret_the_secret_address_is_the_proof(bench):
    bench.there.secrets = {"client_secret": bench.there.secrets["client_secret"]}
    tracker = type(bench.tracker)(bench.tracker._client, bench.settings)
    assert tracker.verify(delivery("{}"))


@pytest.mark.parametrize(
    "body",
    [
        f'{{"id": "{ID}"}}',
        f'{{"work_item": {{"id": "{ID}", "title": "x", "assignee": {{"id": "somebody"}}}}}}',
        f'{{"workitem": {{"id": "{ID}"}}}}',
        f'{{"data": {{"payload": [{{"id": "{ID}"}}]}}}}',
        f'[{{"id": "{ID}"}}, {{"id": "{ID}"}}, 5, null]',
    ],
)
def test_any_shape_that_names_an_item_is_understood(linked, body):
    assert list(linked.tracker.hints(delivery(body))) == [Hint(ID)]


@pytest.mark.parametrize(
    "body", ["{}", "[]", "null", "7", '{"id": 7}', '{"id": ""}', '{"project": {"id": "x"}}']
)
def test_odd_messages_name_nothing(linked, body):
    assert list(linked.tracker.hints(delivery(body))) == []


def test_a_deep_or_broken_message_is_refused_not_crashed_on(linked):
    with pytest.raises(Refused):
        list(linked.tracker.hints(delivery("{")))
    assert list(linked.tracker.hints(delivery('{"data":' * 90 + "1" + "}" * 90))) == []


def test_short_ids_and_identifiers_lead_to_the_id_the_link_knows(linked):
    for named in ('{"short_id": "s1"}', '{"identifier": "RDD-1"}'):
        assert list(linked.tracker.hints(delivery(named))) == [Hint(linked.ref)]
    assert list(linked.tracker.hints(delivery('{"identifier": "RDD-99"}'))) == [Hint("RDD-99")]


def test_a_hint_is_kept_even_while_pingcode_is_down(linked):
    linked.http.down = 1
    assert list(linked.tracker.hints(delivery('{"short_id": "s1"}'))) == [Hint("s1")]
    with pytest.raises(Retry):
        linked.http.down = 1
        linked.tracker.fetch(linked.ref)
