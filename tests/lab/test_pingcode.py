"""The imitation of PingCode by itself, over HTTP: its oddities are the real one's."""

import datetime as dt

import pytest
from werkzeug.test import Client

from hub.core.values import Refused
from hub.lab.pair import HandClock
from hub.lab.pingcode.board import CONTAINERS, PEOPLE
from hub.lab.pingcode.imitation import CLIENT, SECRET, PingCodeImitation

MEI = next(iter(PEOPLE))
ITEMS = "/v1/pjm/work_items"
NEW = {"project_id": CONTAINERS["project"], "type_id": "task", "title": "T", "assignee_id": MEI}


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def there(clock):
    return PingCodeImitation(clock)


class Caller:
    """Calls with a token."""

    def __init__(self, there):
        self.client = Client(there.application)
        self.headers = {}
        self.headers = {"Authorization": f"Bearer {self.token().json['access_token']}"}

    def token(self, secret=SECRET):
        given = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": secret}
        return self.client.get("/v1/auth/token", query_string=given)

    def __call__(self, method, path, **request):
        return self.client.open(path, method=method, headers=self.headers, **request)

    def make(self, **values):
        answer = self("POST", ITEMS, json={**NEW, **values})
        assert answer.status_code == 201
        return answer.json["id"]

    def search(self, **payload):
        body = {"mode": "query", "payload": payload}
        return [row["id"] for row in self("POST", f"{ITEMS}/search", json=body).json["values"]]


@pytest.fixture
def call(there):
    return Caller(there)


def test_a_token_ends_at_a_moment_and_a_wrong_secret_is_a_400(call, clock):
    answer = call.token()
    assert answer.json["expires_in"] == int((clock.now() + dt.timedelta(days=30)).timestamp())
    assert (call.token("x").status_code, call.token("x").json["code"]) == (400, "100024")
    clock.forward(days=31)
    assert call("GET", ITEMS).status_code == 401


def test_what_is_missing_is_a_400_with_its_own_code(call):
    for path, code in ((f"{ITEMS}/x", "100317"), ("/v1/ship/ideas/x", "100725")):
        answer = call("GET", path)
        assert (answer.status_code, answer.json["code"]) == (400, code)
    answer = call("GET", "/v1/nowhere")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")


def test_null_does_not_clear_an_assignee_and_an_empty_one_is_refused(call):
    ref = call.make()
    answer = call("PATCH", f"{ITEMS}/{ref}", json={"assignee_id": None})
    assert (answer.status_code, answer.json["assignee"]["id"]) == (200, MEI)
    assert call("PATCH", f"{ITEMS}/{ref}", json={"assignee_id": ""}).status_code == 400
    assert "type" not in answer.json


def test_a_state_is_reached_by_its_flow_only(call):
    ref = call.make()
    states = call("GET", "/v1/pjm/work_item/states", query_string=_about("work_item_type_id", "task")).json
    ids = {row["name"]: row["id"] for row in states["values"]}
    refused = call("PATCH", f"{ITEMS}/{ref}", json={"state_id": ids["已完成"]})
    assert (refused.status_code, refused.json["code"]) == (400, "100303")
    for name in ("处理中", "已完成"):
        assert call("PATCH", f"{ITEMS}/{ref}", json={"state_id": ids[name]}).json["state"]["name"] == name


def _about(*more):
    return {"project_id": CONTAINERS["project"], **dict([more] if more else [])}


def test_the_search_knows_days_and_tells_of_deleted_items_when_asked(call, clock):
    ref, now = call.make(), int(clock.now().timestamp())
    clock.forward(hours=1)
    later = {"updated_at": {"gte": now + 3600}}
    assert call.search(filter=later) == [ref]
    assert call.search(filter={"updated_at": {"gte": now + 86400}}) == []
    call("DELETE", f"{ITEMS}/{ref}")
    assert call.search(filter=later) == []
    assert call.search(filter=later, include_deleted=True) == [ref]
    wrong = {"mode": "query", "payload": {"filter": {"html_url": {"contains": "x"}}}}
    assert call("POST", f"{ITEMS}/search", json=wrong).status_code == 400


def test_new_items_are_missing_from_lists_while_it_lags(there, call, clock):
    there.ail("lag")
    ref = call.make(properties={"hub_ref": "mark"})
    wanted = {"properties.hub_ref": {"contains": "mark"}}
    assert call.search(filter=wanted) == []
    clock.forward(seconds=30)
    assert call.search(filter=wanted) == [ref]


def test_a_clock_that_goes_back_hides_nothing_that_lists_have_shown(there, call):
    made = call.make()
    there.ail("skew")
    assert call.search() == [made]


def test_a_page_past_the_end_is_empty_and_a_page_holds_a_hundred(call):
    for _ in range(3):
        call.make()
    page = call("GET", ITEMS, query_string={"page_index": 9, "page_size": 500}).json
    assert (page["values"], page["total"], page["page_size"]) == ([], 3, 100)


def test_two_hundred_calls_a_minute_and_then_it_says_how_long(there, call, clock):
    for _ in range(200):
        assert call("GET", f"{ITEMS}/x").status_code == 400
    answer = call("GET", f"{ITEMS}/x")
    assert (answer.status_code, answer.json["code"]) == (429, "100038")
    assert "Retry-After" not in answer.headers
    assert there.breaches == 1
    clock.forward(seconds=int(answer.headers["x-pc-retry-after"]))
    assert call("GET", f"{ITEMS}/x").status_code == 400


def test_a_deleted_comment_keeps_its_row_and_none_can_be_changed(call):
    about = {"principal_type": "work_item", "principal_id": call.make()}
    comment = call("POST", "/v1/comments", json={**about, "content": "<p>x</p>"}).json["id"]
    assert call("PATCH", f"/v1/comments/{comment}", json={"content": "y"}).mimetype == "text/html"
    assert call("DELETE", f"/v1/comments/{comment}", query_string=about).status_code == 200
    again = call("DELETE", f"/v1/comments/{comment}", query_string=about)
    assert (again.status_code, again.json["code"]) == (400, "100051")
    (row,) = call("GET", "/v1/comments", query_string=about).json["values"]
    assert row["is_deleted"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {**NEW, "title": ""},
        {**NEW, "title": "x" * 256},
        {**NEW, "project_id": "x"},
        {**NEW, "type_id": "x"},
        {**NEW, "properties": {"unknown": 1}},
        {**NEW, "assignee_id": "x"},
        [],
    ],
)
def test_bad_bodies_are_answered_not_crashed_on(call, body):
    assert call("POST", ITEMS, json=body).status_code == 400


def test_its_own_people_obey_the_flow_too(there, call):
    ref = call.make()
    with pytest.raises(Refused):
        there.edit(ref, MEI, "status", "已完成")
    there.edit(ref, MEI, "assignee", None)
    assert there.see(ref).fields["assignee"] is None


def test_scripts_do_not_survive(there, call):
    ref = call.make(description='<p onclick="x()">a<script>b</script></p>')
    assert there.board.items[ref].description == "<p>a</p>"
