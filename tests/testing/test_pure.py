"""The watchmen: what a pure hook may not reach for."""

from __future__ import annotations

import datetime as dt
import os
import pathlib
import random
import secrets
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest

from hub.testing import Impure, assert_pure, watched

HERE = pathlib.Path(__file__)


class OwnDatetime(dt.datetime):
    """A subclass does not help."""


@pytest.mark.parametrize(
    "reach",
    [
        lambda: time.time(),
        lambda: monotonic(),
        lambda: time.sleep(0),
        lambda: dt.datetime.now(dt.UTC),
        lambda: dt.date.today(),  # noqa: DTZ011 - this is what must be caught
        lambda: OwnDatetime.now(dt.UTC),
        lambda: random.random(),
        lambda: random.choice([1, 2]),
        lambda: os.urandom(1),
        lambda: uuid.uuid4(),
        lambda: secrets.token_hex(),
        lambda: socket.socket(),
        lambda: socket.create_connection(("127.0.0.1", 9)),
        lambda: open(HERE),  # noqa: SIM115 - it must not come to that
        lambda: HERE.read_text(),
        lambda: os.listdir("."),
        lambda: subprocess.run([sys.executable, "--version"]),
    ],
)
def test_reaching_outside_is_caught(reach: Callable[[], Any]) -> None:
    with pytest.raises(Impure), watched():
        reach()


@pytest.mark.parametrize(
    "stay",
    [
        lambda: dt.datetime(2026, 3, 4, tzinfo=dt.UTC).isoformat(),
        lambda: dt.datetime.fromisoformat("2026-03-04").strftime("%Y"),
        lambda: random.Random(7).random(),
        lambda: sorted({"b", "a"}),
    ],
)
def test_staying_inside_is_not(stay: Callable[[], Any]) -> None:
    assert assert_pure(stay) == stay()


def test_after_the_block_everything_is_allowed_again() -> None:
    before = sys.getprofile()
    with pytest.raises(Impure), watched():
        time.time()
    assert time.time() > 0
    assert HERE.read_text()
    assert sys.getprofile() is before


def test_another_answer_to_the_same_question_is_caught() -> None:
    answers = iter([1, 2])
    with pytest.raises(AssertionError, match="gave 1 and then 2"):
        assert_pure(lambda: next(answers))
