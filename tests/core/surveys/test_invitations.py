"""Invited once, answered once; a look at the link records nothing."""

from __future__ import annotations

import datetime as dt
from functools import partial
from statistics import stdev

import pytest

from hub.core.evaluate import survey
from hub.core.history import HistoryEntry
from hub.core.surveys import invitations
from hub.core.surveys.models import SurveyAnswer, SurveyInvitation
from hub.core.surveys.scores import rate
from hub.core.values import SYSTEM, Actor, Refusal
from tests.core.conftest import Desk, at_once

DAYS = dt.timedelta(days=14)


def ask(desk: Desk, request_id: int) -> str:
    instrument = desk.core.registry.instruments()["csat"]
    token = desk.do(survey.ask, desk.member, desk.request(request_id), instrument, DAYS)
    assert token is not None
    return token


def answer(desk: Desk, token: str, satisfaction: int) -> SurveyAnswer:
    instrument = desk.core.registry.instruments()["csat"]
    contact = Actor("contact", desk.contact_id, "contact", "Li Hua")
    with desk.database.transaction() as session:
        now = desk.database.now()
        row = invitations.by_token(session, token, now, acting=True)
        return invitations.answer(session, now, contact, row, instrument, {"satisfaction": satisfaction})


def look_at(desk: Desk, token: str) -> str:
    with desk.database.reading() as session:
        try:
            invitations.by_token(session, token, desk.database.now())
        except Refusal as refusal:
            return refusal.message
    return "open"


def test_two_answers_at_once_make_one(desk: Desk) -> None:
    token = ask(desk, desk.bring("evaluate"))
    results = at_once(*[partial(answer, desk, token, score) for score in (1, 3, 5)])
    lost = [result.message for result in results if isinstance(result, Refusal)]
    assert lost == ["already_answered"] * 2
    assert desk.count(SurveyAnswer) == 1
    assert desk.count(HistoryEntry, HistoryEntry.verb == "survey_answered") == 1


def test_looking_changes_nothing_and_tells_what_the_link_is_worth(desk: Desk) -> None:
    token = ask(desk, desk.bring("evaluate"))
    before = desk.count(HistoryEntry)
    for _ in range(3):
        assert look_at(desk, token) == "open"
    assert (desk.count(HistoryEntry), desk.count(SurveyAnswer)) == (before, 0)
    assert look_at(desk, token + "x") == "link_unknown"
    desk.clock.advance(days=14)
    assert look_at(desk, token) == "link_expired"


def test_a_fresh_link_replaces_the_old_one_until_there_is_an_answer(desk: Desk) -> None:
    request_id = desk.bring("evaluate")
    old, new = ask(desk, request_id), ask(desk, request_id)
    assert (look_at(desk, old), look_at(desk, new)) == ("link_unknown", "open")
    answer(desk, new, 4)
    assert look_at(desk, new) == "already_answered"
    instrument = desk.core.registry.instruments()["csat"]
    assert desk.refused(survey.ask, SYSTEM, desk.request(request_id), instrument, DAYS) == "already_answered"


def test_only_the_hash_of_the_link_is_kept(desk: Desk) -> None:
    token = ask(desk, desk.bring("evaluate"))
    (row,) = desk.all(SurveyInvitation)
    assert token not in str({column.name: getattr(row, column.name) for column in row.__table__.columns})
    assert len(token) >= 22  # 128 bits and more


def test_an_answer_lets_the_request_go_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    promised: list[int] = []
    monkeypatch.setattr(invitations, "promise_look", lambda session, id: promised.append(id))
    request_id = desk.bring("evaluate")
    answer(desk, ask(desk, request_id), 5)
    assert promised == [request_id]


def test_a_score_comes_with_its_number_and_interval() -> None:
    nothing = rate([], asked=9)
    assert (nothing.mean, nothing.answered, nothing.asked) == (None, 0, 9)
    alone = rate([4.0], asked=9)
    assert (alone.mean, alone.low, alone.high, alone.answered) == (4.0, None, None, 1)
    # Mean 3, s = sqrt(2.5), t(4; 97.5 %) = 2.776: 3 ± 1.963.
    five = rate([1.0, 2.0, 3.0, 4.0, 5.0], asked=20)
    assert five.mean == 3.0
    assert (five.low, five.high) == (pytest.approx(1.037, abs=1e-3), pytest.approx(4.963, abs=1e-3))
    cut = rate([5.0, 5.0, 1.0], asked=3)
    assert (cut.low, cut.high) == (1.0, 5.0)
    # Beyond the table the quantile goes on falling towards 1.96: t(40) = 2.021.
    scores = [2.0, 4.0] * 20 + [3.0]
    many = rate(scores, asked=99)
    assert many.mean is not None
    assert many.low is not None
    assert (many.mean - many.low) * len(scores) ** 0.5 / stdev(scores) == pytest.approx(2.021, abs=0.01)
