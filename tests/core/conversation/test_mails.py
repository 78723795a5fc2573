"""Mails are found by their ids, however long, and the nearest request comes first."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from hub.core.conversation import mails
from tests.core.conftest import Desk


def test_finds_requests_in_the_order_of_the_ids(desk: Desk) -> None:
    first, second = desk.open("first"), desk.open("second")
    long = f"<{'x' * 900}@example.org>"
    for request_id, message_id in ((first, "<a@x>"), (second, long), (None, "<nowhere@x>")):
        desk.do(mails.record, direction="in", message_id=message_id, request_id=request_id)
    with desk.database.reading() as session:
        assert mails.requests_of(session, ["<a@x>", long, "<nowhere@x>", ""]) == [first, second]
        assert mails.requests_of(session, [long, "", "<a@x>", long]) == [second, first]
        assert mails.requests_of(session, [f"<{'x' * 901}@example.org>"]) == []
        assert [mail.message_id for mail in mails.mails_of(session, first)] == ["<a@x>"]


def test_the_same_mail_is_kept_once(desk: Desk) -> None:
    request_id = desk.open()
    desk.do(mails.record, direction="in", message_id="<a@x>", request_id=request_id, digest="1")
    desk.do(mails.record, direction="in", message_id="<a@x>", request_id=request_id, digest="2")
    with pytest.raises(IntegrityError):
        desk.do(mails.record, direction="in", message_id="<a@x>", request_id=request_id, digest="1")


def test_of_one_id_in_two_requests_the_newest_counts(desk: Desk) -> None:
    first, second, third = desk.open("first"), desk.open("second"), desk.open("third")
    for request_id, message_id, digest in (
        (first, "<a@x>", "1"),
        (third, "<b@x>", "1"),
        (second, "<a@x>", "2"),
    ):
        desk.do(mails.record, direction="in", message_id=message_id, request_id=request_id, digest=digest)
    with desk.database.reading() as session:
        assert mails.requests_of(session, ["<a@x>", "<b@x>"]) == [second, first, third]
