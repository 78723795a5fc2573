"""The five stages and the way between them: the only room that knows them all."""

from hub.core.workflow.core import Core, Settings
from hub.core.workflow.judging import accept, decline, may_judge
from hub.core.workflow.looking import decide, look
from hub.core.workflow.moving import all_open_points, asked_points, move, move_asked, open_points
from hub.core.workflow.saying import answer, is_over, say

__all__ = [
    "Core",
    "Settings",
    "accept",
    "all_open_points",
    "answer",
    "asked_points",
    "decide",
    "decline",
    "is_over",
    "look",
    "may_judge",
    "move",
    "move_asked",
    "open_points",
    "say",
]
