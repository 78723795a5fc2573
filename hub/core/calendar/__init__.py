"""Working time: when people work, and how long until when."""

from hub.core.calendar.holidays import holidays_of
from hub.core.calendar.models import (
    Calendar,
    CalendarVersion,
    calendar_at,
    current,
    ensure_default,
    is_made_from,
    revise,
)
from hub.core.calendar.working import WorkingCalendar

__all__ = [
    "Calendar",
    "CalendarVersion",
    "WorkingCalendar",
    "calendar_at",
    "current",
    "ensure_default",
    "holidays_of",
    "is_made_from",
    "revise",
]
