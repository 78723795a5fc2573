"""Every request of the plugin is one that Jira's published description of REST v3 allows.

The description is of 2022: it has neither ``/search/jql`` nor the properties of comments nor the bytes of
an attachment nor v2; those are named here as unchecked. It leaves texts open, so that the document format
is checked beside it, and says in words alone what an upload must have.
"""

import json
import os
import re
import warnings
from email import message_from_bytes
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hub.lab.jira import Jira
from hub.lab.jira.papers import MEDIA
from hub.lab.jira.prose import is_document
from hub.lab.wire import Wire
from hub.sdk import OutgoingFile
from tests.conftest import skip_part
from tests.plugins.jira.conftest import MARK, MARK2, open_on

UNCHECKED = re.compile(r"/rest/api/3/(search/jql|comment/[^/]+/properties/|attachment/content/)")
SERVER = "https://your-domain.atlassian.net"


class Asked:
    """A request as openapi-core wants to see it."""

    def __init__(self, method, path, params, body):
        from openapi_core.datatypes import RequestParameters
        from werkzeug.datastructures import Headers, ImmutableMultiDict

        self.parameters = RequestParameters(
            query=ImmutableMultiDict({name: str(value) for name, value in (params or {}).items()}),
            header=Headers(),
            cookie=ImmutableMultiDict(),
        )
        self.method, self.host_url, self.path = method.lower(), SERVER, path
        self.content_type = "application/json"
        self.body = None if body is None else json.dumps(body).encode()


class Checking(Wire):
    """A wire that checks each request before it lets it go."""

    def __init__(self, application, openapi):
        super().__init__(application)
        self.openapi, self.checked, self.unchecked = openapi, set(), set()

    def send(self, method, url, *, params=None, json=None, **rest):
        path = urlsplit(url).path
        if url.startswith(MEDIA):
            assert not rest.get("headers"), "the store of the bytes is not Jira"
        elif UNCHECKED.match(path):
            self.unchecked.add(re.sub(r"\d+", "{}", path))
        else:
            self.openapi.validate_apicall_request(Asked(method, path, params, json))
            if "data" in rest:
                _upload(**rest)
            self.checked.add((method, re.sub(r"\d{3,}", "{}", path).removeprefix("/rest/api/3")))
        self._documents(json)
        return super().send(method, url, params=params, json=json, **rest)

    def _documents(self, body):
        for text in ((body or {}).get("fields", {}).get("description"), (body or {}).get("body")):
            assert text is None or is_document(text)


def _upload(headers, data):
    """What the description asks of an upload in words: its schema is a string of bytes, whatever they are."""
    assert headers["X-Atlassian-Token"] == "no-check"
    sent = message_from_bytes(b"Content-Type: %b\r\n\r\n%b" % (headers["Content-Type"].encode(), data))
    assert sent.get_content_type() == "multipart/form-data"
    names = [part.get_param("name", header="content-disposition") for part in sent.get_payload()]
    assert names == ["file"]


@pytest.fixture(scope="module")
def openapi():
    folder = os.environ.get("HUB_CONTRACTS")
    found = Path(folder or "") / "jira-v3.json"
    if not folder or not found.exists():
        skip_part("contracts", "HUB_CONTRACTS names no folder with jira-v3.json")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what its own libraries will change
        from openapi_core import OpenAPI

        whole = json.loads(found.read_text(encoding="utf-8"))
        # Credentials are checked by the imitation; the library knows not all of these schemes.
        del whole["components"]["securitySchemes"]
        for operations in whole["paths"].values():
            for operation in operations.values():
                if isinstance(operation, dict):
                    operation.pop("security", None)
        return OpenAPI.from_dict(whole)


def test_every_request_is_one_that_the_description_allows(openapi, clock):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        _walk_through(openapi, clock)


def _walk_through(openapi, clock):
    jira = Jira(clock)
    http = Checking(jira, openapi)
    resolved = {"Done": {"resolution": {"name": "Done"}}}
    tracker = open_on(
        http,
        hub_url="https://hub.example.org",
        notify_users=False,
        transition_fields=resolved,
        create_fields={"priority": {"id": "3"}},
    )
    fields = {"title": "T", "body": "# H\n\n- a\n- b", "labels": frozenset({"x"}), "assignee": "5b-mei"}
    assert tracker.check().ok
    tracker.catalogue()
    ref = tracker.create(fields, MARK)
    tracker.fetch(ref)
    tracker.update(ref, {"title": "T2", "body": "", "assignee": None, "status": "In Progress"})
    assert "Done" in tracker.transitions(ref, "In Progress")["In Progress"]
    tracker.update(ref, {"status": "Done"})
    comment = tracker.add_comment(ref, "**Wang**\n\nhello", MARK2)
    tracker.edit_comment(ref, comment, "hello again", MARK2)
    jira.site.properties_listed = False
    tracker.fetch(ref)
    tracker.history(ref, None)
    tracker.delete_comment(ref, comment)
    file = tracker.add_file(ref, OutgoingFile("照片.txt", "text/plain", b"bytes"))
    assert tracker.read_file(ref, file) == b"bytes"
    tracker.find(MARK)
    tracker.changed_since("1788105520000")
    jira.site.issues.clear()
    tracker.fetch(ref)
    assert http.checked == {
        ("GET", "/myself"),
        ("GET", "/project/OPS"),
        ("GET", "/project/OPS/statuses"),
        ("POST", "/issue"),
        ("POST", "/issue/{}/remotelink"),
        ("GET", "/issue/{}"),
        ("PUT", "/issue/{}"),
        ("GET", "/issue/{}/changelog"),
        ("GET", "/issue/{}/transitions"),
        ("POST", "/issue/{}/transitions"),
        ("GET", "/issue/{}/comment"),
        ("POST", "/issue/{}/comment"),
        ("PUT", "/issue/{}/comment/{}"),
        ("DELETE", "/issue/{}/comment/{}"),
        ("POST", "/issue/{}/attachments"),
    }
    assert http.unchecked == {
        "/rest/api/{}/search/jql",
        "/rest/api/{}/comment/{}/properties/hub.ref",
        "/rest/api/{}/attachment/content/{}",
    }


def test_a_request_that_it_does_not_allow_is_noticed(openapi, clock):
    http = Checking(Jira(clock), openapi)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with pytest.raises(Exception, match=r"not found|Path"):
            http.send("GET", "https://jira.test/rest/api/3/nowhere")
        with pytest.raises(Exception, match=r"body|Body|schema"):
            http.send("POST", "https://jira.test/rest/api/3/issue/10001/remotelink", json={"globalId": 5})
