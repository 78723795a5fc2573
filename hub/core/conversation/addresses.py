"""Addresses that lead home: the token in an answer's address, and the ids of our own mails.

A token is ``r-<ref>-<contact id>-<mac>`` (answers) or ``b-…`` (bounces), in lower case, for servers
fold it: the local part of an address is either the token, or ends in it behind a separator.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from hub.core.connections.secrets import KeyRing
from hub.core.database import new_uuid

Purpose = Literal["r", "b"]
MAC = 16  # base32 letters: 80 bits
_TOKEN = re.compile(r"(?:^|[+=._-])([rb])-([a-z][a-z0-9]{0,9}-\d{1,12})-(\d{1,12})-([a-z2-7]{16})$")


@dataclass(frozen=True, slots=True)
class Address:
    """What a genuine token says: for which request and contact it was made, and what for."""

    purpose: str
    ref: str
    contact_id: int


def mint(keys: KeyRing, ref: str, contact_id: int, purpose: Purpose = "r") -> str:
    """The token by which this contact's answer (or, for ``b``, a bounce) finds this request."""
    ref = ref.lower()
    return f"{purpose}-{ref}-{contact_id}-{_mac(keys, purpose, ref, contact_id)}"


def read(keys: KeyRing, addresses: Iterable[str]) -> tuple[Address | None, bool]:
    """The first genuine token in these addresses, and whether a token there was forged."""
    forged = False
    for address in addresses:
        found = _TOKEN.search(address.strip().lower().rpartition("@")[0])
        if found is None:
            continue
        purpose, ref, contact, mac = found.groups()
        if hmac.compare_digest(mac, _mac(keys, purpose, ref, int(contact))):
            return Address(purpose, ref.upper(), int(contact)), forged
        forged = True
    return None, forged


def new_message_id(ref: str, event: str, domain: str) -> str:
    """An id of our own, to be kept before the first try: ``<hub.sr-12.reply.…@domain>``."""
    return f"<hub.{ref.lower()}.{event}.{new_uuid().replace('-', '')}@{domain}>"


def _mac(keys: KeyRing, purpose: str, ref: str, contact_id: int) -> str:
    key = keys.derive("mail addresses").encode()
    digest = hmac.new(key, f"{purpose} {ref} {contact_id}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:MAC]
