"""*Test connection* over real HTTP: one sentence in both languages that says what to do."""

import re

import pytest
from pydantic import ValidationError
from werkzeug.wrappers import Response

from hub.core.values import Refused
from hub.lab.pair import HandClock
from hub.lab.pingcode.board import CONTAINERS, TICKET_TYPES
from hub.lab.pingcode.imitation import CLIENT, PingCodeImitation
from hub.plugins.pingcode.plugin import plugin

(KIND,) = plugin.execute_trackers()


@pytest.fixture
def there():
    return PingCodeImitation(HandClock())


def says(checked, zh, en):
    """Not well, and one sentence in each language with these words."""
    assert not checked.ok
    assert zh in checked.text.zh, checked.text.zh
    assert en in checked.text.en, checked.text.en
    assert re.search("[\u4e00-\u9fff]", checked.text.zh)
    return True


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"area": "idea", "type": "", "container": CONTAINERS["product"]},
        {"area": "ticket", "type": next(iter(TICKET_TYPES)), "container": CONTAINERS["product"]},
    ],
)
def test_says_that_it_is_connected_and_what_cannot_be_done(there, serve, opened, settings):
    with serve(there.application) as address:
        for root in (address, address + "/", address + "//"):
            checked = opened(there, root, **settings).check()
            assert checked.ok
            assert "cannot: change comments" in checked.text.en
            assert "不能：修改评论" in checked.text.zh


@pytest.mark.process("P92")
def test_a_private_server_has_its_root_under_open(serve, opened):
    private = PingCodeImitation(HandClock(), root="/open")
    with serve(private.application) as address:
        assert opened(private, f"{address}/open").check().ok
        assert opened(private, f"{address}/open/").check().ok
        ref = opened(private, f"{address}/open").create({"title": "T", "body": "b"}, "0190-mark")
        assert private.items() == [ref]
        # Without it, there are its pages.
        assert says(opened(private, address).check(), "https://主机名/open", "https://<host>/open")


@pytest.mark.process("P92")
def test_several_organisations_stand_side_by_side(serve, opened):
    one, two = PingCodeImitation(HandClock()), PingCodeImitation(HandClock(), root="/open")
    two.door.applications = {"other-client": "other-secret-0123456789"}
    with serve(one.application) as first, serve(two.application) as second:
        ours = opened(one, first)
        theirs = opened(
            two,
            f"{second}/open",
            {"client_secret": "other-secret-0123456789"},
            client_id="other-client",
        )
        assert ours.check().ok
        assert theirs.check().ok
        theirs.create({"title": "Only there"}, "0190-mark")
        assert (len(one.items()), len(two.items())) == (0, 1)


def test_wrong_credentials(there, serve, opened):
    with serve(there.application) as address:
        wrong = opened(there, address, {"client_secret": "nonsense"}).check()
        assert says(wrong, "重新复制", "copy both again")
        assert says(opened(there, address, client_id="x").check(), "重新复制", "copy both again")


def test_credentials_revoked_while_in_use(there, serve, opened):
    with serve(there.application) as address:
        tracker = opened(there, address)
        assert tracker.check().ok
        there.door.revoke(CLIENT, "a-new-secret")
        assert says(tracker.check(), "重新复制", "copy both again")
        there.door.revoke(CLIENT)
        assert says(tracker.check(), "凭据管理", "凭据管理")


def test_an_area_that_the_edition_does_not_include(there, serve, opened):
    there.api.closed.add("ship")
    idea = {"area": "idea", "type": "", "container": CONTAINERS["product"]}
    with serve(there.application) as address:
        checked = opened(there, address, **idea).check()
        assert says(checked, "当前版本是否包含该功能", "whether your edition has this area")
        assert "pcp:read|write:ship:idea" in checked.text.en
        assert opened(there, address).check().ok


@pytest.mark.parametrize(
    ("settings", "zh", "en"),
    [
        ({"container": "no-such-project"}, "请检查编号", "check the id"),
        ({"type": "epic"}, "请从这些类型中选一个：task", "take one of task"),
        ({"mark_property": "not_there"}, "加入属性方案", "add it to the property scheme"),
        (
            {
                "status_map": {
                    state: ["新建", "Nowhere"] for state in KIND.settings.model_fields["status_map"].default
                }
            },
            "Nowhere",
            "Nowhere",
        ),
    ],
)
def test_settings_that_do_not_fit_the_server(there, serve, opened, settings, zh, en):
    with serve(there.application) as address:
        assert says(opened(there, address, **settings).check(), zh, en)


def test_another_server_at_the_address(there, serve, opened):
    for answer in (
        Response("<html>nginx</html>", 200, mimetype="text/html"),
        Response("not found", 404),
        Response("{}", 404, mimetype="application/json"),
        Response("[]", 200, mimetype="application/json"),
        Response('{"hello": "world"}', 200, mimetype="application/json"),
    ):
        with serve(answer) as address:
            assert says(
                opened(there, address).check(), "不是 PingCode 开放接口", "is not PingCode's open API"
            )


def test_http_for_https(there, serve, opened):
    def secured(environ, start):
        to = f"https://{environ['HTTP_HOST']}{environ['PATH_INFO']}"
        return Response(status=301, headers={"Location": to})(environ, start)

    with serve(secured) as address:
        assert says(opened(there, address).check(), "以 https:// 开头", "begin with https://")


def test_a_redirect_to_somewhere_else(there, serve, opened):
    with serve(Response(status=302, headers={"Location": "/login"})) as address:
        assert says(opened(there, address).check(), "不是 PingCode", "is not PingCode")


def test_nobody_listens(there, serve, opened):
    with serve(there.application) as address:
        pass
    assert says(opened(there, address).check(), "请检查根地址", "check the root address")


def test_a_private_address_that_is_not_allowed(there, opened):
    tracker = opened(there, "http://192.168.7.7:9/open")
    assert says(tracker.check(), "[outbound] allow", "[outbound] allow")


def test_a_server_that_is_ill(there, serve, opened):
    with serve(Response("<html>bad gateway</html>", 502)) as address:
        assert says(opened(there, address).check(), "稍后再试", "try again later")


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "open.pingcode.com"},
        {"base_url": "https://open.pingcode.com/v1"},
        {"base_url": "https://open.pingcode.com/v1/"},
        {"base_url": "https://open.pingcode.com/?a=b"},
        {"type": ""},
        {"area": "ticket", "type": ""},
        {"area": "page"},
        {"client_id": ""},
        {"container": ""},
        {"status_map": {"open": ["新建"]}},
        {"unknown": 1},
    ],
)
def test_settings_that_cannot_be_right_are_refused_when_saved(there, wrong):
    with pytest.raises(ValidationError):
        KIND.settings(**{**there.settings, **wrong})


def test_the_limit_of_calls_is_waited_out_as_long_as_it_says(there, serve, opened):
    from hub.core.values import Retry

    with serve(there.application) as address:
        tracker = opened(there, address)
        with pytest.raises(Retry) as told:
            for _ in range(300):
                tracker.catalogue()
                tracker._client.forget("states")
        assert 0 < told.value.after.total_seconds() <= 61


def test_catalogue_names_states_and_members(there, serve, opened):
    with serve(there.application) as address:
        catalogue = opened(there, address).catalogue()
    assert {"新建", "已关闭", "pending", "closed"} <= set(catalogue.states)
    assert (there.accounts[0], "Mei") in catalogue.people


def test_editing_a_comment_is_refused_in_words(there, serve, opened):
    with serve(there.application) as address, pytest.raises(Refused, match="cannot change a comment"):
        opened(there, address).edit_comment("1", "2", "text", "mark")
