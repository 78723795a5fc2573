"""The imitation's HTTP side."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

from flask import Flask, Response, jsonify, request

from hub.core.database import Clock
from hub.lab.pingcode import shapes
from hub.lab.pingcode.board import (
    AREAS,
    CONTAINERS,
    FLOWS,
    PEOPLE,
    STATES,
    TAGS,
    TICKET_TYPES,
    TYPES,
    Board,
    Item,
    Wrong,
    state_id,
    tag_id,
)
from hub.lab.pingcode.guard import Door
from hub.lab.pingcode.search import listed, page, searched

PAGE_OF_ITS_OWN = "<!doctype html><html><head><title>PingCode</title></head><body></body></html>"
PLANS = {"work_item": f"{0xB1:024x}", "ticket": f"{0xB2:024x}"}
ITEMS = {"work_item": "pjm/work_items", "idea": "ship/ideas", "ticket": "ship/tickets"}
FACTS = {"work_item": "pjm/work_item", "idea": "ship/idea", "ticket": "ship/ticket"}
NAMES = {"title": "title", "description": "description", "state_id": "state", "properties": "properties"}


class Api:
    """The application; ``closed`` names areas that the plan does not include."""

    def __init__(self, board: Board, door: Door, clock: Clock, root: str = "") -> None:
        """``root`` is ``/open`` on a private server."""
        self._board, self._door, self._clock = board, door, clock
        self.closed: set[str] = set()
        self.silent = 0
        # An application without the right to read configuration is shown no plan.
        self.without_plans = False
        self.app = app = Flask(__name__)
        base = f"{root}/v1"
        app.before_request(self._enter)
        app.after_request(self._leave)
        app.register_error_handler(Wrong, _wrong)
        app.register_error_handler(404, lambda error: Response(PAGE_OF_ITS_OWN, 200, mimetype="text/html"))
        app.add_url_rule(f"{base}/auth/token", view_func=self._token)
        for area in AREAS:
            self._routes(area, f"{base}/{ITEMS[area]}", f"{base}/{FACTS[area]}")
        for area, kind in (("work_item", "work_item"), ("ticket", "ticket")):
            plans = f"{base}/{FACTS[area].split('/')[0]}/{kind}_state_plans"
            app.add_url_rule(plans, f"plans {kind}", self._plans, defaults={"kind": kind})
            flows = f"{plans}/<plan>/{kind}_state_flows"
            app.add_url_rule(flows, f"flows {kind}", self._flows, defaults={"kind": kind})
        for holder in ("pjm/projects", "ship/products"):
            app.add_url_rule(f"{base}/{holder}/<ref>/members", f"members {holder}", self._members)
        app.add_url_rule(f"{base}/comments", "comments", self._comments, methods=["GET", "POST"])
        app.add_url_rule(f"{base}/comments/<ref>", "comment", self._delete_comment, methods=["DELETE"])

    def _routes(self, area: str, items: str, facts: str) -> None:
        rules: list[tuple[str, Callable[..., Response], list[str]]] = [
            (items, self._list, ["GET"]),
            (items, self._create, ["POST"]),
            (f"{items}/search", self._search, ["POST"]),
            (f"{items}/<ref>", self._get, ["GET"]),
            (f"{items}/<ref>", self._change, ["PATCH"]),
            (f"{facts}/<name>", self._fact, ["GET"]),
        ]
        if area == "work_item":
            rules += [
                (f"{items}/<ref>", self._delete, ["DELETE"]),
                (f"{items}/<ref>/tags", self._tag, ["POST"]),
                (f"{items}/<ref>/tags/<tag>", self._untag, ["DELETE"]),
            ]
        for rule, view, methods in rules:
            name = f"{area} {view.__name__}"
            self.app.add_url_rule(rule, name, view, defaults={"area": area}, methods=methods)

    def _enter(self) -> Response | None:
        if request.url_rule is None or request.endpoint == "_token":
            return None
        client_id = self._door.who(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if client_id is None:
            return _answer({"message": "无效的访问令牌"}, 401)
        if wait := self._door.wait(client_id):
            return _answer({"code": "100038", "message": "请求过多"}, 429, {"x-pc-retry-after": str(wait)})
        if request.path.split("/v1/")[-1].split("/")[0] in self.closed:
            raise Wrong("100901", "没有访问权限")
        writes = request.method != "GET" and not (request.endpoint or "").endswith(" _search")
        if self.silent and writes:
            self.silent -= 1
            return _answer({})
        return None

    def _leave(self, response: Response) -> Response:
        response.headers["Date"] = format_datetime(self._clock.now(), usegmt=True)
        return response

    def _token(self) -> Response:
        if request.args.get("grant_type") != "client_credentials":
            raise Wrong("100024", "不支持的授权类型")
        made = self._door.token(request.args.get("client_id", ""), request.args.get("client_secret", ""))
        if made is None:
            raise Wrong("100024", "client_id或client_secret错误")
        return _answer({"access_token": made[0], "token_type": "Bearer", "expires_in": made[1]})

    # ---- what holds in a project or product ----

    def _fact(self, area: str, name: str) -> Response:
        holder = AREAS[area]
        if name != "tags" and request.args.get(f"{holder}_id") != CONTAINERS[holder]:
            raise Wrong("100301", f"{holder}不存在")
        typed = area == "work_item" and name in ("states", "properties")
        if typed and request.args.get("work_item_type_id") not in TYPES:
            raise Wrong("100301", "工作项类型不存在")
        types = TYPES if area == "work_item" else TICKET_TYPES
        rows: dict[str, list[Any]] = {
            "states": [shapes.state(state) for state in STATES],
            "types": [{"id": ref, "name": title} for ref, title in types.items()],
            "tags": [{"id": tag_id(tag), "name": tag} for tag in TAGS],
            "properties": [{"id": "hub_ref", "name": "Hub", "type": "text", "options": None}],
        }
        return self._paged(rows.get(name, []))

    def _plans(self, kind: str) -> Response:
        other = {"id": f"{0xFF:024x}", "name": "another"}
        holder = AREAS[kind]
        rows = [{"id": PLANS[kind], holder: None}, {"id": f"{0xBF:024x}", holder: other}]
        return self._paged([] if self.without_plans else rows)

    def _flows(self, kind: str, plan: str) -> Response:
        if plan != PLANS[kind]:
            raise Wrong("100301", "状态方案不存在")
        pairs = [(start, end) for start, ends in FLOWS.items() for end in ends]
        rows = [
            {"id": f"{at:024x}", "form_state": {"id": state_id(one)}, "to_state": {"id": state_id(two)}}
            for at, (one, two) in enumerate(pairs)
        ]
        return self._paged(rows)

    def _members(self, ref: str) -> Response:
        return self._paged([{"id": account, "user": shapes.person(account)} for account in PEOPLE])

    # ---- items ----

    def _list(self, area: str) -> Response:
        return self._paged([shapes.item(one) for one in listed(self._board, area, request.args)])

    def _search(self, area: str) -> Response:
        payload = _body().get("payload")
        if not isinstance(payload, dict):
            raise Wrong("100301", "缺少payload")
        rows = [shapes.item(one) for one in searched(self._board, area, payload)]
        return _answer(page(rows, payload.get("page_index"), payload.get("page_size")))

    def _get(self, area: str, ref: str) -> Response:
        return _answer(shapes.item(self._board.item(area, ref)))

    def _create(self, area: str) -> Response:
        body, holder = _body(), AREAS[area]
        if body.get(f"{holder}_id") != CONTAINERS[holder]:
            raise Wrong("100301", f"{holder}不存在")
        types = {"work_item": TYPES, "ticket": TICKET_TYPES}.get(area)
        if types is not None and body.get("type_id") not in types:
            raise Wrong("100301", "类型不存在")
        if area != "work_item" and "state_id" in body:
            raise Wrong("100301", "创建时不支持state_id")
        return _answer(shapes.item(self._board.create(area, _values(body))), 201)

    def _change(self, area: str, ref: str) -> Response:
        item = self._board.item(area, ref)
        self._board.change(item, _values(_body()))
        return _answer(shapes.item(item))

    def _delete(self, area: str, ref: str) -> Response:
        item = self._item(area, ref)
        self._board.delete(item)
        return _answer({**shapes.item(item), "type": "task"})

    def _tag(self, area: str, ref: str) -> Response:
        item, wanted = self._item(area, ref), _body().get("tag_id")
        name = next((tag for tag in TAGS if tag_id(tag) == wanted), None)
        if name is None:
            raise Wrong("100301", "标签不存在")
        self._board.change(item, {"tags": [*(tag for tag in item.tags if tag != name), name]})
        return _answer({"id": tag_id(name)})

    def _untag(self, area: str, ref: str, tag: str) -> Response:
        item = self._item(area, ref)
        self._board.change(item, {"tags": [name for name in item.tags if tag_id(name) != tag]})
        return _answer({"id": tag})

    def _item(self, area: str, ref: str) -> Item:
        item = self._board.item(area, ref)
        if item.deleted:
            raise Wrong("100317", "工作项不存在")
        return item

    # ---- comments ----

    def _principal(self, about: Any) -> Item:
        if about.get("principal_type") not in AREAS:
            raise Wrong("100049", "principal_type不支持")
        return self._board.item(about["principal_type"], str(about.get("principal_id")))

    def _comments(self) -> Response:
        if request.method == "GET":
            return self._paged([shapes.comment(one) for one in self._principal(request.args).comments])
        body = _body()
        made = self._board.say(self._principal(body), None, str(body.get("content") or ""))
        return _answer(shapes.comment(made), 201)

    def _delete_comment(self, ref: str) -> Response:
        item = self._principal(request.args)
        comment = self._board.comment(item, ref)
        comment["deleted"] = True
        return _answer(shapes.comment(comment))

    def _paged(self, rows: list[Any]) -> Response:
        return _answer(page(rows, request.args.get("page_index"), request.args.get("page_size")))


def _values(body: dict[str, Any]) -> dict[str, Any]:
    values = {ours: body[theirs] for theirs, ours in NAMES.items() if theirs in body}
    if "state" in values:
        states = {state_id(name): name for name in STATES}
        if values["state"] not in states:
            raise Wrong("100303", "状态不存在")
        values["state"] = states[values["state"]]
    if body.get("assignee_id") is not None:
        # null is taken without a word and does nothing; "" is nobody it knows.
        values["assignee"] = body["assignee_id"]
    return values


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Wrong("100301", "请求体必须是JSON对象")
    return body


def _wrong(wrong: Exception) -> Response:
    assert isinstance(wrong, Wrong)
    return _answer({"code": wrong.code, "message": wrong.message}, 400)


def _answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers.update(headers or {})
    return response
