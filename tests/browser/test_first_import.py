"""From a tracker nobody knows to a conflict settled and undone: by the wizard, over a preview."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from hub.lab.sandbox import SandboxTracker
from tests.browser.conftest import Demo
from tests.browser.look import faults
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


@pytest.mark.process("P90")
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
        edit_on_both_sides(staff, far, key, task)
        decide_by_keyboard(staff, far, key)
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


def edit_on_both_sides(staff: Visitor, far: SandboxTracker, key: str, task: str) -> None:
    """Both sides change the title at once; until a person decides, both keep what they say."""
    page = staff.page
    staff.go(task)
    staff.appears(page.locator("#task-detail .chip.ok"), page)
    page.locator("#task-detail details", has=page.locator("#edit-title")).locator("summary").click()
    page.locator("#edit-title").fill("Said here")
    far.board.change(key, "jonas", {"title": "Said there"})
    staff.send(staff.button("Save", page.locator("#task-detail")))
    staff.appears(page.locator('[id^="conflict-"]'), page)
    staff.shot("7-conflict-on-the-task")
    assert far.board.item(key)["title"] == "Said there"


def decide_by_keyboard(staff: Visitor, far: SandboxTracker, key: str) -> None:
    """From the board's number over the list to the page with both values: not one click."""
    page, keys = staff.page, staff.page.keyboard
    staff.go("/")
    staff.walk_to('#board-sum a[href="/conflicts"]')
    keys.press("Enter")
    page.wait_for_url("**/conflicts")
    ours = page.locator("section.conflict", has_text=f"Far {staff.language}").locator("h2 a")
    staff.walk_to(f'main a[href="{ours.get_attribute("href")}"]')
    keys.press("Enter")
    page.wait_for_url("**/conflicts/*")
    expect(page.locator("main")).to_contain_text("Said here")
    expect(page.locator("main")).to_contain_text("Said there")
    expect(page.locator("main")).to_contain_text(TITLES[staff.language])
    assert faults(staff) == []
    staff.shot("8-conflict")
    staff.walk_to('main button[value="here"]')
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        keys.press("Enter")
    comes_to(staff, far, key, "Said here")
    staff.go("/conflicts")
    expect(page.locator("section.conflict", has_text=f"Far {staff.language}")).to_have_count(0)


def take_it_back(staff: Visitor, far: SandboxTracker, key: str) -> None:
    """The run that covered what was said there is undone, by keyboard: it stands there again."""
    page, keys = staff.page, staff.page.keyboard
    staff.go("/connections/")
    page.get_by_role("link", name=f"Far {staff.language}", exact=True).click()
    expect(page.locator("#state")).to_contain_text(staff.say("calls go out"))
    assert faults(staff) == []
    staff.shot("9-state")
    staff.go(f"{page.url}/runs?kind=round")
    staff.walk_to('main a[href^="/runs/"]')
    keys.press("Enter")
    page.wait_for_url("**/runs/*")
    expect(page.locator("main")).to_contain_text("Said there")
    assert faults(staff) == []
    staff.shot("10-run")
    staff.walk_to("form:has(input[name=seal]) button")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        keys.press("Enter")
    comes_to(staff, far, key, "Said there")
    staff.shot("11-undone")


def comes_to(staff: Visitor, far: SandboxTracker, key: str, title: str) -> None:
    """Wait until the item there bears this title."""
    for _ in range(80):
        if far.board.item(key)["title"] == title:
            return
        staff.page.wait_for_timeout(500)
    raise AssertionError(far.board.item(key))
