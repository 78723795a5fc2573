"""Public holidays and make-up days of a country, from the ``holidays`` package."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from hub.core.values import Refusal

Days = dict[dt.date, str]


def holidays_of(country: str, years: Iterable[int], *languages: str) -> tuple[Days, Days]:
    """The days off and the make-up working days of these years, each with its name.

    A name is given in each of ``languages`` (``zh_CN``, ``en_US``), else in the country's own; a
    language the ``holidays`` package does not have for the country adds nothing.
    """
    # Imported here: the package is large, and only a start or a new year needs it.
    import holidays

    wanted = set(years)
    # A year's table may move a working day into the December before it.
    looked_at = wanted | {max(wanted) + 1}
    try:
        known = holidays.country_holidays(country)
        # Left to itself the package asks the system's language, and names would change with the machine.
        spoken: list[str | None] = [one for one in languages if one in known.supported_languages]
        spoken = spoken or [known.default_language]
        tables = [
            holidays.country_holidays(country, years=looked_at, language=language) for language in spoken
        ]
    except NotImplementedError:
        raise Refusal("country_unknown", field="country", country=country) from None
    off = {
        day: " ".join(dict.fromkeys(table[day] for table in tables))
        for day in tables[0]
        if day.year in wanted
    }
    made_up = {day: off_for(day, off) for day in tables[0].weekend_workdays if day.year in wanted}
    return off, made_up


def off_for(day: dt.date, off: Days) -> str:
    """The name of the holiday a make-up day stands beside: the nearest one."""
    nearest = min(off, key=lambda holiday: abs(holiday - day), default=None)
    return off[nearest] if nearest else ""
