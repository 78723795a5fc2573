"""The imitation's REST API for webhooks and their deliveries."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from hub.lab.github.api import REPOSITORY, Finder
from hub.lab.github.door import Answered, caller, paged, sent
from hub.lab.github.forge import Repository, Wrong
from hub.lab.github.hooks import Hook, Hooks


def make_hooks_api(finder: Finder, hooks: Hooks) -> Blueprint:
    """The blueprint; only who administers a repository sees it."""
    api = Blueprint("hooks", __name__, url_prefix=f"{REPOSITORY}/hooks")

    def repository(owner: str, name: str) -> Repository:
        found = finder.repository(owner, name)
        if not caller().admin:
            raise Answered(404, "Not Found")
        return found

    def one(owner: str, name: str, number: int) -> Hook:
        found = repository(owner, name)
        hook = hooks.hooks[number]
        if hook.repository_id != found.id:
            raise Answered(404, "Not Found")
        return hook

    @api.get("")
    def listed(owner: str, name: str) -> Response:
        found = repository(owner, name)
        return paged([hook.shown() for hook in hooks.hooks.values() if hook.repository_id == found.id])

    @api.post("")
    def create(owner: str, name: str) -> Any:
        found, body = repository(owner, name), sent()
        config = body.get("config") or {}
        if body.get("name", "web") != "web" or not config.get("url"):
            raise Wrong("Hook", "url", "missing_field")
        if any(hook.url == config["url"] for hook in hooks.hooks.values() if hook.repository_id == found.id):
            raise Wrong("Hook", "url", "already_exists")
        events = list(body.get("events") or ["push"])
        return jsonify(hooks.add(found.id, config["url"], config.get("secret", ""), events).shown()), 201

    @api.patch("/<int:number>")
    def change(owner: str, name: str, number: int) -> Response:
        hook, body = one(owner, name, number), sent()
        config = body.get("config") or {}
        hook.url, hook.secret = config.get("url", hook.url), config.get("secret", hook.secret)
        hook.events, hook.active = body.get("events", hook.events), body.get("active", hook.active)
        return jsonify(hook.shown())

    @api.get("/<int:number>/deliveries")
    def deliveries(owner: str, name: str, number: int) -> Response:
        hook = one(owner, name, number)
        tried = [each for each in reversed(hooks.sendings) if each.hook is hook]
        return paged([each.shown() for each in tried if each.status_code is not None])

    @api.post("/<int:number>/deliveries/<int:delivery>/attempts")
    def attempt(owner: str, name: str, number: int, delivery: int) -> Any:
        hook = one(owner, name, number)
        for each in hooks.sendings:
            if each.id == delivery and each.hook is hook:
                hooks.again(each)
                return jsonify({}), 202
        raise Answered(404, "Not Found")

    return api
