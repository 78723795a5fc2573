"""Who there is probably who here: proposals that hold only when a person accepts them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from hub.core.values import Catalogue

Who = TypeVar("Who", int, str)


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody here."""

    id: int
    name: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An account that is probably this person's, and what speaks for it."""

    account: str
    name: str
    by: Literal["mail", "name"]


def proposals(there: Catalogue, people: Iterable[Known], mapped: Mapping[int, str]) -> dict[int, Proposal]:
    """For those who have no account yet: the one with their mail address, else the one with their name.

    Only where it is one of one: of two accounts or two persons alike, none is proposed. An account whose
    address is another one is not theirs, whatever its name is.
    """
    people = list(people)
    taken = {account for account in mapped.values() if account}
    names = dict(there.people)
    mails = {account: _folded(mail) for account, mail in there.mails.items() if account in names}
    found = _pairs(
        {account: mail for account, mail in mails.items() if mail},
        {person.id: _folded(person.email) for person in people},
    )
    by_mail = {person: Proposal(account, names[account], "mail") for person, account in found.items()}
    elsewhere = set(mails) | {proposal.account for proposal in by_mail.values()}
    found = _pairs(
        {account: _folded(name) for account, name in names.items()},
        {person.id: _folded(person.name) for person in people},
    )
    by_name = {
        person: Proposal(account, names[account], "name")
        for person, account in found.items()
        if account not in elsewhere
    }
    both = {**by_name, **by_mail}
    return {
        person: proposal
        for person, proposal in both.items()
        if not mapped.get(person) and proposal.account not in taken
    }


def _pairs(accounts: Mapping[str, str], people: Mapping[int, str]) -> dict[int, str]:
    """Person and account that share a word which nobody else has on either side."""
    there, here = _single(accounts), _single(people)
    return {person: there[word] for word, person in here.items() if word in there}


def _single(words: Mapping[Who, str]) -> dict[str, Who]:
    counted: dict[str, list[Who]] = {}
    for who, word in words.items():
        counted.setdefault(word, []).append(who)
    return {word: those[0] for word, those in counted.items() if word and len(those) == 1}


def _folded(text: str | None) -> str:
    return (text or "").strip().casefold()
