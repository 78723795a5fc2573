"""The names of metrics in words: what findings and plans are measured by."""

from __future__ import annotations

from hub.core.values import STAGES
from hub.render.reader import N_, Reader

NAMES = {"score": N_("Satisfaction"), "reopened": N_("Reopenings")}


def metric_name(metric: str, reader: Reader, categories: dict[str, object] | None = None) -> str:
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
