"""Who reads: a language, a time zone and the moment, and how values look to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from markupsafe import Markup, escape

from hub.core.values import STAGES, OpenPoint, Text
from hub.render.translations import translations

LANGUAGES = ("zh", "en")


def N_(message: str) -> str:  # the name by which Babel finds messages
    """Mark a message for extraction without translating it now."""
    return message


STAGE_NAMES = {
    "identify": N_("Identify"),
    "assign": N_("Assign"),
    "execute": N_("Execute"),
    "evaluate": N_("Evaluate"),
    "improve": N_("Improve"),
}


# Of a unit so much must be reached that it is counted in it; Babel's own default.
_ENOUGH = 0.85
_ages: dict[tuple[str, str, int, bool], str] = {}


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)


@dataclass(frozen=True, slots=True)
class Reader:
    """Someone who reads a page, a mail or a message."""

    language: str
    zone: dt.tzinfo
    now: dt.datetime

    @classmethod
    def of(cls, language: str | None, zone: str | None, now: dt.datetime) -> Reader:
        """A reader by language and zone names; what is missing or unknown becomes English and UTC."""
        try:
            known = ZoneInfo(zone or "UTC")
        except (KeyError, ValueError, OSError):
            known = ZoneInfo("UTC")
        return cls("zh" if (language or "").startswith("zh") else "en", known, now)

    @property
    def locale(self) -> Locale:
        """The Babel locale."""
        return _locale(self.language)

    def say(self, message: str, **values: Any) -> str:
        """A message of the catalogue in this language, with named values."""
        sentence = translations(self.language).gettext(message)
        return sentence % {name: self.show(value) for name, value in values.items()} if values else sentence

    def show(self, value: Any) -> str:
        """Any value as a person expects to read it."""
        if isinstance(value, (Text, Mapping)):
            return self.text(value)
        if isinstance(value, OpenPoint):
            return self.text(value.text)
        if isinstance(value, dt.datetime):
            return self.datetime(value)
        if isinstance(value, dt.date):
            return self.date(value)
        if isinstance(value, (list, tuple, set, frozenset)):
            return ("、" if self.language == "zh" else ", ").join(self.show(item) for item in value)
        return self.stage(value) if value in STAGES else str(value)

    def text(self, value: Text | Mapping[str, str] | str | None) -> str:
        """A text of a plugin or of the catalogue in this language."""
        if isinstance(value, Text):
            return value.within(self.language)
        if isinstance(value, Mapping):
            return Text(value.get("zh") or "", value.get("en") or "").within(self.language)
        return value or ""

    def stage(self, key: str) -> str:
        """The name of a stage."""
        return translations(self.language).gettext(STAGE_NAMES[key])

    def datetime(self, value: dt.datetime | None) -> str:
        """Date and minute in the reader's zone."""
        return value.astimezone(self.zone).strftime("%Y-%m-%d %H:%M") if value else ""

    def short(self, value: dt.datetime | None) -> str:
        """A moment without what goes without saying: today's date, this year's number."""
        if value is None:
            return ""
        here, today = value.astimezone(self.zone), self.now.astimezone(self.zone)
        if here.year != today.year:
            return here.strftime("%Y-%m-%d")
        return here.strftime("%H:%M" if here.date() == today.date() else "%m-%d %H:%M")

    def date(self, value: dt.date | None) -> str:
        """A day; of a moment, the day in the reader's zone."""
        if isinstance(value, dt.datetime):
            value = value.astimezone(self.zone).date()
        return value.isoformat() if value else ""

    def age(self, value: dt.datetime | None) -> str:
        """How long ago, or how soon, in words."""
        if value is None:
            return ""
        left = int((value - self.now).total_seconds() // 1)
        # As Babel counts; what it makes of so many units is kept, for a list says the same few things.
        unit, seconds = next(
            (unit, seconds)
            for unit, seconds in dates.TIMEDELTA_UNITS
            if abs(left) / seconds >= _ENOUGH or unit == "second"
        )
        said = (self.language, unit, round(abs(left) / seconds), left >= 0)
        if said not in _ages:
            _ages[said] = str(
                dates.format_timedelta(
                    left, threshold=_ENOUGH, add_direction=True, locale=self.locale, format="short"
                )
            )
        return _ages[said]

    def when(self, value: dt.datetime | None, exact: bool = False) -> Markup:
        """A moment as HTML: how long ago (or ``exact``, but short), and on hovering the whole of it."""
        if value is None:
            return Markup()
        said = escape(self.short(value) if exact else self.age(value))
        return Markup(f'<time datetime="{value.isoformat()}" title="{self.datetime(value)}">{said}</time>')

    def span(self, value: dt.datetime | dt.timedelta) -> str:
        """A short span such as 3h, 2d or -5h; of a moment, the time that is left until then."""
        left = value - self.now if isinstance(value, dt.datetime) else value
        minutes = int(abs(left).total_seconds() // 60)
        per, unit = (1440, "d") if minutes >= 1440 else (60, "h") if minutes >= 60 else (1, "m")
        return f"{'-' if left < dt.timedelta(0) else ''}{minutes // per}{unit}"

    def is_overdue(self, value: dt.datetime | dt.date | None) -> bool:
        """Whether a moment, or the whole of a day, has passed."""
        if isinstance(value, dt.datetime):
            return value < self.now
        return value is not None and value < self.now.astimezone(self.zone).date()

    def number(self, value: float | None, digits: int | None = None) -> str:
        """A number with at most so many digits after the point."""
        if value is None:
            return "–"
        return str(numbers.format_decimal(round(value, 2 if digits is None else digits), locale=self.locale))

    def percent(self, value: float | None) -> str:
        """A share between 0 and 1."""
        return "–" if value is None else str(numbers.format_percent(value, locale=self.locale))

    def money(self, minor: int, currency: str) -> str:
        """An amount of integer minor units."""
        amount = Decimal(minor).scaleb(-numbers.get_currency_precision(currency))
        return str(numbers.format_currency(amount, currency, locale=self.locale))
