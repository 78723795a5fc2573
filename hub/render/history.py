"""Every recorded event as a sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from hub.render.metrics import metric_name
from hub.render.reader import N_, Reader
from hub.render.translations import translations
from hub.render.words import (
    CHOICES,
    EVENTS,
    FIELDS,
    LINK_STATES,
    NEED_KINDS,
    PRIORITIES,
    RESULTS,
    ROLES,
    SOURCES,
    STATES,
    STREAMS,
    TEMPLATES,
    VERDICTS,
)

Names = Mapping[tuple[str, int], str]

SENTENCES = {
    # requests
    "request_created": N_("%(who)s opened the request (%(source)s)"),
    "request_understood": N_("%(who)s understood it: category %(category)s, priority %(priority)s"),
    "request_edited": N_("%(who)s changed %(fields)s"),
    "request_waiting": N_("%(who)s put the request on hold"),
    "request_resumed": N_("%(who)s went on with the request"),
    "request_restored": N_("%(who)s took the request up again"),
    "request_dropped": N_("%(who)s dropped the request in stage %(stage)s"),
    "request_moved": N_("%(who)s moved the request from %(before)s to %(after)s"),
    "request_reopened": N_(
        "An answer of the customer opened the request again: from %(before)s to %(after)s"
    ),
    "request_closed": N_("%(who)s closed the request"),
    "result_accepted": N_("%(who)s accepted the result"),
    "result_declined": N_("%(who)s says that something is missing"),
    "tracking_link_made": N_("%(who)s made a tracking link for the customer"),
    "file_attached": N_("%(who)s attached a file"),
    "file_came": N_("a file came to %(ref)s over %(connection)s"),
    # what is known about it
    "need_added": N_("%(who)s wrote down a need (%(kind)s)"),
    "goal_added": N_("%(who)s set a goal"),
    "goal_scored": N_("%(who)s scored a goal: %(result)s"),
    "comment_added": N_("%(who)s commented (%(stream)s)"),
    "comment_edited": N_("%(who)s changed a comment (%(stream)s)"),
    "mail_bounced": N_("A mail to the customer came back"),
    "mail_automatic": N_("An automatic answer came by mail"),
    "mail_moved": N_("%(who)s moved a mail to %(ref)s"),
    "mail_moved_here": N_("%(who)s moved a mail here from %(ref)s"),
    "mail_taken": N_("%(who)s put a kept mail here"),
    "request_continued": N_("A late answer opened %(ref)s"),
    "request_continues": N_("It answers %(ref)s, which had ended"),
    "comment_taken_back": N_("%(who)s took a comment back (%(stream)s)"),
    # tasks
    "task_created": N_("%(who)s made task %(ref)s"),
    "task_edited": N_("%(who)s changed %(fields)s of %(ref)s"),
    "task_state": N_("%(who)s set %(ref)s from %(before)s to %(after)s"),
    "task_assigned": N_("%(who)s handed %(ref)s from %(before)s to %(after)s"),
    "task_overdue": N_("%(ref)s is overdue"),
    "assignment_unseen": N_("%(person)s has not looked at %(ref)s in time"),
    "time_logged": N_("%(who)s logged %(minutes)s minutes"),
    # links to trackers
    "link_created": N_("%(who)s linked %(ref)s with %(connection)s"),
    "request_imported": N_("%(who)s brought it over from %(connection)s: %(far)s"),
    "import_begun": N_("%(who)s had a look at what lies in %(connection)s"),
    "import_started": N_("%(who)s began the import from %(connection)s"),
    "import_cancelled": N_("%(who)s cancelled the import from %(connection)s"),
    "link_paused": N_("%(who)s paused the link of %(ref)s with %(connection)s"),
    "link_resumed": N_("%(who)s resumed the link of %(ref)s with %(connection)s"),
    "link_stopped": N_("The link of %(ref)s with %(connection)s stopped: %(state)s"),
    "conflict_opened": N_("Both sides changed %(field)s of %(ref)s (%(connection)s): a person must decide"),
    "conflict_reopened": N_("%(who)s opened the conflict of %(field)s of %(ref)s (%(connection)s) again"),
    "run_undone": N_("%(who)s took back run %(run)s with %(connection)s"),
    "conflict_closed": N_("%(who)s settled %(field)s of %(ref)s (%(connection)s): %(choice)s"),
    # evaluation and improvement
    "survey_invited": N_("%(who)s invited the customer to the survey"),
    "survey_answered": N_("%(who)s answered the survey: %(score)s"),
    "quality_sampled": N_("%(who)s drew the request for a quality check"),
    "quality_rated": N_("%(who)s rated the quality: %(rating)s of 5"),
    "finding_made": N_("%(who)s found something to improve: %(metric)s is %(value)s"),
    "finding_dismissed": N_("%(who)s dismissed a finding"),
    "plan_made": N_("%(who)s made an improvement plan for %(metric)s"),
    "plan_started": N_("%(who)s started the plan for %(metric)s"),
    "plan_judged": N_("%(who)s judged a plan: %(verdict)s"),
    # what people are told
    "notice_sent": N_("%(who)s sent a mail: %(template)s"),
    "notice_failed": N_("%(who)s could not send a mail: %(template)s"),
    "notice_held": N_("%(who)s held back a mail: %(template)s"),
    "notice_released": N_("%(who)s let a mail go: %(template)s"),
    "notices_chosen": N_("%(who)s chose how to be told"),
    "mails_wanted": N_("%(who)s wants mails again"),
    "mails_unwanted": N_("%(who)s wants no more mails"),
    # the hub itself
    "signed_in": N_("%(who)s signed in"),
    "person_added": N_("%(who)s added a person with the role %(role)s"),
    "person_changed": N_("%(who)s changed a person"),
    "absence_ended": N_("%(who)s ended an absence of %(person)s"),
    "team_made": N_("%(who)s made a team"),
    "team_changed": N_("%(who)s changed a team"),
    "customer_made": N_("%(who)s added a customer"),
    "customer_changed": N_("%(who)s changed a customer"),
    "contact_made": N_("%(who)s added a contact"),
    "contact_changed": N_("%(who)s changed a contact"),
    "category_made": N_("%(who)s added a category"),
    "category_changed": N_("%(who)s changed a category"),
    "person_activated": N_("%(who)s activated a person"),
    "person_deactivated": N_("%(who)s deactivated a person"),
    "view_saved": N_("%(who)s saved a view"),
    "view_dropped": N_("%(who)s removed a view"),
    "password_changed": N_("%(who)s changed a password"),
    "absence_added": N_("%(who)s noted an absence of %(person)s"),
    "connection_created": N_("%(who)s made a connection (%(kind)s)"),
    "connection_changed": N_("%(who)s changed a connection"),
    "delivery_replayed": N_("%(who)s had a delivery read again"),
    "deliveries_replayed": N_("%(who)s had %(number)s deliveries read again"),
    "connection_tried": N_("%(who)s had a connection tried at once"),
    "mapping_tried": N_("%(who)s had the lab try the mapping of a connection"),
}
# First assignments say less than a hand-over does.
ASSIGNED = N_("%(who)s gave %(ref)s to %(after)s")
TAKEN = N_("%(who)s took %(ref)s from %(before)s")
SOMEBODY = {
    "system": N_("The hub"),
    "contact": N_("The customer"),
    "connection": N_("A connection"),
    "plugin": N_("A plugin"),
    "person": N_("Somebody"),
}
_WORDS: Mapping[str, Mapping[Any, str]] = {
    "kind": NEED_KINDS,
    "result": RESULTS,
    "stream": STREAMS,
    "verdict": VERDICTS,
    "choice": CHOICES,
    "role": ROLES,
    "field": FIELDS,
    "state": LINK_STATES,
    "priority": PRIORITIES,
    "template": {**TEMPLATES, **EVENTS},
    "source": SOURCES,
}


def told(
    verb: str, actor: tuple[str, int | None], data: Mapping[str, Any], names: Names, reader: Reader
) -> Markup:
    """What happened, as a sentence with its values set off; a verb without one is named as it is."""
    say = translations(reader.language).gettext
    kind, number = actor
    who = names.get((kind, number)) if number is not None else None
    values: dict[str, Any] = {"who": who or say(SOMEBODY.get(kind, SOMEBODY["person"]))}
    for key, value in data.items():
        values[key] = _shown(verb, key, value, names, reader)
    message = SENTENCES.get(verb, "%(who)s: " + verb.replace("%", "%%"))
    if verb == "task_assigned":
        message = TAKEN if data.get("after") is None else message if data.get("before") else ASSIGNED
    return Markup(say(message)) % _Emphasised(values)


def _shown(verb: str, key: str, value: Any, names: Names, reader: Reader) -> str:
    say = translations(reader.language).gettext
    if key in ("before", "after", "person") and (value is None or isinstance(value, int)):
        return names.get(("person", value), "–") if value is not None else say(N_("nobody"))
    if key in ("before", "after") and value in STATES:
        return say(STATES[value])
    if key == "category":
        return names.get(("category", value), "–")
    if key == "metric":
        return metric_name(str(value), reader)
    if key == "fields":
        return reader.show([say(FIELDS.get(name, name)) for name in value])
    known = _WORDS.get(key, {}) if key != "kind" or verb == "need_added" else {}
    if isinstance(value, (str, int)) and value in known:
        return say(known[value])
    if isinstance(value, float):
        return reader.number(value)
    return "–" if value is None else reader.show(value)


class _Emphasised(dict[str, Any]):
    """Values of a sentence, each escaped and set off; an unknown one is a dash."""

    def __getitem__(self, name: str) -> Markup:
        return Markup(f"<strong>{escape(self.get(name, '–'))}</strong>")
