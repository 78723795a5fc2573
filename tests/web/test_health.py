"""GET /healthz."""

import os
import platform

from flask.testing import FlaskClient

from hub import __version__


def test_says_what_runs_here(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    told = answer.get_json()
    assert (told["status"], told["version"]) == ("ok", __version__)
    assert (told["database"], told["engine"]) == ("sqlite", "embedded")
    assert told["plugins"]["webhook"] == "well"
    assert told["process"] == f"{platform.node()}:{os.getpid()}"
