"""Very long words, ten thousand lines, right-to-left text, five hundred labels: the pages hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import expect

from hub.core.conversation.comments import say
from hub.core.conversation.models import Comment
from hub.core.customers.models import Contact, Customer
from hub.core.database import Database
from hub.core.values import SYSTEM
from hub.core.work.models import ServiceRequest, Task
from hub.core.work.public import make_link
from hub.core.work.requests import by_ref
from tests.browser.conftest import Demo
from tests.browser.look import OVERFLOW, faults
from tests.browser.visitor import PHONE, WIDE, visitor

pytestmark = pytest.mark.browser
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 5
HAN = "长" * 260
HEBREW = "\u202eשלום עולם \u202c مرحبا بالعالم"
TABLE = f"| {WORD} | {HAN} |\n|--|--|\n| a | b |"
LINES = "\n".join(f"line {number}" for number in range(10_000))
LABELS = [f"label-{number}-{'x' * (number % 40)}" for number in range(500)]


@pytest.fixture(scope="module")
def extreme(demo: Demo) -> Iterator[tuple[str, str]]:
    """A request that is too much of everything, as trackers may send it; its number and its tracking page."""
    with closing(Database(f"sqlite:///{demo.folder / 'hub.sqlite'}")) as database:
        now = database.now()
        times: Any = {"created_at": now, "updated_at": now}
        contact = Contact(
            name=WORD[:120], email=f"{WORD[:60]}@example.com", customer=Customer(name=HAN[:120])
        )
        row = ServiceRequest(
            ref="SR-90001", title=f"{WORD[:150]} {HEBREW}", body=f"{WORD}\n\n{HAN}\n\n{HEBREW}",
            labels=LABELS, contact=contact, customer=contact.customer, stage="execute",
            stage_since=now, **times,
        )  # fmt: skip
        row.tasks = [
            Task(
                ref="SR-90001-1", position=1, title=WORD[:200], body=f"{HAN} {HEBREW}", labels=LABELS, **times
            )
        ]
        with database.transaction() as session:
            session.add(row)
            session.flush()
            for text in (LINES, WORD * 20, HAN, HEBREW, f"`{WORD}`", TABLE):
                session.add(
                    Comment(
                        request_id=row.id, stream="public", author_kind="contact", author_name=WORD[:120],
                        text=text, created_at=now,
                    )
                )  # fmt: skip
            token = make_link(session, now, request_id=row.id)
        yield row.ref, f"/t/{token}"
        with database.transaction() as session:
            session.get_one(ServiceRequest, row.id).state = "dropped"


def _say(demo: Demo, ref: str, text: str) -> None:
    """A colleague's word, past the page."""
    with (
        closing(Database(f"sqlite:///{demo.folder / 'hub.sqlite'}")) as database,
        database.transaction() as session,
    ):
        row = by_ref(session, ref)
        assert row is not None
        say(session, database.now(), SYSTEM, request_id=row.id, text=text, stream="internal")


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_the_pages_hold(demo: Demo, chromium: Any, extreme: tuple[str, str], size: tuple[int, int]) -> None:
    ref, tracking = extreme
    with visitor(chromium, demo.address, "zh", name=f"extreme-{size[0]}", size=size) as staff:
        staff.sign_in(demo.email, demo.password)
        found = {}
        for path in (f"/requests/{ref}", f"/tasks/{ref}-1", "/requests/", "/", "/search/?q=Donau", tracking):
            assert staff.go(path) == 200
            found[path] = staff.page.evaluate(OVERFLOW)
            staff.shot(path.strip("/").split("/")[0].partition("?")[0] or "board")
        assert {path: said for path, said in found.items() if said} == {}
        staff.go("/requests/?state=all&sort=newest")
        assert staff.page.locator(".scroll").evaluate("it => it.scrollWidth - it.clientWidth") <= 0


LONG = "details.long:has-text('line 9999')"
HEIGHT = "it => it.getBoundingClientRect().height"


def test_ten_thousand_lines_are_opened_by_a_key_and_stay_open(
    demo: Demo, chromium: Any, extreme: tuple[str, str]
) -> None:
    ref, _ = extreme
    with visitor(chromium, demo.address, "en", name="long") as staff:
        staff.sign_in(demo.email, demo.password)
        staff.go(f"/requests/{ref}")
        long = staff.page.locator(LONG)
        assert long.evaluate(HEIGHT) < 600
        staff.shot("folded")
        assert faults(staff) == []
        long.locator("summary").press("Enter")
        expect(long).to_have_attribute("open", "")
        assert long.evaluate(HEIGHT) > 100_000
        # Somebody else speaks, and the region is renewed under the reader's eyes.
        _say(demo, ref, "One more word.")
        staff.page.evaluate("document.dispatchEvent(new Event('pulseNow'))")
        expect(staff.page.locator("#request-conversation")).to_contain_text("One more word.", timeout=30_000)
        expect(long).to_have_attribute("open", "")


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
def test_the_customer_opens_a_long_text_without_script(
    demo: Demo, chromium: Any, extreme: tuple[str, str], size: tuple[int, int]
) -> None:
    name = f"long-outside-{size[0]}"
    with visitor(chromium, demo.address, "zh", name=name, size=size, script=False) as customer:
        customer.go(extreme[1])
        long = customer.page.locator(LONG)
        box = long.bounding_box()
        assert box and box["height"] < 600
        customer.shot("folded")
        customer.walk_to(f"{LONG} > summary")
        customer.page.keyboard.press("Enter")
        expect(long).to_have_attribute("open", "")
        box = long.bounding_box()
        assert box and box["height"] > 100_000
