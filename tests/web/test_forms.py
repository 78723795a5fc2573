"""Numbers and days as they are typed into forms and addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from hub.web.forms import row_number


@given(st.integers(0, 10**15 - 1))
def test_reads_the_number_of_a_row(number: int) -> None:
    assert row_number(str(number)) == number


@pytest.mark.parametrize("text", [None, "", "-1", "1.0", "²", "٣", "9" * 400, "1e3", " 7"])
def test_takes_nothing_else_for_a_number(text: str | None) -> None:
    assert row_number(text) is None


def test_a_number_no_row_can_have_leads_nowhere(signed_in: Callable[..., FlaskClient]) -> None:
    assert signed_in("administrator").get(f"/people/{10**30}").status_code == 404


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_a_day_nobody_plans_for_is_refused_at_its_field(
    signed_in: Callable[..., FlaskClient], day: str
) -> None:
    answer = signed_in("manager").post("/people/1/absences", data={"first": "2026-01-01", "last": day})
    assert answer.status_code == 422
    assert "Choose a day between 1900 and 2200." in answer.text
    assert f'value="{day}"' in answer.text
