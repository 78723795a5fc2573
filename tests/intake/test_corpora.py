"""What others collected: CPython's test mails and the bounces of flufl.bounce, fetched, never kept here."""

from __future__ import annotations

import ast
import importlib.util
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hub.core.connections.models import Delivery
from hub.plugins.email.reading import draft_of
from tests.conftest import skip_part
from tests.intake.conftest import Mailroom

BOUNCES = Path(__file__).parents[2] / ".venv" / "corpora" / "flufl_bounce-6.0.0.tar.gz"
# Sent by gateways and people under their own names, or by list software: by headers and subject alone
# they are messages, and a message that is held back would be worse than a bounce that is shown.
MISSED = {
    "bounce_01.txt", "bounce_02.txt", "dumbass_01.txt", "groupwise_03.txt", "microsoft_03.txt",
    "qmail_08.txt", "simple_15.txt", "simple_20.txt", "simple_22.txt", "simple_38.txt",
}  # fmt: skip
# Failed for good with a status of 4.4.7: time ran out, and the address may be right. It is not left alone.
TIMED_OUT = {"dsn_02.txt"}
# As many addresses as were found when this was written; the rest stand in prose only.
RIGHT = 97
OUTCOMES = {"request", "comment", "bounce", "auto_reply", "kept", "dead"}


def mails_of_python() -> dict[str, bytes]:
    spec = importlib.util.find_spec("test.test_email") if importlib.util.find_spec("test") else None
    folder = Path(spec.origin).parent / "data" if spec and spec.origin else None
    if folder is None or not folder.is_dir():
        skip_part("cpython-mails", "this Python comes without its own tests (package test.test_email)")
    assert folder is not None
    return {path.name: path.read_bytes() for path in sorted(folder.glob("msg_*.txt"))}


def files_of_flufl() -> dict[str, bytes]:
    if not BOUNCES.is_file():
        skip_part("flufl-bounce", "the tests of flufl.bounce are not here (make corpora)")
    with tarfile.open(BOUNCES) as packed:
        members = [(one, packed.extractfile(one)) for one in packed.getmembers() if one.isfile()]
        found = {one.name.partition("/")[2]: data.read() for one, data in members if data is not None}
    return {name: data for name, data in found.items() if name.startswith("tests/")}


def test_every_mail_of_pythons_own_tests_ends_somewhere(
    mailroom: Mailroom, record_property: Callable[[str, object], None]
) -> None:
    mails = mails_of_python()
    assert len(mails) >= 40
    fates = {name: mailroom.take(raw) for name, raw in mails.items()}
    ends = dict(Counter(fate.kind for fate in fates.values()))
    record_property("counted", f"{len(mails)} mails of CPython's own tests: {ends}")
    assert {fate.kind for fate in fates.values()} <= OUTCOMES
    for name, fate in fates.items():
        assert fate.kind != "dead" or fate.reason == "the mail is empty", name
        assert "\ufffd" not in fate.words or b"\xef\xbf\xbd" in mails[name], name
    assert mailroom.count(Delivery) == len(mails)
    assert mailroom.count(Delivery, Delivery.status == "unread") == 0


def test_the_bounces_others_collected_are_bounces(record_property: Callable[[str, object], None]) -> None:
    files = files_of_flufl()
    mails = {name.rpartition("/")[2]: raw for name, raw in files.items() if name.endswith(".txt")}
    assert len(mails) == 117
    messages = {name: draft_of(raw, name, name).message for name, raw in mails.items()}
    found = {name for name, message in messages.items() if message and message.nature == "bounce"}
    right = checked = 0
    wrong_reports = []
    for kind, name, expected, is_temporary in _detected(files["tests/test_detectors.py"]):
        message = messages[name]
        if message is None or message.bounce is None or not expected:
            continue
        checked += 1
        is_right = message.bounce.recipient in {one.decode().lower() for one in expected}
        right += is_right
        if kind == "dsn":
            assert is_right, f"{name}: {message.bounce}"
            if message.bounce.is_permanent == is_temporary and name not in TIMED_OUT:
                wrong_reports.append(name)
    share = f"{len(found)} of {len(mails)} seen, {right} of {checked} with the failing address"
    record_property("counted", f"bounces of flufl.bounce: {share}; missed: {', '.join(sorted(MISSED))}")
    assert set(mails) - found == MISSED
    assert right >= RIGHT
    assert wrong_reports == []


def _detected(source: bytes) -> list[tuple[str, str, list[bytes], bool]]:
    """What their own tests expect: detector, file, addresses, and whether it is only a delay."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DETECTORS":
            table: list[tuple[str, str, list[bytes], bool]] = ast.literal_eval(node.value)
            return table
    raise AssertionError("their tests have no table any more")
