"""A worker that is killed while it sends: nothing is lost, and a repeat has the same Message-ID."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from hub.core.notices.models import Notice
from tests.core.notices.conftest import Bureau
from tests.post_office import PostOffice

# A worker as `hub work` has it, which the mail server kills while its answer to DATA is on the way.
WORKER = """
import os, signal, sys, threading
from random import Random
from hub.core.connections.opening import Opener
from hub.core.connections.secrets import KeyRing
from hub.core.database import Database
from hub.core.files import FileStore
from hub.core.notices import sending
from hub.core.notices.office import Office
from hub.core.registry import Registry
from hub.core.values import Refused, Retry
from hub.outbound import Guard, Outbound
from hub.render.mails import write
from tests.conftest import load_models

load_models()
url, key, channel, folder, die = sys.argv[1:]
database = Database(url)
database.clock = type("Clock", (), {"now": lambda self: __import__("datetime").datetime(
    2026, 3, 4, 13, tzinfo=__import__("datetime").UTC)})()
registry = Registry(database)
registry.load(["email"])
way_out = Outbound(retry=Retry, refused=Refused, now=database.now, guard=Guard(("127.0.0.0/8",)))
opener = Opener(database, registry, KeyRing([key]), lambda *_connection: way_out)
office = Office(opener.keys, "", "https://hub.example.org", "en")
if die == "1":
    sending._done = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
post = sending.Post(database, opener, office, FileStore(folder), write(database), Random(1))
sending.send_due(post, int(channel))
"""


@pytest.mark.parametrize("many", [3])
def test_a_killed_worker_loses_nothing_and_repeats_the_same_id(
    bureau: Bureau, post_office: PostOffice, tmp_path: Path, many: int
) -> None:
    channel = bureau.connect()
    for number in range(many):
        bureau.draft(str(number), email=f"c{number}@acme.example")
    key = bureau.core.opener.keys._first
    url = bureau.database.url.render_as_string(hide_password=False)

    def worker(die: str) -> int:
        words = [
            sys.executable,
            "-c",
            textwrap.dedent(WORKER),
            url,
            key,
            str(channel),
            tmp_path.as_uri(),
            die,
        ]
        return subprocess.run(words, cwd=Path(__file__).parents[3], check=False).returncode

    for _ in range(2):
        assert worker("1") == -signal.SIGKILL
    assert {row.state for row in bureau.notices()} == {"waiting"}
    assert worker("0") == 0
    assert [row.state for row in bureau.notices()] == ["sent"] * many
    ids = [taken["Message-ID"] for taken in post_office.taken]
    wanted = [row.message_id for row in bureau.notices(Notice.state == "sent")]
    # Two deaths after the first mail was taken over: it came three times under one id, the others once.
    assert ids == [wanted[0], wanted[0], *wanted]
