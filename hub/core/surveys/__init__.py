"""One questionnaire engine: instruments of plugins, invitations, answers."""

from hub.core.surveys.models import SurveyAnswer, SurveyInvitation

__all__ = ["SurveyAnswer", "SurveyInvitation"]
