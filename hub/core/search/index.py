"""Putting documents into the index, and the condition that finds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    cast,
    column,
    delete,
    func,
    insert,
    select,
    table,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session
from sqlalchemy.sql import Select

from hub.core.search.grams import asked, folded, terms
from hub.core.search.models import INDEX, SearchDocument

# A query of more words is cut: nobody remembers more of a request.
MOST_WORDS = 12
_MATCHES = table(INDEX, column("rowid", Integer))
_DOCUMENTS: Any = SearchDocument.__table__
_FORGET = text(f"INSERT INTO {INDEX} ({INDEX}, rowid, terms) VALUES ('delete', :request_id, :terms)")
_LEARN = text(f"INSERT INTO {INDEX} (rowid, terms) VALUES (:request_id, :terms)")


def put(session: Session, documents: Mapping[int, Iterable[str]]) -> int:
    """Make requests findable by these texts; gives how many were not yet. The caller holds their rows."""
    known = {row.request_id: row for row in session.execute(_known(documents))}
    whole = {number: folded("\n".join(parts)) for number, parts in documents.items()}
    new: list[dict[str, Any]] = [
        {"request_id": number, "folded": text, "terms": terms(text), "stale": False}
        for number, text in whole.items()
        if number not in known or known[number].stale or known[number].folded != text
    ]
    if not new:
        return 0
    old = [known[row["request_id"]] for row in new if row["request_id"] in known]
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    if old:
        if on_sqlite:
            session.execute(_FORGET, [{"request_id": row.request_id, "terms": row.terms} for row in old])
        session.execute(
            delete(_DOCUMENTS).where(_DOCUMENTS.c.request_id.in_([row.request_id for row in old]))
        )
    if on_sqlite:
        rows = [{**row, "terms": " ".join(row["terms"])} for row in new]
        session.execute(insert(_DOCUMENTS), rows)
        session.execute(_LEARN, rows)
    else:
        for row in new:
            session.execute(insert(_DOCUMENTS).values({**row, "terms": func.array_to_tsvector(row["terms"])}))
    return len(new)


def _known(documents: Iterable[int]) -> Select[Any]:
    return select(_DOCUMENTS).where(_DOCUMENTS.c.request_id.in_(list(documents)))


def knows(session: Session, request_id: int, parts: Iterable[str]) -> bool:
    """Whether a request is found by just these texts already."""
    this = select(SearchDocument.folded).where(SearchDocument.request_id == request_id, ~SearchDocument.stale)
    return session.scalar(this) == folded("\n".join(parts))


def matching(dialect: str, query: str) -> Select[Any]:
    """The ids of the requests in which every word of the query stands, as a database of this kind is asked.

    Words are parted by blanks. A Chinese one is found anywhere, another one where a word begins with
    it; what the index finds is looked at again, so that only the word as written counts.
    """
    words = folded(query).split()[:MOST_WORDS]
    wanted = [term for word in words for term in asked(word)]
    exactly: list[ColumnElement[bool]] = [
        SearchDocument.folded.contains(word, autoescape=True) for word in words
    ]
    chosen = select(SearchDocument.request_id)
    if not words:
        return chosen.where(~true())
    if not wanted:  # signs alone
        return chosen.where(*exactly)
    if dialect == "postgresql":
        told = " & ".join(f"'{term}'{':*' if begins else ''}" for term, begins in wanted)
        return chosen.where(SearchDocument.terms.op("@@")(cast(told, TSQUERY)), *exactly)
    told = " AND ".join(f'"{term}"{"*" if begins else ""}' for term, begins in wanted)
    # Joined, and by the index's own number: so SQLite can walk it newest first and stop early.
    found = select(_MATCHES.c.rowid).join(_DOCUMENTS, _DOCUMENTS.c.request_id == _MATCHES.c.rowid)
    return found.where(column(INDEX).op("MATCH")(told), *exactly)


def newest(session: Session, query: str, most: int) -> list[int]:
    """The ids of the newest requests that ``matching`` finds, at most so many."""
    found = matching(session.get_bind().dialect.name, query)
    return list(session.scalars(found.order_by(found.selected_columns[0].desc()).limit(most)))


def outdated(session: Session, requests: Select[int]) -> None:
    """Have these requests read anew: something they show has another name now."""
    session.execute(
        update(SearchDocument)
        .where(SearchDocument.request_id.in_(requests))
        .values(stale=True)
        .execution_options(synchronize_session=False)
    )


def missing(session: Session, requests: Any, most: int, below: int | None = None) -> list[int]:
    """Ids of ``requests`` (their id column) that cannot be found yet or are stale, newest first.

    Who walks through many goes on ``below`` the last one: what is done need not be passed again.
    """
    known = select(SearchDocument.request_id).where(SearchDocument.request_id == requests)
    never = select(requests).where(~known.exists())
    stale = select(SearchDocument.request_id).where(SearchDocument.stale)
    if below is not None:
        never, stale = never.where(requests < below), stale.where(SearchDocument.request_id < below)
    found = [
        *session.scalars(never.order_by(requests.desc()).limit(most)),
        *session.scalars(stale.order_by(SearchDocument.request_id.desc()).limit(most)),
    ]
    return sorted(found, reverse=True)[:most]
