"""Tokens in addresses: ours are recognised however they are written, others never."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from hub.core.connections.secrets import KeyRing
from hub.core.conversation.addresses import Address, mint, new_message_id, read

KEYS = KeyRing([Fernet.generate_key().decode()])
TOKEN = mint(KEYS, "SR-12", 7)


@pytest.mark.parametrize(
    "address",
    [f"support+{TOKEN}@example.org", f"support-{TOKEN}@example.org", f"{TOKEN}@reply.example.org",
     f"SUPPORT+{TOKEN.upper()}@EXAMPLE.ORG"],
    ids=["plus", "hyphen", "alone", "upper"],
)  # fmt: skip
def test_reads_its_own_token_wherever_the_sender_puts_it(address: str) -> None:
    assert read(KEYS, ["somebody@example.org", address]) == (Address("r", "SR-12", 7), False)


def test_tells_a_forged_token_from_none() -> None:
    other = mint(KeyRing([Fernet.generate_key().decode()]), "SR-12", 7)
    assert read(KEYS, [f"support+{other}@example.org"]) == (None, True)
    assert read(KEYS, ["support@example.org", "r-me@example.org", "@", ""]) == (None, False)


@pytest.mark.parametrize(("part", "by"), [("sr-12", "sr-13"), ("-7-", "-8-"), ("r-", "b-")])
def test_a_token_is_for_one_request_one_contact_and_one_purpose(part: str, by: str) -> None:
    assert read(KEYS, [f"support+{TOKEN.replace(part, by, 1)}@example.org"])[0] is None


def test_a_genuine_token_counts_beside_a_forged_one() -> None:
    forged = TOKEN[:-1] + ("a" if TOKEN[-1] != "a" else "b")
    assert read(KEYS, [f"{forged}@x.org", f"{TOKEN}@x.org"]) == (Address("r", "SR-12", 7), True)


def test_no_two_messages_have_the_same_id() -> None:
    ids = {new_message_id("SR-12", "reply", "example.org") for _ in range(50)}
    assert len(ids) == 50
    assert all(one.startswith("<hub.sr-12.reply.") and one.endswith("@example.org>") for one in ids)
