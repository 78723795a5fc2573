"""The key ring: what seals, what opens, and what a wrong key does."""

from __future__ import annotations

import re
import stat
import threading
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from hub.core.connections.secrets import KeyRing, new_token, token_hash
from hub.core.database import Database
from hub.core.values import Refusal

ONE, TWO = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def refusal(ring: KeyRing, database: Database) -> str:
    with pytest.raises(Refusal) as caught:
        ring.check(database)
    return caught.value.message


def test_opens_what_it_sealed(tmp_path: Path) -> None:
    ring = KeyRing.load(tmp_path, {})
    sealed = ring.seal({"token": "密码 hunter2"})
    assert "hunter2" not in sealed
    assert ring.open(sealed) == {"token": "密码 hunter2"}
    assert ring.seal({"token": "密码 hunter2"}) != sealed


def test_the_key_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    sealed = KeyRing.load(tmp_path / "data", {}).seal({"a": 1})
    path = tmp_path / "data" / "key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyRing.load(tmp_path / "data", {}).open(sealed) == {"a": 1}
    assert list(path.parent.iterdir()) == [path]


def test_two_that_start_at_once_hold_the_same_key(tmp_path: Path) -> None:
    rings: list[KeyRing] = []
    threads = [threading.Thread(target=lambda: rings.append(KeyRing.load(tmp_path, {}))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealed = rings[0].seal({"a": 1})
    assert [ring.open(sealed) for ring in rings] == [{"a": 1}] * 8


def test_the_environment_goes_before_the_file_and_makes_none(tmp_path: Path) -> None:
    ring = KeyRing.load(tmp_path, {"HUB_KEY": ONE})
    assert KeyRing([ONE]).open(ring.seal({"a": 1})) == {"a": 1}
    assert list(tmp_path.iterdir()) == []


def test_keys_change_while_the_old_one_still_opens(tmp_path: Path) -> None:
    old = KeyRing.load(tmp_path, {"HUB_KEY": ONE}).seal({"a": 1})
    both = KeyRing.load(tmp_path, {"HUB_KEY": f"{TWO}, {ONE}"})
    assert both.open(old) == {"a": 1}
    assert KeyRing([TWO]).open(both.reseal(old)) == {"a": 1}


@pytest.mark.parametrize(
    "text", ["short", " , ", "ä" * 44, ONE[:-4]], ids=["short", "empty", "letters", "cut"]
)
def test_refuses_what_is_no_key(tmp_path: Path, text: str) -> None:
    (tmp_path / "key").write_text(text, encoding="utf-8")
    with pytest.raises(Refusal) as caught:
        KeyRing.load(tmp_path, {})
    assert caught.value.message == "key_unreadable"


def test_refuses_a_changed_text() -> None:
    ring = KeyRing([ONE])
    sealed = ring.seal({"a": 1})
    for changed in (sealed[:-6] + "AAAA==", "", "ä", KeyRing([TWO]).seal({"a": 1})):
        with pytest.raises(Refusal, match="key_wrong"):
            ring.open(changed)


def test_the_same_key_is_right_at_every_start(database: Database, tmp_path: Path) -> None:
    for _ in range(3):
        KeyRing.load(tmp_path, {}).check(database)


def test_a_wrong_key_is_refused(database: Database, tmp_path: Path) -> None:
    KeyRing.load(tmp_path, {"HUB_KEY": ONE}).check(database)
    assert refusal(KeyRing.load(tmp_path, {"HUB_KEY": TWO}), database) == "key_wrong"
    KeyRing.load(tmp_path, {"HUB_KEY": f"{TWO} {ONE}"}).check(database)


def test_a_missing_key_is_refused_and_no_other_put_in_its_place(database: Database, tmp_path: Path) -> None:
    KeyRing.load(tmp_path, {"HUB_KEY": ONE}).check(database)
    assert refusal(KeyRing.load(tmp_path, {}), database) == "key_missing"
    assert not (tmp_path / "key").exists()


def test_keys_for_other_purposes_are_steady_and_differ() -> None:
    ring = KeyRing([ONE])
    assert ring.derive("web sessions") == KeyRing([ONE, TWO]).derive("web sessions")
    assert ring.derive("web sessions") not in (
        ring.derive("mail"),
        KeyRing([TWO]).derive("web sessions"),
        ONE,
    )


def test_tokens_differ_and_are_long_enough_and_stored_as_hashes() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(re.fullmatch(r"[\w-]{22,}", token, re.ASCII) for token in tokens)
    token = tokens.pop()
    assert token not in token_hash(token)
    assert token_hash(token) == token_hash(token) != token_hash(token + "a")
