"""Something that should hold for every thing of a kind: how often it does, and the list of where it does not.

Number and list come from the same condition, so they can never differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, case, func
from sqlalchemy.orm import Session

PAGE = 50
Kind = Literal["request", "task", "finding"]


@dataclass(frozen=True, slots=True)
class Check:
    """What should hold of ``things``: a select of (id, ref, title, at), whose ``kind`` is what a ref names.

    ``amiss`` is true of those for which it does not hold.
    """

    key: str
    kind: Kind
    things: Any
    amiss: ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Counted:
    """How many things there are, and for how many of them it does not hold."""

    check: Check
    total: int
    amiss: int

    @property
    def share(self) -> float | None:
        """The share for which it holds, 0 to 1; None where there is nothing to ask of."""
        return (self.total - self.amiss) / self.total if self.total else None


def count(session: Session, check: Check) -> Counted:
    """The two numbers of a check."""
    amiss = func.sum(case((check.amiss, 1), else_=0))
    row = session.execute(
        check.things.order_by(None).with_only_columns(func.count(), amiss, maintain_column_froms=True)
    ).one()
    return Counted(check, row[0], row[1] or 0)


def listed(session: Session, check: Check, after: int = 0) -> tuple[Sequence[Row[Any]], int | None]:
    """A page of the things for which it does not hold, and where the next page begins (None: nowhere)."""
    key = check.things.selected_columns[0]
    wanted = check.things.where(check.amiss, key > after).order_by(key).limit(PAGE + 1)
    rows = session.execute(wanted).all()
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None
