"""Where each area of PingCode keeps its things, and what it lets us do with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.plugins.pingcode.client import Client, part
from hub.sdk import Text

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """The addresses of one area; ``flows`` is empty where the API tells no state flows."""

    items: str
    facts: str
    container: str
    plans: str
    flows: str
    title: Text
    scopes: str


PLACES: Mapping[str, Place] = {
    "work_item": Place(
        "/v1/pjm/work_items",
        "/v1/pjm/work_item",
        "project",
        "/v1/pjm/work_item_state_plans",
        "work_item_state_flows",
        Text(zh="工作项", en="work items"),
        "pcp:read|write:pjm:workitem, pcp:read:pjm:configuration",
    ),
    "idea": Place(
        "/v1/ship/ideas",
        "/v1/ship/idea",
        "product",
        "",
        "",
        Text(zh="需求", en="ideas"),
        "pcp:read|write:ship:idea, pcp:read:ship:product",
    ),
    "ticket": Place(
        "/v1/ship/tickets",
        "/v1/ship/ticket",
        "product",
        "/v1/ship/ticket_state_plans",
        "ticket_state_flows",
        Text(zh="工单", en="tickets"),
        "pcp:read|write:ship:ticket, pcp:read:ship:configuration",
    ),
}


class Facts:
    """What PingCode tells about one project or product: states, types, labels; asked once an hour."""

    def __init__(self, client: Client, place: Place, container: str, kind: str, plan: str = "") -> None:
        """``kind`` is the type's id, which PingCode does not tell on reads; ``plan`` goes before looking."""
        self._client, self._place = client, place
        self._container, self._kind, self._plan = container, kind, plan

    def rows(self, name: str, *, fresh: bool = False) -> list[Mapping[str, Any]]:
        """The rows of ``states``, ``types``, ``tags`` or ``properties`` that hold here."""
        params = {f"{self._place.container}_id": self._container}
        if self._place.container == "project" and name in ("states", "properties"):
            params["work_item_type_id"] = self._kind
        if fresh:
            self._client.forget(name)
        found: list[Mapping[str, Any]] = self._client.known(
            name, lambda: self._client.every(f"{self._place.facts}/{name}", **params)
        )
        return found

    def named(self, name: str, value: str, keys: tuple[str, ...] = ("name",)) -> list[str]:
        """The ids of the rows whose name (or another key) is this; looked up again before giving up."""
        for fresh in (False, True):
            for key in keys:
                if found := [str(row["id"]) for row in self.rows(name, fresh=fresh) if row.get(key) == value]:
                    return found
        return []

    def edges(self) -> Mapping[str, list[str]] | None:
        """Which state may follow which; None where the plan is not known: then PingCode itself decides."""
        if not self._place.plans:
            return None
        found: dict[str, Mapping[str, list[str]] | None] = self._client.known("flows", self._edges)
        return found["edges"]

    def moves(self, words: Callable[[Row], Sequence[str]]) -> Mapping[str, tuple[str, ...]] | None:
        """Which state may follow which, by the words for each; of one word for several, where any may."""
        if (edges := self.edges()) is None:
            return None
        rows = {str(row.get("id")): row for row in self.rows("states")}
        found: dict[str, tuple[str, ...]] = {}
        for start, ends in edges.items():
            ways = [word for end in ends if end in rows for word in words(rows[end])]
            for word in words(rows[start]) if start in rows else ():
                found[word] = tuple(dict.fromkeys((*found.get(word, ()), *ways)))
        return found

    def kinds(self) -> tuple[tuple[str, str], ...]:
        """Id and name of each type; ideas have none."""
        if self._place is PLACES["idea"]:
            return ()
        return tuple((str(row.get("id")), str(row.get("name"))) for row in self.rows("types"))

    def _edges(self) -> dict[str, Mapping[str, list[str]] | None]:
        plan = self._plan or self._own_plan()
        if not plan:
            return {"edges": None}
        rows = self._client.every(f"{self._place.plans}/{part(plan)}/{self._place.flows}")
        edges: dict[str, list[str]] = {}
        for row in rows:
            # The key is really spelled form_state.
            start, end = row.get("form_state") or row.get("from_state"), row.get("to_state")
            if isinstance(start, dict) and isinstance(end, dict):
                edges.setdefault(str(start.get("id")), []).append(str(end.get("id")))
        return {"edges": edges or None}

    def _own_plan(self) -> str:
        """The one plan of this project or product, else the only one that belongs to none."""
        plans = self._client.every(self._place.plans)

        def owner(plan: Mapping[str, Any]) -> str | None:
            of = plan.get(self._place.container)
            return str(of.get("id")) if isinstance(of, dict) else None

        ours = [plan for plan in plans if owner(plan) == self._container]
        common = [plan for plan in plans if owner(plan) is None]
        chosen = ours if ours else common
        return str(chosen[0]["id"]) if len(chosen) == 1 else ""


def both_words(state: Row) -> tuple[str, str]:
    """By which words a mapping names this state: its own name, and its type's."""
    return str(state.get("name")), str(state.get("type"))
