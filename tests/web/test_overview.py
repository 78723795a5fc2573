"""The health page: five dials, each opening its list, and the coverage from request to result."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient

SignedIn = Callable[..., FlaskClient]
Open = Callable[..., str]


def test_each_number_opens_the_list_that_makes_it(signed_in: SignedIn, open_request: Open) -> None:
    browser = signed_in("viewer")
    unclear = [open_request("Printer jams"), open_request("VPN drops")]
    work = open_request("Network", stage="execute", tasks=2)
    page = browser.get("/overview/").text
    numbers = dict(re.findall(r'href="/overview/(\w+)"><b[^>]*>(\d+)</b>', page))
    assert numbers == {"identify": "3", "assign": "2", "execute": "0", "evaluate": "0", "improve": "0"}
    for key, number in numbers.items():
        listed = re.findall(r'data-card="', browser.get(f"/overview/{key}").text)
        assert len(listed) == int(number)
    assert all(ref in browser.get("/overview/identify").text for ref in unclear)
    assert f"{work}-1" in browser.get("/overview/assign").text
    assert "Nothing is missing" in browser.get("/overview/execute").text


def test_the_coverage_page_leads_to_each_orphan(signed_in: SignedIn, open_request: Open) -> None:
    browser = signed_in("viewer")
    ref = open_request("Network", stage="execute", tasks=1)
    lonely = open_request("Alone", stage="execute")
    page = browser.get("/overview/coverage").text
    assert ref in page and lonely in page and "0/1" in page
    assert lonely in browser.get("/overview/request_task").text
    assert f"{ref}-1" in browser.get("/overview/task_need").text


def test_a_list_nobody_knows_is_not_found(signed_in: SignedIn) -> None:
    assert signed_in("viewer").get("/overview/nothing").status_code == 404
