"""From a tracker nobody knows to a conflict that is settled: by the wizard, over a preview."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from hub.lab.sandbox import SandboxTracker
from tests.browser.conftest import Demo
from tests.browser.visitor import Visitor, visitor

pytestmark = pytest.mark.browser
TITLES = {"zh": "打印机起火", "en": "Printer on fire"}


@pytest.fixture
def tracker() -> Iterator[tuple[SandboxTracker, str]]:
    """A tracker of another house, full of work, on a port of its own."""
    made = SandboxTracker(":memory:")
    server = make_server("127.0.0.1", 0, made, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()
    made.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_tracker_is_connected_previewed_imported_and_a_conflict_settled(
    demo: Demo, chromium: Any, tracker: tuple[SandboxTracker, str], language: str
) -> None:
    far, address = tracker
    key = far.board.create("mei", {"title": TITLES[language], "text": "one\ntwo", "labels": ["fire"]})["key"]
    far.board.create("mei", {"title": "Done long ago", "status": "done"})
    with visitor(chromium, demo.address, language, name=f"import-{language}") as staff:
        staff.sign_in(demo.email, demo.password)
        connect(staff, f"Far {language}", address)
        map_it(staff)
        preview(staff, TITLES[language])
        assert far.board.log(key)[-1]["author"] == "mei"
        task = bring_over(staff, TITLES[language])
        settle_a_conflict(staff, far, key, task)
        take_it_back(staff, far, key)


def connect(staff: Visitor, name: str, address: str) -> None:
    """Address in, then the test: a worker tries it, and the page goes on by itself."""
    page = staff.page
    staff.go("/connections/new?kind=sandbox")
    page.locator("#name").fill(name)
    page.locator("#setting_base_url").fill(f"{address}wrong/")
    staff.send(staff.button("Connect"))
    test = page.locator("#step-test")
    staff.send(staff.button("Test connection", test))
    staff.appears(test.locator(".note.bad"))
    staff.shot("1-wrong-address")
    # Left in the middle and taken up again: the address is mended, the test is still the step to take.
    page.locator("#step-connect a").click()
    page.locator("#setting_base_url").fill(address)
    staff.send(staff.button("Save"))
    page.get_by_role("link", name=staff.say("Set up"), exact=True).click()
    staff.send(staff.button("Test connection", page.locator("#step-test")))
    staff.appears(page.locator("#step-mapping[aria-current]"))
    staff.shot("2-steps")


def map_it(staff: Visitor) -> None:
    """States and people come from the tracker; what would come back as something else is refused."""
    page = staff.page
    page.locator("#step-mapping a").click()
    known = staff.say("The tracker's states and people, as read")
    staff.appears(page.locator("#catalogue", has_text=known), page)
    page.locator("#read_4").select_option("doing")
    assert staff.send(staff.button("Save the mapping")) == 422
    expect(page.locator(".error").first).to_be_visible()
    staff.shot("3-mapping-refused")
    page.locator("#read_4").select_option("done")
    page.locator("#default_person").select_option(index=1)
    staff.shot("4-mapping")
    assert staff.send(staff.button("Save the mapping")) in (200, 303)
    staff.appears(page.locator("#step-preview[aria-current]"))


def preview(staff: Visitor, title: str) -> None:
    """What would happen: one request, one item left out, nothing written."""
    page = staff.page
    page.locator("#step-preview a").click()
    staff.send(staff.button("Preview"))
    staff.appears(staff.button("Do it as shown"))
    expect(page.locator("tbody tr", has_text=title).locator(".chip.info").first).to_have_text(
        staff.say("new request")
    )
    expect(page.locator("tbody tr", has_text="Done long ago")).to_contain_text(staff.say("left out"))
    staff.shot("5-preview")


def bring_over(staff: Visitor, title: str) -> str:
    """Done as shown; gives the address of the task."""
    page = staff.page
    staff.send(staff.button("Do it as shown"))
    made = page.locator("tbody tr", has_text=title).locator('a[href^="/tasks/"]')
    staff.appears(made)
    staff.shot("6-imported")
    return made.get_attribute("href") or ""


def settle_a_conflict(staff: Visitor, far: SandboxTracker, key: str, task: str) -> None:
    """Both sides change the title at once: shown with both values, and settled by a person."""
    page = staff.page
    staff.go(task)
    staff.appears(page.locator("#task-detail .chip.ok"), page)
    page.locator("#task-detail details", has=page.locator("#edit-title")).locator("summary").click()
    page.locator("#edit-title").fill("Said here")
    far.board.change(key, "jonas", {"title": "Said there"})
    staff.send(staff.button("Save", page.locator("#task-detail")))
    conflict = page.locator('[id^="conflict-"]')
    staff.appears(conflict, page)
    expect(conflict.first).to_contain_text("Said here")
    expect(conflict.first).to_contain_text("Said there")
    assert far.board.item(key)["title"] == "Said there"
    staff.shot("7-conflict")
    staff.send(conflict.locator('button[value="here"]').first)
    comes_to(staff, far, key, "Said here")


def take_it_back(staff: Visitor, far: SandboxTracker, key: str) -> None:
    """The run that covered what was said there is undone: it stands there again."""
    page = staff.page
    staff.go("/connections/")
    page.get_by_role("link", name=f"Far {staff.language}", exact=True).click()
    staff.go(f"{page.url}/runs?kind=round")
    page.locator('a[href^="/runs/"]').first.click()
    staff.shot("8-run")
    staff.send(page.locator("form:has(input[name=seal]) button"))
    comes_to(staff, far, key, "Said there")
    staff.shot("9-undone")


def comes_to(staff: Visitor, far: SandboxTracker, key: str, title: str) -> None:
    """Wait until the item there bears this title."""
    for _ in range(80):
        if far.board.item(key)["title"] == title:
            return
        staff.page.wait_for_timeout(500)
    raise AssertionError(far.board.item(key))
