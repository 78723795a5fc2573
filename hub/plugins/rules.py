"""Plain rules: category by keywords, priority by impact and urgency, and who gets a task and why."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Sequence

from hub.sdk import (
    AssignContext,
    Classification,
    ClassifyContext,
    Estimate,
    EstimateContext,
    NeedDraft,
    NeedsContext,
    OpenPoint,
    OpenPointsContext,
    Panel,
    PanelsContext,
    PersonValue,
    Pick,
    PickContext,
    PrioritiseContext,
    Priority,
    RequestValue,
    Score,
    SplitContext,
    TaskDraft,
    Text,
    Veto,
    hookimpl,
)

# A keyword in the title says more about the category than one in the text.
TITLE_WEIGHT = 3

# Urgency: how soon. Impact: how many are hit. Each is 1 (high) to 3 (low), 2 when nothing speaks for
# another; the level is impact + urgency - 1, at most 4, as in the usual impact and urgency table.
URGENT_WORDS = ("urgent", "asap", "immediately", "emergency", "紧急", "尽快", "立即", "马上", "十万火急")
PATIENT_WORDS = ("no hurry", "no rush", "whenever", "question", "不急", "不着急", "有空", "咨询")
BROAD_WORDS = (
    "everyone",
    "everybody",
    "all users",
    "outage",
    "production",
    "nobody can",
    "data loss",
    "所有人",
    "全体",
    "全部用户",
    "全公司",
    "宕机",
    "瘫痪",
    "生产环境",
    "数据丢失",
)
NARROW_WORDS = ("cosmetic", "typo", "nice to have", "cleanup", "错别字", "美化", "锦上添花")
URGENT_DAYS, SOON_DAYS = 1, 5
GRADES = {1: Text(zh="高", en="high"), 2: Text(zh="中", en="medium"), 3: Text(zh="低", en="low")}

# One level of skill weighs as much as so many hours of work that somebody already has.
HOURS_PER_SKILL_LEVEL = 10.0
# With fewer done tasks than this, their median is chance; the category's own hours are used.
LEAST_PAST_TASKS = 3

LONGEST_TITLE = 200
LONGEST_EVIDENCE = 500
LIST_ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)、．])\s*(\S.*)$", re.MULTILINE)


class RulesPlugin:
    """Decides by rules that fit on one page, each with its reason."""

    name = "rules"
    api = ">=1.0,<2"
    title = Text(zh="规则", en="Rules")

    # ---- identify ----

    @hookimpl
    def identify_classify(self, context: ClassifyContext) -> Classification | None:
        """The category with the most keywords in title and text; among equals the first."""
        title, body = context.request.title, context.request.body
        best, points = None, 0
        found: tuple[str, ...] = ()
        for category in context.categories:
            words = (*category.keywords, category.title.zh, category.title.en)
            in_title, in_body = _found(words, title), _found(words, body)
            score = TITLE_WEIGHT * len(in_title) + len(in_body)
            if score > points:
                best, points, found = category, score, tuple(dict.fromkeys(in_title + in_body))
        if best is None:
            return None
        return Classification(
            best.key,
            Text(zh=f"出现关键词：{'、'.join(found)}", en=f"Keywords found: {', '.join(found)}"),
        )

    @hookimpl
    def identify_prioritise(self, context: PrioritiseContext) -> Priority:
        """Impact and urgency, from words and from how near the wanted date is."""
        urgency, why_urgency = _urgency(context)
        impact, why_impact = _impact(context.request)
        impacts, urgencies = GRADES[impact], GRADES[urgency]
        return Priority(
            min(impact + urgency - 1, 4),
            Text(
                zh=f"影响{impacts.zh}（{why_impact.zh}），紧急度{urgencies.zh}（{why_urgency.zh}）",
                en=f"Impact {impacts.en} ({why_impact.en}), urgency {urgencies.en} ({why_urgency.en})",
            ),
        )

    @hookimpl
    def identify_open_points(self, context: OpenPointsContext) -> Sequence[OpenPoint] | None:
        """A wanted date before the request itself is a slip that somebody must look at."""
        request = context.request
        if request.wanted_by is None or request.wanted_by >= request.created_at.date():
            return None
        text = Text(
            zh=f"期望日期 {request.wanted_by} 早于提交日期",
            en=f"wanted by {request.wanted_by}, before it was sent",
        )
        return (OpenPoint("wanted-by", text),)

    @hookimpl
    def identify_needs(self, context: NeedsContext) -> Sequence[NeedDraft] | None:
        """What the request states: each item of a list in its text, else the request as a whole."""
        request = context.request
        if any(need.kind == "stated" for need in request.needs):
            return None
        items = [match.group(1).strip() for match in LIST_ITEM.finditer(request.body)]
        if len(items) > 1:
            return tuple(NeedDraft("stated", item, item) for item in dict.fromkeys(items))
        evidence = (request.body.strip() or request.title)[:LONGEST_EVIDENCE]
        return (NeedDraft("stated", request.title, evidence),)

    # ---- assign ----

    @hookimpl
    def assign_split(self, context: SplitContext) -> Sequence[TaskDraft]:
        """One task for each stated need where there are several, else one task for the request."""
        request, category = context.request, context.category
        skill = category.skill if category else None
        team = category.team_id if category else None
        stated = [need for need in request.needs if need.kind == "stated"]
        if len(stated) > 1:
            return tuple(
                TaskDraft(need.text[:LONGEST_TITLE], skill=skill, team_id=team, need_ids=(need.id,))
                for need in stated
            )
        ids = tuple(need.id for need in request.needs)
        return (TaskDraft(request.title[:LONGEST_TITLE], request.body, skill, team, need_ids=ids),)

    @hookimpl
    def assign_estimate(self, context: EstimateContext) -> Estimate | None:
        """The median of done tasks of the category; with too few of them, the category's own hours."""
        past = [hours for hours in context.past_hours if hours > 0]
        if len(past) >= LEAST_PAST_TASKS:
            hours = round(statistics.median(past), 2)
            reason = Text(zh=f"{len(past)} 个已完成任务的中位数", en=f"median of {len(past)} done tasks")
            return Estimate(max(hours, 0.01), reason)
        if context.category and context.category.hours:
            reason = Text(zh="类别的默认工时", en="default hours of the category")
            return Estimate(context.category.hours, reason)
        return None

    @hookimpl
    def assign_veto(self, context: AssignContext) -> Sequence[Veto]:
        """Who lacks the skill, is of another team, is absent, or has no hours left: each reason by itself."""
        return tuple(
            Veto(person.id, reason) for person in context.people for reason in _obstacles(context, person)
        )

    @hookimpl
    def assign_score(self, context: AssignContext) -> Sequence[Score]:
        """Skill counts for, hours of work at hand count against."""
        scores = []
        for person in context.people:
            level = person.skills.get(context.task.skill, 0) if context.task.skill else 0
            load = round(person.load_hours, 1)
            if level:
                reason = Text(zh=f"{context.task.skill} {level} 级", en=f"{context.task.skill} level {level}")
                scores.append(Score(person.id, HOURS_PER_SKILL_LEVEL * level, reason))
            scores.append(Score(person.id, -load, Text(zh=f"手头 {load:g} 小时", en=f"{load:g} h at hand")))
        return tuple(scores)

    @hookimpl
    def assign_pick(self, context: PickContext) -> Pick | None:
        """Among those with the best score, whoever had no turn for the longest time."""
        if not context.ranked:
            return None
        best = max(points for _, points in context.ranked)
        equals = [person for person, points in context.ranked if best - points < 1e-6]
        if len(equals) == 1:
            return Pick(equals[0], Text(zh=f"得分最高：{best:g}", en=f"highest score: {best:g}"))
        turns = {pick.person_id: age for age, pick in reversed(list(enumerate(context.assign.recent)))}
        never = len(context.assign.recent)
        chosen = max(equals, key=lambda person: (turns.get(person, never), -person))
        return Pick(
            chosen,
            Text(
                zh=f"{len(equals)} 人同分（{best:g}），最久没有轮到",
                en=f"{len(equals)} people share the highest score ({best:g}); the longest without a turn",
            ),
        )

    # ---- all stages ----

    @hookimpl
    def panels(self, context: PanelsContext) -> Sequence[Panel] | None:
        """Which words of the request the rules react to."""
        text = _text(context.request)
        rows = (
            (Text(zh="紧急", en="Urgent"), _found(URGENT_WORDS, text)),
            (Text(zh="不急", en="Not urgent"), _found(PATIENT_WORDS, text)),
            (Text(zh="影响面大", en="Hits many"), _found(BROAD_WORDS, text)),
            (Text(zh="影响面小", en="Hits few"), _found(NARROW_WORDS, text)),
        )
        shown = tuple((label, ", ".join(words)) for label, words in rows if words)
        return (Panel("side", Text(zh="规则看到的词", en="Words the rules see"), shown),) if shown else None


def _text(request: RequestValue) -> str:
    return f"{request.title}\n{request.body}"


def _found(words: Iterable[str], text: str) -> tuple[str, ...]:
    """The words that stand in the text: Latin ones as whole words, Chinese ones anywhere."""
    low = text.casefold()
    found = []
    for word in filter(None, (word.strip() for word in words)):
        needle = word.casefold()
        # Not \b: to a regular expression the Chinese letter right after "VPN" belongs to the same word.
        pattern = rf"(?<![a-z0-9]){re.escape(needle)}(?![a-z0-9])" if needle.isascii() else re.escape(needle)
        if needle in low and re.search(pattern, low):
            found.append(word)
    return tuple(dict.fromkeys(found))


def _urgency(context: PrioritiseContext) -> tuple[int, Text]:
    text = _text(context.request)
    if words := _found(URGENT_WORDS, text):
        return 1, Text(zh=f"“{words[0]}”", en=f"“{words[0]}”")
    if context.request.wanted_by is not None:
        days = (context.request.wanted_by - context.today).days
        reason = Text(zh=f"距期望日期 {days} 天", en=f"{days} days to the wanted date")
        return 1 if days <= URGENT_DAYS else 2 if days <= SOON_DAYS else 3, reason
    if words := _found(PATIENT_WORDS, text):
        return 3, Text(zh=f"“{words[0]}”", en=f"“{words[0]}”")
    return 2, Text(zh="没有说明", en="nothing said")


def _impact(request: RequestValue) -> tuple[int, Text]:
    for grade, known in ((1, BROAD_WORDS), (3, NARROW_WORDS)):
        if words := _found(known, _text(request)):
            return grade, Text(zh=f"“{words[0]}”", en=f"“{words[0]}”")
    return 2, Text(zh="没有说明", en="nothing said")


def _obstacles(context: AssignContext, person: PersonValue) -> Iterable[Text]:
    task = context.task
    if task.skill and person.skills.get(task.skill, 0) <= 0:
        yield Text(zh=f"缺少技能：{task.skill}", en=f"lacks the skill {task.skill}")
    if task.team_id is not None and task.team_id not in person.team_ids:
        yield Text(zh="不在负责的团队", en="is not in the responsible team")
    if person.absent_until is not None and person.absent_until > context.now:
        day = person.absent_until.date()
        yield Text(zh=f"缺勤至 {day}", en=f"absent until {day}")
    if person.load_hours + task.hours > person.capacity_hours:
        full, most = f"{person.load_hours + task.hours:g}", f"{person.capacity_hours:g}"
        yield Text(zh=f"超出工时上限：{full} / {most} 小时", en=f"over capacity: {full} of {most} h")


plugin = RulesPlugin()
