"""Metrics in words: what findings and plans are measured by, and what their numbers count."""

from __future__ import annotations

from collections.abc import Mapping

from hub.core.values import STAGES
from hub.render.reader import N_, Reader

NAMES = {"score": N_("Satisfaction"), "reopened": N_("Reopenings")}


def metric_name(metric: str, reader: Reader, categories: Mapping[str, object] | None = None) -> str:
    """``hours:execute@network`` as a person says it; a metric nobody knows stays as it is."""
    name, _, category = metric.partition("@")
    stage = name.removeprefix("hours:")
    if name in NAMES:
        said = reader.say(NAMES[name])
    elif stage in STAGES:
        said = reader.say(N_("Hours in “%(stage)s”"), stage=stage)
    else:
        return metric
    where = (categories or {}).get(category, category)
    return f"{said} · {reader.show(where)}" if category else said


def metric_value(value: float | None, metric: str, reader: Reader, *, share: bool) -> str | None:
    """A number of a metric with what it counts: 3.5 h, 4.25, 25 %; reopenings are a ``share``, or times."""
    if value is None:
        return None
    name = metric.partition("@")[0]
    if name == "reopened" and share:
        return reader.percent(value)
    return f"{reader.number(value, 2)} h" if name.startswith("hours:") else reader.number(value, 2)
