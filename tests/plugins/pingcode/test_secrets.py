"""The secret travels in the query of a GET: it must stand nowhere else."""

import io
import json
import logging
from urllib.parse import quote, quote_plus

import pytest
from werkzeug.wrappers import Request, Response

from hub import logs
from hub.core.values import Refused, Retry
from hub.lab.memory import MemoryStore, MemoryTask
from hub.lab.pair import HandClock
from hub.lab.pingcode.imitation import CLIENT, PingCodeImitation
from hub.logs import mask
from hub.outbound import Guard, Outbound
from hub.plugins.pingcode.plugin import plugin

(KIND,) = plugin.execute_trackers()
# Letters that an address writes in another way are the interesting ones.
SECRET = "s3cr3t+/=&%中 one"
SPELLINGS = (SECRET, quote(SECRET, safe=""), quote_plus(SECRET), "s3cr3t")


@pytest.fixture
def log():
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.level
    handler = logs.set_up("debug", "json", stream)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


@pytest.fixture
def there():
    there = PingCodeImitation(HandClock())
    there.door.applications = {CLIENT: SECRET}
    return there


def opened(there, address):
    clock = HandClock()
    http = Outbound(retry=Retry, refused=Refused, now=clock.now, guard=Guard(["127.0.0.1"]))
    settings = KIND.settings(**{**there.settings, "base_url": address})
    # As the composition root hands it in: bound to the connection's secrets.
    return KIND.open(settings, {"client_secret": SECRET}, http.bound([SECRET]), {}), http


def nowhere(*texts):
    for text in texts:
        for spelling in SPELLINGS:
            assert spelling not in text


def echo(environ, start):
    """A server that repeats everything it was told, as debug pages do."""
    told = Request(environ)
    body = {"code": "100000", "message": f"{told.url} {told.query_string.decode()} {dict(told.args)}"}
    return Response(json.dumps(body), 400, mimetype="application/json")(environ, start)


def ill(environ, start):
    return Response(Request(environ).url, 503)(environ, start)


def test_the_secret_is_in_no_log_line_though_libraries_log_addresses(there, serve, log):
    with serve(there.application) as address:
        tracker, http = opened(there, address)
        assert tracker.check().ok
        there.door.revoke(CLIENT)
        with pytest.raises(Refused) as no:
            tracker.fetch("5" * 24)
        http.close()
    assert "/v1/auth/token" in log.getvalue()  # the log was really written
    nowhere(log.getvalue(), str(no.value), repr(no.value), repr(tracker), repr(tracker._client))


@pytest.mark.parametrize("server", [echo, ill, Response("<html>", 200)])
def test_the_secret_is_in_no_error_and_no_stored_reason(there, serve, log, server):
    with serve(server) as address:
        tracker, http = opened(there, address)
        checked = tracker.check()
        store = MemoryStore(MemoryTask("T"))
        with pytest.raises((Refused, Retry)) as error:
            tracker.create({"title": "T"}, "0190-mark")
        store.stop("refused", {"text": error.value.reason})
        http.close()
    assert not checked.ok
    logging.getLogger("test").exception("it went wrong", exc_info=error.value)
    nowhere(log.getvalue(), checked.text.zh, checked.text.en, error.value.reason, str(store.reason))
    nowhere(str(error.value), repr(error.value))


def test_a_server_that_cannot_be_reached_tells_no_secret(there, serve, log):
    with serve(there.application) as address:
        pass
    tracker, http = opened(there, address)
    with pytest.raises(Retry) as error:
        tracker.fetch("5" * 24)
    http.close()
    nowhere(log.getvalue(), error.value.reason, repr(error.value))


def test_the_token_is_in_no_error_either(there, serve, log):
    tokens = []

    def server(environ, start):
        request = Request(environ)
        if request.path.endswith("/token"):
            answer = {"access_token": "tok-0123456789abcdef", "expires_in": 4000000000}
            return Response(json.dumps(answer), mimetype="application/json")(environ, start)
        tokens.append(request.headers["Authorization"])
        body = {"code": "100301", "message": f"bad {tokens[0].removeprefix('Bearer ')}"}
        return Response(json.dumps(body), 400, mimetype="application/json")(environ, start)

    with serve(server) as address:
        tracker, http = opened(there, address)
        with pytest.raises(Refused) as error:
            tracker.fetch("5" * 24)
        http.close()
    assert tokens == ["Bearer tok-0123456789abcdef"]
    assert "tok-0123456789abcdef" not in log.getvalue() + error.value.reason + repr(error.value)


def test_the_masking_knows_the_query_by_its_name():
    address = f"/v1/auth/token?grant_type=client_credentials&client_id=a&client_secret={quote_plus(SECRET)}"
    nowhere(mask(address))
