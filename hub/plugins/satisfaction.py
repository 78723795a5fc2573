"""The satisfaction survey: one scale that counts, one on effort, and room for words.

Score: the answer to the first question as it was given, 1 (very dissatisfied) to 5 (very satisfied);
nothing is weighted and the effort question does not enter it. That a customer's own rating on one
scale is measured and followed over time is the way of ISO 10004:2018 (customer satisfaction,
monitoring and measuring). The effort question follows Dixon, Freeman and Toman, "Stop Trying to
Delight Your Customers", Harvard Business Review, July-August 2010, turned so that high is good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.sdk import Instrument, Question, SurveysContext, Text, hookimpl

LOW, HIGH = 1, 5

QUESTIONS = (
    Question(
        "satisfaction",
        "scale",
        Text(zh="您对这次服务的结果满意吗？", en="How satisfied are you with the result?"),
        low=LOW,
        high=HIGH,
        help=Text(zh="1 非常不满意，5 非常满意", en="1 very dissatisfied, 5 very satisfied"),
    ),
    Question(
        "effort",
        "scale",
        Text(zh="让问题得到解决，对您来说容易吗？", en="How easy was it for you to get this solved?"),
        required=False,
        low=LOW,
        high=HIGH,
        help=Text(zh="1 非常费力，5 非常容易", en="1 very hard, 5 very easy"),
    ),
    Question(
        "comment",
        "longtext",
        Text(zh="我们还能在哪里做得更好？", en="What could we do better?"),
        required=False,
    ),
)


def score(answers: Mapping[str, Any]) -> float | None:
    """The answer to the satisfaction question; None where it was left out or is no answer."""
    value = answers.get("satisfaction")
    if isinstance(value, bool) or not isinstance(value, int) or not LOW <= value <= HIGH:
        return None
    return float(value)


class SatisfactionPlugin:
    """Offers the instrument ``csat``."""

    name = "satisfaction"
    api = ">=1.0,<2"
    title = Text(zh="满意度调查", en="Satisfaction survey")

    @hookimpl
    def evaluate_surveys(self, context: SurveysContext) -> Sequence[Instrument]:
        """The satisfaction survey."""
        intro = Text(
            zh="两个问题，不到一分钟。您的回答只用于改进服务。",
            en="Two questions, less than a minute. Your answer is used for improving the service only.",
        )
        return (Instrument("csat", self.title, intro, QUESTIONS, score, float(LOW), float(HIGH)),)


plugin = SatisfactionPlugin()
