"""Attachments, work logs and parents: what goes over the wire, and what stays away from whom."""

import pytest

from hub.core.values import FarParent, OutgoingFile, Refused
from hub.lab.jira import Jira
from hub.lab.jira.imitation import DataCenterImitation, JiraImitation
from hub.lab.pair import HandClock
from hub.lab.wire import Answer
from hub.testing.wires import SpyWire, always
from tests.plugins.jira.conftest import MARK, open_on

FILE = OutgoingFile("照片.png", "image/png", b"\x89PNG")
FIELDS = {"title": "T", "body": "", "status": "To Do", "assignee": None, "labels": frozenset()}


class Desk:
    """An issue, the plugin before it, and the wire between them."""

    def __init__(self, flavour):
        clock = HandClock()
        made = {"cloud": JiraImitation, "datacenter": DataCenterImitation}[flavour](clock)
        self.jira: Jira = made._jira
        self.site = self.jira.site
        self.wire = SpyWire(made.application, clock)
        self.tracker = open_on(self.wire, flavour)
        self.ref = self.tracker.create(FIELDS, MARK)
        self.issue = self.site.find(self.ref)
        self.wire.calls.clear()


@pytest.fixture(params=["cloud", "datacenter"])
def desk(request):
    return Desk(request.param)


def test_an_upload_says_that_no_browser_sends_it(desk):
    ref = desk.tracker.add_file(desk.ref, FILE)
    (call,) = desk.wire.calls
    assert call.headers["X-Atlassian-Token"] == "no-check"
    assert call.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert desk.issue.attachments[ref].data == FILE.data


def test_the_store_of_the_bytes_never_sees_the_credential():
    desk = Desk("cloud")
    made = desk.site.attach(desk.issue, "5b-mei", "a.bin", b"\x00\xff")
    assert desk.tracker.read_file(desk.ref, made.id) == b"\x00\xff"
    first, second = desk.wire.calls
    assert "Authorization" in first.headers
    assert second.url.startswith("https://media.jira.invalid/")
    assert second.headers == {}


def test_data_center_gives_the_bytes_only_below_its_own_address():
    desk = Desk("datacenter")
    made = desk.site.attach(desk.issue, "5b-mei", "a.bin", b"\x00\xff")
    assert desk.tracker.read_file(desk.ref, made.id) == b"\x00\xff"
    elsewhere = Answer(200, {}, b'{"content": "https://evil.example/secure/attachment/1/a.bin"}')
    desk.wire.instead = always(elsewhere)
    desk.wire.calls.clear()
    with pytest.raises(Refused, match="not its own"):
        desk.tracker.read_file(desk.ref, made.id)
    assert len(desk.wire.calls) == 1


def test_an_attachment_that_is_gone_or_too_large_is_refused(desk):
    with pytest.raises(Refused, match="gone"):
        desk.tracker.read_file(desk.ref, "99999")
    with pytest.raises(Refused, match="too large"):
        desk.tracker.add_file(desk.ref, OutgoingFile("a", "text/plain", b"x" * 10_000_001))


def test_all_work_is_named_in_the_words_of_jira_but_what_only_some_may_see(desk):
    for number in range(25):
        desk.site.work(desk.issue, "5b-mei", 10 + number, "Looked at *it*" if number == 0 else "")
    work = desk.tracker.fetch(desk.ref).worklogs
    assert [one.minutes for one in work] == list(range(10, 35))
    assert (work[0].author, work[0].note != "") == ("梅 Mei", True)
    assert work[0].day == desk.site.clock.now().date()


def test_the_issue_it_is_a_part_of_is_named(desk):
    assert desk.tracker.fetch(desk.ref).parent is None
    above = desk.site.create("5b-mei", {"summary": "Printers"})
    desk.issue.parent = above.id
    assert desk.tracker.fetch(desk.ref).parent == FarParent(above.id, f"{above.key} Printers")
