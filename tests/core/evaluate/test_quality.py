"""The lot can be repeated by anybody, and nobody rates their own work."""

from __future__ import annotations

from hub.core.evaluate import quality
from hub.core.evaluate.models import QualitySample
from hub.core.values import Actor
from tests.core.conftest import Desk


def test_the_lot_falls_on_its_share_and_always_on_the_same() -> None:
    drawn = [n for n in range(10_000) if quality.is_drawn(f"uid-{n}", "seed", 10)]
    # Five standard deviations of a binomial share of 10 % in 10,000.
    assert 850 <= len(drawn) <= 1150
    assert drawn == [n for n in range(10_000) if quality.is_drawn(f"uid-{n}", "seed", 10)]
    assert drawn != [n for n in range(10_000) if quality.is_drawn(f"uid-{n}", "another seed", 10)]
    assert not any(quality.is_drawn(f"uid-{n}", "seed", 0) for n in range(100))
    assert all(quality.is_drawn(f"uid-{n}", "seed", 100) for n in range(100))


def sample(desk: Desk) -> QualitySample:
    request_id = desk.bring("evaluate")
    assert desk.do(quality.draw, desk.request(request_id), "seed", 100)
    return desk.all(QualitySample)[-1]


def test_a_rating_is_one_to_five_by_a_manager(desk: Desk) -> None:
    drawn = sample(desk)
    request = desk.request(drawn.request_id)
    for rating in (0, 6):
        assert desk.refused(quality.rate, desk.manager, drawn, request, rating) == "out_of_range"
    assert desk.refused(quality.rate, desk.member, drawn, request, 4) == "not_allowed"
    desk.do(quality.rate, desk.manager, drawn, request, 4, "tidy")
    (row,) = desk.all(QualitySample)
    assert (row.rating, row.rated_by, row.note) == (4, desk.manager.id, "tidy")


def test_nobody_rates_their_own_work(desk: Desk) -> None:
    drawn = sample(desk)
    request = desk.request(drawn.request_id)
    doer = Actor("person", desk.task(request.id).assignee_id, "manager", "the doer")
    assert desk.refused(quality.rate, doer, drawn, request, 5) == "own_work"
