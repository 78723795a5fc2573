"""Finding by words, on both databases' own indexes."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from hub.core import search
from hub.core.database import Database
from hub.core.search.grams import folded
from hub.core.values import SYSTEM
from hub.core.work.requests import create_request

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def open_request(database: Database, title: str, body: str = "") -> int:
    with database.transaction() as session:
        made = create_request(session, NOW, SYSTEM, title=title, body=body)
        return made.id


def put(database: Database, number: int, *parts: str) -> bool:
    with database.transaction() as session:
        return bool(search.put(session, {number: parts}))


def found(database: Database, query: str) -> set[int]:
    with database.reading() as session:
        return set(session.scalars(search.matching(session.get_bind().dialect.name, query)))


@pytest.fixture
def numbers(database: Database) -> list[int]:
    """Three requests that can be found."""
    made = [open_request(database, f"r{n}") for n in range(3)]
    put(database, made[0], "VPN 登录失败", "每天早上断线，重启后恢复。")
    put(database, made[1], "Payroll export fails", 'Log: SR-12, O\'Brien says 100% "broken"')
    put(database, made[2], "登陆艇失火败露", "網絡連線中斷")
    return made


@pytest.mark.parametrize(
    ("query", "which"),
    [
        ("登录", {0}),
        ("失败", {0}),
        ("登", {0, 2}),
        ("败", {0, 2}),
        ("登录失败", {0}),
        ("断线 重启", {0}),
        ("vpn登录", set()),
        ("VPN 登录", {0}),
        ("网络连线", {2}),
        ("網絡", {2}),
        ("pay", {1}),
        ("PAYROLL exp", {1}),
        ("roll", set()),
        ("o'brien", {1}),
        ("100%", {1}),
        ('"broken"', {1}),
        ("sr-12", {1}),
        ("sr_12", set()),
        ("%", {1}),
        ("& | ! : * ( )", set()),
        ("", set()),
        ("   ", set()),
    ],
)
def test_every_word_of_the_query_is_found(
    database: Database, numbers: list[int], query: str, which: set[int]
) -> None:
    assert found(database, query) == {numbers[one] for one in which}


def test_pairs_that_stand_apart_are_no_word(database: Database) -> None:
    number = open_request(database, "r")
    put(database, number, "登录页面。录失物。失败了")
    assert found(database, "登录失败") == set()
    assert found(database, "登录") == {number}


def test_a_changed_text_is_found_by_its_new_words_alone(database: Database, numbers: list[int]) -> None:
    assert put(database, numbers[0], "打印机卡纸")
    assert not put(database, numbers[0], "打印机卡纸")
    assert found(database, "登录") == set()
    assert found(database, "打印") == {numbers[0]}


def test_what_is_not_known_or_out_of_date_is_missing(database: Database, numbers: list[int]) -> None:
    from hub.core.work.models import ServiceRequest

    new = open_request(database, "new")
    with database.transaction() as session:
        search.outdated(session, select(ServiceRequest.id).where(ServiceRequest.id == numbers[1]))
    with database.reading() as session:
        assert search.missing(session, ServiceRequest.id, 10) == [new, numbers[1]]
        assert len(search.missing(session, ServiceRequest.id, 1)) == 1
    put(database, new, "new")
    put(database, numbers[1], "Payroll export fails", 'Log: SR-12, O\'Brien says 100% "broken"')
    with database.reading() as session:
        assert search.missing(session, ServiceRequest.id, 10) == []


def test_the_full_text_index_stays_sound(database: Database, numbers: list[int]) -> None:
    if not database.is_sqlite:
        return
    put(database, numbers[0], "打印机")
    with database.transaction() as session:
        session.execute(text("INSERT INTO search_index (search_index) VALUES ('integrity-check')"))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    documents=st.lists(st.text("登录失败 ab-'\"*%\\_&|:()", max_size=20), min_size=3, max_size=3),
    query=st.text("登录失败 ab-'\"*%\\_&|:()", min_size=1, max_size=6),
)
def test_finds_a_query_of_chinese_words_just_where_it_stands(
    database: Database, numbers: list[int], documents: list[str], query: str
) -> None:
    for number, document in zip(numbers, documents, strict=True):
        put(database, number, document)
    words = folded(query).split()
    stands = {
        number
        for number, document in zip(numbers, documents, strict=True)
        if words and all(word in folded(document) for word in words)
    }
    got = found(database, query)
    assert got <= stands
    if not any(char.isascii() and char.isalpha() for char in query):
        assert got == stands
