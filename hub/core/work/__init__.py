"""The nouns of the work: service requests, needs, goals, tasks, time."""

from hub.core.work.models import Category, Goal, Need, ServiceRequest, Task, TaskNeed, TimeEntry

__all__ = ["Category", "Goal", "Need", "ServiceRequest", "Task", "TaskNeed", "TimeEntry"]
