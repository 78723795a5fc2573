"""Advice by plain arithmetic: what stands out in the closed requests, and whether a plan worked.

Findings compare each category with all requests together. A verdict compares the mean after a plan's
start with the mean before it, and asks whether that difference is larger than what the series did by
itself: the same comparison is made at every *placebo date* before the start, when nothing was changed.
The latest quarter of the points before the start is left out of both, because plans are made after
bad weeks, and bad weeks get better by themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean, median

from hub.sdk import (
    STAGES,
    ClosedRequest,
    Effect,
    EffectsContext,
    FindingDraft,
    FindingsContext,
    Text,
    hookimpl,
)

# Fewer closed requests than this say nothing about a category.
LEAST_REQUESTS = 5
# A stage is slow when its median is so many times that of all requests, and at least so much longer.
SLOW_TIMES, SLOW_HOURS = 1.5, 1.0
# A mean score under this is low by itself; a category is low when it lies so far under all requests.
LOW_SCORE, LOW_SCORE_GAP = 3.5, 0.5
# A share of reopened requests above this is high; a category must also be so many times above all.
REOPENED_SHARE, REOPENED_TIMES = 0.1, 1.5

# Points needed after the start, and before it without the trigger window; each side of a placebo date.
LEAST_AFTER, LEAST_BEFORE, LEAST_SIDE = 8, 12, 4
# In simulated series without any effect these two say "works" in at most 4 of 100 (tests/plugins).
TRIGGER_SHARE, TIMES_TYPICAL = 4, 2.5

STAGE_ZH = dict(zip(STAGES, ("需求识别", "任务分配", "协作执行", "结果评估", "持续改进"), strict=True))

Requests = Sequence[ClosedRequest]
# How people call a category, by its key.
Called = Mapping[str, Text]
Find = Callable[[str, Requests, Requests, Called], FindingDraft | None]


class AdvicePlugin:
    """Finds what stands out and judges what was tried."""

    name = "advice"
    api = ">=1.0,<2"
    title = Text(zh="算术建议", en="Plain-arithmetic advice")

    @hookimpl
    def improve_findings(self, context: FindingsContext) -> Sequence[FindingDraft]:
        """Slow stages, low scores and reopened requests, by category; one finding for one cause."""
        everything, called = context.closed, context.categories
        names = sorted({request.category for request in everything if request.category})
        groups = {name: [request for request in everything if request.category == name] for name in names}
        slow = (_slow(name, group, everything, called) for name, group in groups.items())
        low = _or_overall(_low_score, groups, everything, called)
        reopened = _or_overall(_reopened, groups, everything, called)
        return tuple(finding for finding in (*slow, *low, *reopened) if finding)

    @hookimpl
    def improve_effects(self, context: EffectsContext) -> Effect:
        """Works, harm, no evidence, or too early, with the numbers that say so."""
        points = sorted(context.series)
        before = [value for at, value in points if at < context.started_at]
        after = [value for at, value in points if at >= context.started_at]
        before = before[: len(before) - max(LEAST_SIDE, len(before) // TRIGGER_SHARE)]
        if len(after) < LEAST_AFTER or len(before) < LEAST_BEFORE:
            return Effect("too_early", _too_few(len(before), len(after)))
        was, now = fmean(before), fmean(after)
        placebos = [abs(later - earlier) for earlier, later in _means_at_placebo_dates(before)]
        typical = fmean(difference**2 for difference in placebos) ** 0.5
        needed = context.least_effect / 100 * abs(was)
        reason = Text(
            zh=f"均值 {was:.2f} → {now:.2f}。什么都不改时，前后均值一般相差 {typical:.2f}，"
            f"最多 {max(placebos):.2f}（比较了 {len(placebos)} 个日期）；变化达到 {needed:.2f} 才算有用。",
            en=f"mean {was:.2f} → {now:.2f}. With nothing changed, the means before and after a date differ "
            f"by {typical:.2f} as a rule and {max(placebos):.2f} at most ({len(placebos)} dates compared); "
            f"a change is worth having from {needed:.2f} on.",
        )
        change = abs(now - was)
        if change == 0 or change < needed or change <= max(placebos) or change < TIMES_TYPICAL * typical:
            return Effect("no_evidence", reason)
        better = (now < was) == (context.direction == "lower")
        return Effect("works" if better else "harm", reason)


def _slow(name: str, group: Requests, everything: Requests, called: Called) -> FindingDraft | None:
    """The stage in which this category loses most against all requests, if it is slow in one."""
    worst: FindingDraft | None = None
    for stage in STAGES:
        hours = [request.stage_hours[stage] for request in group if stage in request.stage_hours]
        if len(hours) < LEAST_REQUESTS:
            continue
        value = median(hours)
        usual = median(request.stage_hours[stage] for request in everything if stage in request.stage_hours)
        if value < SLOW_TIMES * usual or value - usual < SLOW_HOURS:
            continue
        if worst is None or value - usual > worst.value - worst.baseline:
            ids = tuple(request.id for request in group if request.stage_hours.get(stage, 0.0) > usual)
            where = called.get(name, Text(zh=name, en=name))
            text = Text(
                zh=f"“{where.zh}”在{STAGE_ZH[stage]}阶段较慢："
                f"中位数 {value:.1f} 小时，全部为 {usual:.1f} 小时",
                en=f"“{where.en}” is slow in {stage}: median {value:.1f} h, all requests {usual:.1f} h",
            )
            worst = FindingDraft(f"slow:{stage}@{name}", text, f"hours:{stage}@{name}", value, usual, ids)
    return worst


def _low_score(name: str, group: Requests, everything: Requests, called: Called) -> FindingDraft | None:
    scores = [request.score for request in group if request.score is not None]
    if len(scores) < LEAST_REQUESTS:
        return None
    value, usual = fmean(scores), fmean(r.score for r in everything if r.score is not None)
    limit = usual - LOW_SCORE_GAP if name else LOW_SCORE
    if value > limit:
        return None
    ids = tuple(request.id for request in group if request.score is not None and request.score <= limit)
    where = _where(name, called)
    text = Text(
        zh=f"{where.zh}满意度低：均值 {value:.2f}（{len(scores)} 份答复），全部为 {usual:.2f}",
        en=f"Low satisfaction {where.en}: mean {value:.2f} ({len(scores)} answers), all {usual:.2f}",
    )
    return FindingDraft(_keyed("low-score", name), text, _keyed("score", name), value, usual, ids)


def _reopened(name: str, group: Requests, everything: Requests, called: Called) -> FindingDraft | None:
    if len(group) < LEAST_REQUESTS:
        return None
    ids = tuple(request.id for request in group if request.reopened)
    value = len(ids) / len(group)
    usual = sum(1 for request in everything if request.reopened) / len(everything)
    if value <= REOPENED_SHARE or (name and value < REOPENED_TIMES * usual):
        return None
    where = _where(name, called)
    text = Text(
        zh=f"{where.zh}常被重新打开：{value:.0%}（{len(ids)}/{len(group)}），全部为 {usual:.0%}",
        en=f"Often reopened {where.en}: {value:.0%} ({len(ids)} of {len(group)}), all {usual:.0%}",
    )
    return FindingDraft(_keyed("reopened", name), text, _keyed("reopened", name), value, usual, ids)


def _or_overall(
    find: Find, groups: Mapping[str, Requests], everything: Requests, called: Called
) -> list[FindingDraft | None]:
    """The categories that stand out; only where none does, all requests together."""
    found = [finding for name, group in groups.items() if (finding := find(name, group, everything, called))]
    return [*found] if found else [find("", everything, everything, called)]


def _where(name: str, called: Called) -> Text:
    if not name:
        return Text(zh="总体", en="overall")
    where = called.get(name, Text(zh=name, en=name))
    return Text(zh=f"“{where.zh}”", en=f"in “{where.en}”")


def _keyed(cause: str, name: str) -> str:
    return f"{cause}@{name}" if name else cause


def _means_at_placebo_dates(values: Sequence[float]) -> Iterator[tuple[float, float]]:
    """The mean before and after each date at which nothing was changed."""
    for split in range(LEAST_SIDE, len(values) - LEAST_SIDE + 1):
        yield fmean(values[:split]), fmean(values[split:])


def _too_few(before: int, after: int) -> Text:
    return Text(
        zh=f"数据不足：之前 {before} 个（需 {LEAST_BEFORE}），之后 {after} 个（需 {LEAST_AFTER}）",
        en=f"too few points: {before} before ({LEAST_BEFORE} needed), {after} after ({LEAST_AFTER} needed)",
    )


plugin = AdvicePlugin()
