"""What a tracker without hooks need not say: a plugin's class may begin with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hub.core.values import Catalogue, Checked, DeliveryValue, Hint, Http, Refused, Retry, Text

if TYPE_CHECKING:
    from hub.core.execute.settings import SyncSettings


class PlainTracker:
    """The beginning of a tracker: no optional capability, no hooks, found at once.

    It keeps what a kind is opened with as ``settings``, ``secrets``, ``http`` and ``state``. What it says
    holds for trackers that are only asked; each of its methods may be overridden.
    """

    capabilities: frozenset[str] = frozenset()
    find_lag = dt.timedelta(0)

    def __init__(
        self, settings: SyncSettings, secrets: Mapping[str, str], http: Http, state: Mapping[str, Any]
    ) -> None:
        """Opened by the kind, with its settings and secrets, the way out, and what was kept."""
        self.settings, self.secrets, self.http, self.state = settings, secrets, http, state

    def catalogue(self) -> Catalogue:
        """States and people for the mapping; ``check`` asks for them."""
        raise NotImplementedError

    def check(self) -> Checked:
        """Whether the catalogue can be read."""
        try:
            self.catalogue()
        except (Retry, Refused) as error:
            return Checked.unreached(type(self).__name__, error)
        return Checked(True, Text(zh="已连接", en="Connected"))

    def verify(self, delivery: DeliveryValue) -> bool:
        """Nobody may post: changes are found by looking."""
        return False

    def hints(self, delivery: DeliveryValue) -> Iterable[Hint]:
        """Nothing is posted."""
        return ()
