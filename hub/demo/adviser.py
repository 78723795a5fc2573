"""The plugin that answers for the bulk history: the same answers whether verbs ask it or rows are written.

It takes the place of an installation's own rules while history is made up, so that the seeder
copies no rule; its name stands in every decision it made.
"""

from __future__ import annotations

from collections.abc import Sequence

from hub.demo.texts import BY_TITLE
from hub.sdk import (
    AssignContext,
    Classification,
    ClassifyContext,
    NeedDraft,
    NeedsContext,
    Pick,
    PickContext,
    PrioritiseContext,
    Priority,
    Score,
    SplitContext,
    TaskDraft,
    Text,
    Veto,
    hookimpl,
)

NAME, VERSION = "history", "1"
CATEGORY = Text(zh="按题目归类", en="by its subject")
PRIORITY = Text(zh="按题目定级", en="by its subject")
TURN = Text(zh="按编号轮流", en="taking turns by number")
LACKS = Text(zh="缺少技能", en="lacks the skill")
POINTS_PER_LEVEL = 10.0


def skilled(level: int) -> Text:
    """Why somebody has points for skill."""
    return Text(zh=f"技能 {level} 级", en=f"skill level {level}")


class Adviser:
    """Knows every topic of the made-up history by its title."""

    name = NAME
    api = ">=1.0,<2"
    title = Text(zh="演示历史", en="Demonstration history")

    @hookimpl
    def identify_needs(self, context: NeedsContext) -> Sequence[NeedDraft]:
        """What the topic states."""
        topic = BY_TITLE[context.request.title]
        return tuple(NeedDraft("stated", need, topic.body) for need in topic.stated)

    @hookimpl
    def identify_classify(self, context: ClassifyContext) -> Classification:
        """The topic's category."""
        return Classification(BY_TITLE[context.request.title].category, CATEGORY)

    @hookimpl
    def identify_prioritise(self, context: PrioritiseContext) -> Priority:
        """The topic's priority."""
        return Priority(BY_TITLE[context.request.title].priority, PRIORITY)

    @hookimpl
    def assign_split(self, context: SplitContext) -> Sequence[TaskDraft]:
        """One task for each need."""
        category = context.category
        assert category is not None
        return tuple(
            TaskDraft(need.text, "", category.skill, category.team_id, category.hours, (need.id,))
            for need in context.request.needs
        )

    @hookimpl
    def assign_veto(self, context: AssignContext) -> Sequence[Veto]:
        """Who lacks the skill."""
        skill = context.task.skill
        return tuple(Veto(person.id, LACKS) for person in context.people if skill not in person.skills)

    @hookimpl
    def assign_score(self, context: AssignContext) -> Sequence[Score]:
        """The level of the skill."""
        levels = ((person.id, person.skills[context.task.skill or ""]) for person in context.people)
        return tuple(Score(id_, POINTS_PER_LEVEL * level, skilled(level)) for id_, level in levels)

    @hookimpl
    def assign_pick(self, context: PickContext) -> Pick:
        """Everybody in turn, by the number of the request."""
        ids = [person for person, _points in context.ranked]
        return Pick(ids[context.assign.request.id % len(ids)], TURN)


adviser = Adviser()
