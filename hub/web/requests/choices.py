"""What the list of requests can be filtered by, and the filter in its address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.core.customers.models import Customer
from hub.core.values import REQUEST_STATES, STAGES
from hub.core.work.listing import ORDERS, Filter
from hub.core.work.models import Category
from hub.render.reader import N_
from hub.render.words import STATES
from hub.web.context import reader
from hub.web.forms import row_number
from hub.web.requests.forms import SUGGESTED

LONGEST_SEARCH = 200
KEPT = ("stage", "state", "category", "customer", "person", "label", "q", "sort")
SORTS = {
    "newest": N_("newest first"),
    "updated": N_("last changed first"),
    "priority": N_("most urgent first"),
    "wanted": N_("wanted soonest first"),
}
assert SORTS.keys() == ORDERS.keys()


def filter_of(args: Mapping[str, str]) -> Filter:
    """The filter an address names; numbers that are none match nothing in particular."""
    return Filter(
        stage=args.get("stage") or None,
        # Who looks for words looks everywhere, unless a state is chosen.
        state=args.get("state") or ("all" if args.get("q") else "live"),
        category_id=row_number(args.get("category")),
        customer_id=row_number(args.get("customer")),
        person_id=row_number(args.get("person")),
        label=(args.get("label") or "").strip() or None,
        text=(args.get("q") or "").strip()[:LONGEST_SEARCH] or None,
    )


def kept_of(args: Mapping[str, str]) -> dict[str, str]:
    """The parts of an address that say what the list shows; which page of it is left out."""
    return {name: value for name in KEPT if (value := args.get(name))}


_CATEGORIES = select(Category.id, Category.title).order_by(Category.id)
_CUSTOMERS = select(Customer.id, Customer.name).order_by(Customer.name).limit(SUGGESTED)


def choices_of(session: Session, people: Iterable[tuple[int, str]]) -> dict[str, Any]:
    """The choices of each select of the filter, as (value, text)."""
    categories, customers = session.execute(_CATEGORIES), session.execute(_CUSTOMERS)
    return {
        "stage": [(stage, reader().stage(stage)) for stage in STAGES],
        "state": [("live", reader().say(N_("open and waiting"))), ("all", reader().say(N_("every state")))]
        + [(state, reader().say(STATES[state])) for state in REQUEST_STATES],
        "category": [(str(number), reader().text(title)) for number, title in categories],
        "customer": [(str(number), name) for number, name in customers],
        "person": [(str(number), name) for number, name in people],
        "sort": [(name, reader().say(text)) for name, text in SORTS.items()],
    }
