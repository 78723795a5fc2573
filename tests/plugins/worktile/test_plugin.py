"""Settings, *Test connection*, odd shapes and secrets."""

import io
import json
import logging

import pytest
from pydantic import ValidationError
from werkzeug.wrappers import Request, Response

from hub import logs
from hub.core.values import DeliveryValue, Refused, Retry
from hub.lab.worktile.imitation import REFRESH, WorktileImitation
from hub.plugins.worktile import reading
from tests.plugins.worktile.conftest import KIND, PUBLISHED

PERSONAL = {
    "api": "personal",
    "calls": {"tasks": "GET /made-up/mine", "task": "GET /made-up/mine/{id}"},
}


def says(checked, zh, en):
    assert not checked.ok
    assert zh in checked.text.zh, checked.text.zh
    assert en in checked.text.en, checked.text.en
    return True


def test_says_that_it_is_connected_and_what_is_off(there, serve, opened):
    with serve(there.application) as address:
        for root in (address, address + "/"):
            checked = opened(there, root).check()
            assert checked.ok
            assert "Off: making tasks, changing tasks, adding comments" in checked.text.en
            assert "未开启：新建任务、修改任务、添加评论" in checked.text.zh
        given = {name: WorktileImitation.settings[name] for name in ("calls", "names", "directions")}
        assert "Off" not in opened(there, address, **given).check().text.en


def test_the_personal_api_reads_by_the_calls_an_administrator_names(there, serve, opened):
    made = there.board.create({"title": "Mine", "desc": "Text"})
    with serve(there.application) as address:
        tracker = opened(there, address, {"refresh_token": REFRESH}, **PERSONAL)
        assert tracker.check().ok
        assert tracker.fetch(made.id).fields["body"] == "Text"
        there.api.revoke()
        # The refresh token was exchanged for another one: that one is used now.
        assert there.api.refresh != REFRESH
        assert tracker.fetch(made.id).fields["title"] == "Mine"


def test_wrong_expired_or_revoked_credentials(there, serve, opened):
    with serve(there.application) as address:
        tracker = opened(there, address)
        assert tracker.check().ok
        there.api.secret = "another"
        there.api.revoke()
        checked = tracker.check()
        assert not checked.ok
        assert "copy the client id and secret again" in checked.text.en
        personal = opened(there, address, {"refresh_token": "wrong"}, **PERSONAL)
        assert says(personal.check(), "重新复制", "copy the client id and secret again")


def test_a_token_that_is_never_good_is_not_asked_for_for_ever(there, serve, opened):
    asked = []

    def server(environ, start):
        path = Request(environ).path
        asked.append(path)
        if path.endswith("token"):
            body = {"tenant_access_token": "tok-012345678", "expires_in": 7200}
        else:
            body = {"ok": False, "error_code": 1103}
        return Response(json.dumps(body), mimetype="application/json")(environ, start)

    with serve(server) as address:
        assert says(opened(there, address).check(), "重新复制", "copy the client id and secret again")
    assert len(asked) == 4


def test_another_server_at_the_address(there, serve, opened):
    for answer in (
        Response("<html>", 200, mimetype="text/html"),
        Response("nothing", 404),
        Response("[]", 200, mimetype="application/json"),
        Response("{}", 200, mimetype="application/json"),
    ):
        with serve(answer) as address:
            assert says(
                opened(there, address).check(), "不是 Worktile 开放接口", "is not Worktile's open API"
            )


def test_http_for_https_and_nobody_and_not_allowed(there, serve, opened):
    def secured(environ, start):
        return Response(status=308, headers={"Location": f"https://{environ['HTTP_HOST']}/"})(environ, start)

    with serve(secured) as address:
        assert says(opened(there, address).check(), "以 https:// 开头", "begin with https://")
    assert says(opened(there, address).check(), "请检查根地址", "check the root address")
    assert says(opened(there, "http://10.1.2.3").check(), "[outbound] allow", "[outbound] allow")


def test_a_project_that_cannot_be_seen(there, serve, opened):
    with serve(there.application) as address:
        assert says(opened(there, address, project="x").check(), "可见的项目有 服务", "take one of 服务")


def test_an_edition_that_does_not_open_the_api(there, serve, opened):
    def closed(environ, start):
        if Request(environ).path.endswith("token"):
            return there.application(environ, start)
        return Response('{"ok": false, "error_code": 4711}', mimetype="application/json")(environ, start)

    with serve(closed) as address:
        assert says(
            opened(there, address).check(), "当前版本是否开放接口", "whether your edition opens the API"
        )


def test_a_limit_that_answers_with_a_page_means_try_again(there, serve, opened):
    made = there.board.create({"title": "T"})
    with serve(there.application) as address:
        tracker = opened(there, address)
        with pytest.raises(Retry) as ill:
            for _ in range(200):
                tracker.fetch(made.id)
        assert "html" not in ill.value.reason


@pytest.mark.parametrize(
    "wrong",
    [
        {"directions": {"title": "both"}},
        {"directions": {"title": "both"}, "calls": {"update": "PUT /x/{id}"}},
        {"calls": {"create": "POST /x"}},
        {"calls": {"comment": "POST /x"}},
        {"calls": {"delete": "DELETE /x"}},
        {"calls": {"create": "POST https://elsewhere.test/x"}, "names": {"title": "title"}},
        {"calls": {"create": "POST /x?a={secret}"}, "names": {"title": "title"}},
        {"api": "personal"},
        {"base_url": "dev.worktile.com"},
        {"project": ""},
        {"pages": 0},
        {"status_map": {"opened": ["x"]}},
    ],
)
def test_settings_that_cannot_be_right_are_refused_when_saved(wrong):
    with pytest.raises(ValidationError):
        KIND.settings(**{**PUBLISHED, **wrong})


def test_settings_survive_being_stored():
    settings = KIND.settings(**{**PUBLISHED, **WorktileImitation.settings, "people_map": {1: "x"}})
    assert KIND.settings.model_validate(json.loads(json.dumps(settings.model_dump(mode="json")))) == settings


@pytest.mark.parametrize(
    "body",
    [
        {"items": [{"_id": "a"}], "has_more": False},
        {"value": [{"id": "a"}], "meta": {"has_more": False}},
        {"data": {"value": [{"_id": "a"}], "has_more": False}},
        {"data": [{"_id": "a"}, "odd", None]},
        {"items": [{"_id": "a"}], "total": 1},
    ],
)
def test_every_shape_of_a_list_is_read(body):
    assert [reading.ref(row) for row in reading.rows(body)] == ["a"]
    assert not reading.has_more(body, 1)


def test_every_shape_of_a_task_is_read():
    for body in (
        {"data": {"value": {"_id": "a"}}},
        {"value": {"_id": "a"}},
        {"_id": "a"},
        {"data": {"id": "a"}},
    ):
        assert reading.ref(reading.one(body)) == "a"
    assert reading.one({}) is None
    assert reading.one({"data": {"value": None}}) is None
    bare = {"properties": {"assignee": "u", "tag": [{"name": "x"}], "desc": "d"}}
    wrapped = {
        "properties": {
            "assignee": {"value": {"uid": "u"}},
            "tag": {"value": [{"name": "x"}, "odd"]},
            "desc": {"value": "d"},
        }
    }
    for task in (bare, wrapped, {"assignee": ["u"], "tag": [{"name": "x"}], "desc": "d"}):
        assert reading.person(reading.value(task, "assignee")) == "u"
        assert reading.labels(task) == {"x"}
        assert reading.text(reading.value(task, "desc")) == "d"
    for nobody in (None, "", [], {}):
        assert reading.person(nobody) is None
    assert reading.moment(1788105520000) == reading.moment(1788105520) == 1788105520
    assert reading.moment("x") == 0


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("plain [@5f|Mei] text", "plain @Mei text"),
        (
            '[{"type":"paragraph","children":[{"text":"a "},{"type":"mention","data":{"name":"Mei"}}]}]',
            "a @Mei",
        ),
        ('[{"children":[{"text":"a"}]},{"children":[{"text":"b"}]}]', "a\nb"),
        ('{"type":"link","url":"https://x.cn","children":[{"text":""}]}', "https://x.cn"),
        ("[not json", "[not json"),
        ("[@5f] hello", "@5f hello"),
        ("", ""),
        (None, ""),
        (5, ""),
        ("[" * 500, "[" * 500),
    ],
)
def test_texts_are_read_written_out_or_as_a_tree(written, text):
    assert reading.text(written) == text


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null", b'{"payload": 5}', b'{"payload": {"id": 5}}'])
def test_odd_hooks_name_nothing(there, opened, body):
    tracker = opened(there, "http://127.0.0.1:1")
    assert list(tracker.hints(DeliveryValue("k", {}, body, there.board._clock.now()))) == []


def test_a_hook_that_is_no_json_is_refused(there, opened):
    with pytest.raises(Refused):
        list(
            opened(there, "http://127.0.0.1:1").hints(DeliveryValue("k", {}, b"{", there.board._clock.now()))
        )


def test_catalogue_names_the_people(there, serve, opened):
    with serve(there.application) as address:
        catalogue = opened(there, address).catalogue()
    assert (there.accounts[0], "Mei") in catalogue.people
    assert "进行中" in catalogue.states


def test_the_token_in_every_address_stands_in_no_log_and_no_error(there, serve, opened):
    stream = io.StringIO()
    root, before = logging.getLogger(), logging.getLogger().level
    handler = logs.set_up("debug", "json", stream)
    try:
        with serve(there.application) as address:
            tracker = opened(there, address)
            assert tracker.check().ok
            token = tracker._client._token
            with pytest.raises(Refused) as no:
                list(tracker._client.call("create"))
        with pytest.raises(Retry) as lost:
            tracker.fetch("5" * 24)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    assert "access_token=***" in stream.getvalue()
    for text in (
        stream.getvalue(),
        repr(no.value),
        repr(lost.value),
        lost.value.reason,
        repr(tracker._client),
    ):
        assert token not in text
        assert there.secrets["client_secret"] not in text
