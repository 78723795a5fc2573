"""GitHub's published API, cut down to what the plugin calls, and a way out that checks requests by it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.plugins.github.emulator import packages

# The paths of the published file that concern us; those by a repository's number are not in it.
PATHS = (
    "/user",
    "/repos/{owner}/{repo}",
    "/repos/{owner}/{repo}/assignees",
    "/repos/{owner}/{repo}/hooks",
    "/repos/{owner}/{repo}/hooks/{hook_id}",
    "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries",
    "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries/{delivery_id}/attempts",
    "/repos/{owner}/{repo}/issues",
    "/repos/{owner}/{repo}/issues/comments",
    "/repos/{owner}/{repo}/issues/comments/{comment_id}",
    "/repos/{owner}/{repo}/issues/{issue_number}",
    "/repos/{owner}/{repo}/issues/{issue_number}/assignees",
    "/repos/{owner}/{repo}/issues/{issue_number}/comments",
    "/repos/{owner}/{repo}/issues/{issue_number}/events",
    "/repos/{owner}/{repo}/issues/{issue_number}/labels",
    "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}",
)
UNCHECKED = ("/repositories/",)
SERVER = "https://api.github.com"


def published() -> dict[str, Any]:
    """The part of the published file that we call; kept in the cache, since the whole has 13 MB."""
    source = packages() / "@octokit" / "openapi" / "generated" / "api.github.com.json"
    part = packages().parent / "part.json"
    if not part.exists():
        aside = part.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps(cut(json.loads(source.read_text(encoding="utf-8")))))
        aside.replace(part)
    found: dict[str, Any] = json.loads(part.read_text())
    return found


def cut(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The wanted paths with every component they need, directly or not."""
    paths = {path: whole["paths"][path] for path in PATHS}
    components: dict[str, dict[str, Any]] = {}
    _collect(paths, whole["components"], components)
    kept = {"openapi": whole["openapi"], "info": whole["info"], "servers": [{"url": SERVER}]}
    return plain({**kept, "paths": paths, "components": components})  # type: ignore[no-any-return]


def _collect(thing: Any, all_components: Mapping[str, Any], kept: dict[str, dict[str, Any]]) -> None:
    if isinstance(thing, list):
        for one in thing:
            _collect(one, all_components, kept)
    elif isinstance(thing, dict):
        ref = thing.get("$ref")
        if isinstance(ref, str) and ref.startswith("#/components/"):
            kind, name = ref.removeprefix("#/components/").split("/", 1)
            name = name.replace("~1", "/")
            if name not in kept.setdefault(kind, {}):
                kept[kind][name] = all_components[kind][name]
                _collect(kept[kind][name], all_components, kept)
        for one in thing.values():
            _collect(one, all_components, kept)


def plain(thing: Any) -> Any:
    """The schema without ``nullable`` that stands beside no type: validators stumble over it."""
    if isinstance(thing, list):
        return [plain(one) for one in thing]
    if not isinstance(thing, dict):
        return thing
    made = {
        key: one if key in ("example", "examples", "default", "enum") else plain(one)
        for key, one in thing.items()
    }
    if made.get("nullable") is True and "type" not in made:
        del made["nullable"]
        for key in ("oneOf", "anyOf"):
            if key in made:
                made[key] = [*made[key], {"enum": [None]}]
                return made
        return {"anyOf": [made, {"enum": [None]}]}
    return made


class Asked:
    """One request as openapi-core wants to see it."""

    def __init__(
        self, method: str, url: str, params: Mapping[str, Any], body: Any, headers: Mapping[str, str]
    ) -> None:
        from openapi_core.datatypes import RequestParameters
        from werkzeug.datastructures import Headers, ImmutableMultiDict

        parts = urlsplit(url)
        query = {**dict(parse_qsl(parts.query)), **{key: str(value) for key, value in params.items()}}
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(query), header=Headers(dict(headers)), cookie=ImmutableMultiDict()
        )
        self.method = method.lower()
        self.host_url, self.path = SERVER, parts.path
        self.content_type = "application/json"
        self.body = None if body is None else json.dumps(body).encode()


class Checking:
    """A way out that validates each request before it lets it go."""

    def __init__(self, http: Any, openapi: Any) -> None:
        """``openapi`` is an ``openapi_core.OpenAPI`` of the published part."""
        self._http = http
        self._openapi = openapi
        self.checked: set[tuple[str, str]] = set()
        self.unchecked: set[str] = set()

    def send(self, method: str, url: str, **request: Any) -> Any:
        """Validate and send."""
        path = urlsplit(url).path
        if path.startswith(UNCHECKED):
            self.unchecked.add(path)
        else:
            asked = Asked(
                method, url, request.get("params") or {}, request.get("json"), request.get("headers") or {}
            )
            self._openapi.validate_request(asked)
            self.checked.add((method, self._template(asked)))
        return self._http.send(method, url, **request)

    def _template(self, asked: Asked) -> str:
        result = self._openapi.unmarshal_request(asked)
        assert not result.errors
        return next(
            path for path in sorted(PATHS, key=lambda path: path.count("{")) if _fits(path, asked.path)
        )


def _fits(template: str, path: str) -> bool:
    wanted, given = template.split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        part.startswith("{") or part == one for part, one in zip(wanted, given, strict=True)
    )
