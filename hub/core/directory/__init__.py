"""People of the service team: accounts, roles, teams, skills, absences."""

from hub.core.directory.models import Absence, Person, PersonSkill, Team, TeamMember

__all__ = ["Absence", "Person", "PersonSkill", "Team", "TeamMember"]
