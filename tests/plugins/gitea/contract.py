"""Forgejo's published description (Swagger 2.0) as OpenAPI 3, cut to issues, and a wire that checks by it."""

import json
from urllib.parse import parse_qsl, urlsplit

from hub.lab.wire import Wire

SERVER = "https://gitea.test"
PREFIX = "/api/v1"
PATHS = (
    "/user",
    "/repositories/{id}",
    "/orgs/{org}/labels",
    "/repos/{owner}/{repo}",
    "/repos/{owner}/{repo}/assignees",
    "/repos/{owner}/{repo}/hooks",
    "/repos/{owner}/{repo}/hooks/{id}",
    "/repos/{owner}/{repo}/labels",
    "/repos/{owner}/{repo}/issues",
    "/repos/{owner}/{repo}/issues/comments",
    "/repos/{owner}/{repo}/issues/comments/{id}",
    "/repos/{owner}/{repo}/issues/{index}",
    "/repos/{owner}/{repo}/issues/{index}/comments",
    "/repos/{owner}/{repo}/issues/{index}/labels",
    "/repos/{owner}/{repo}/issues/{index}/labels/{identifier}",
    "/repos/{owner}/{repo}/issues/{index}/timeline",
)
METHODS = ("get", "post", "put", "patch", "delete")


def translated(whole):
    """The wanted paths in the words of OpenAPI 3; a body may hold nothing that is not described."""
    paths = {f"{PREFIX}{path}": _operations(whole["paths"][path]) for path in PATHS}
    schemas = {name: _closed(schema) for name, schema in whole["definitions"].items()}
    made = {"openapi": "3.0.3", "info": whole["info"], "servers": [{"url": SERVER}], "paths": paths}
    return _renamed({**made, "components": {"schemas": schemas}})


def _operations(path):
    return {method: _operation(path[method]) for method in METHODS if method in path}


def _operation(operation):
    body = [one for one in operation.get("parameters", ()) if one["in"] == "body"]
    made = {
        "parameters": [_parameter(one) for one in operation.get("parameters", ()) if one["in"] != "body"],
        "responses": {"default": {"description": "not checked"}},
    }
    if body:
        made["requestBody"] = {"content": {"application/json": {"schema": body[0]["schema"]}}}
    return made


def _parameter(parameter):
    schema = {name: parameter[name] for name in ("type", "format", "enum", "items") if name in parameter}
    found = {name: parameter[name] for name in ("name", "in", "required") if name in parameter}
    return {**found, "schema": schema}


def _closed(schema):
    closed = schema.get("type") == "object" and "additionalProperties" not in schema
    return {**schema, "additionalProperties": False} if closed else schema


def _renamed(thing):
    if isinstance(thing, list):
        return [_renamed(one) for one in thing]
    if not isinstance(thing, dict):
        return thing.replace("#/definitions/", "#/components/schemas/") if isinstance(thing, str) else thing
    return {name: _renamed(one) for name, one in thing.items() if not name.startswith("x-go")}


class Asked:
    """One request as openapi-core wants to see it."""

    def __init__(self, method, url, params, body):
        from openapi_core.datatypes import RequestParameters
        from werkzeug.datastructures import Headers, ImmutableMultiDict

        parts = urlsplit(url)
        query = {**dict(parse_qsl(parts.query)), **{name: str(value) for name, value in params.items()}}
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(query), header=Headers(), cookie=ImmutableMultiDict()
        )
        self.method, self.host_url, self.path = method.lower(), SERVER, parts.path
        self.content_type = "application/json"
        self.body = None if body is None else json.dumps(body).encode()


class Checking(Wire):
    """A wire that validates each request before it lets it go."""

    def __init__(self, application, openapi, whole):
        super().__init__(application)
        self.openapi, self.whole, self.checked = openapi, whole, set()

    def send(self, method, url, *, params=None, json=None, **rest):
        asked = Asked(method, url, params or {}, json)
        self.openapi.validate_request(asked)
        template = _template(asked.path.removeprefix(PREFIX))
        described = self.whole["paths"][template][method.lower()].get("parameters", ())
        names = {one["name"] for one in described if one["in"] == "query"}
        assert set(params or ()) <= names, f"{method} {template} knows no {set(params or ()) - names}"
        self.checked.add((method, template))
        return super().send(method, url, params=params, json=json, **rest)


def _template(path):
    return next(one for one in sorted(PATHS, key=lambda one: one.count("{")) if _fits(one, path))


def _fits(template, path):
    wanted, given = template.split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        part.startswith("{") or part == one for part, one in zip(wanted, given, strict=True)
    )
