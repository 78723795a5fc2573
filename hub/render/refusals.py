"""The catalogue of refusals: each message id of the core as a sentence that says what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from hub.core.values import Refusal
from hub.render import words
from hub.render.reader import N_, Reader

SENTENCES = {
    # people and access
    "not_allowed": N_("You may not do this. Ask an administrator if you should."),
    "not_found": N_("This does not exist, or you may not see it."),
    "sign_in_failed": N_("E-mail or password is not right."),
    "too_many_attempts": N_("Too many attempts. Wait a few minutes and try again."),
    "not_an_email": N_("“%(email)s” is not an e-mail address."),
    "email_taken": N_("Somebody with the address %(email)s is already here."),
    "password_too_short": N_("The password needs at least %(least)s characters."),
    "password_wrong": N_("This is not your present password."),
    "last_administrator": N_("This is the last administrator. Make somebody else administrator first."),
    "quiet_all_day": N_("Begin and end are the same. Leave both empty to be told at any time."),
    "person_inactive": N_("%(name)s is deactivated. Choose somebody else."),
    "skill_level": N_("The level of “%(skill)s” must be between 1 and 5."),
    # fields
    "required": N_("This is needed."),
    "too_long": N_("At most %(most)s characters; these are %(length)s."),
    "too_many": N_("At most %(most)s entries."),
    "not_a_date": N_("“%(value)s” is not a date. Write it as 2026-12-31."),
    "date_in_past": N_("%(value)s lies in the past."),
    "not_a_number": N_("“%(value)s” is not a number."),
    "out_of_range": N_("This must be between %(least)s and %(most)s."),
    "too_small": N_("This must be at least %(least)s."),
    "too_large": N_("This must be at most %(most)s."),
    "not_an_address": N_("“%(value)s” is not an address. Write it as https://example.org"),
    "key_shape": N_("“%(value)s” cannot be a key. Use small letters, digits, - and _ only."),
    "not_readable_lines": N_("“%(line)s” is not a line like “name: value”."),
    "no_such_day": N_("“%(value)s” is no day."),
    "unknown_choice": N_("“%(value)s” is not one of the choices."),
    "name_taken": N_("“%(name)s” is taken. Choose another name."),
    "ends_before_start": N_("The end lies before the start."),
    "file_missing": N_("The bytes of this file are no longer where they were stored."),
    "file_too_large": N_("The file is larger than %(most)s."),
    "version_conflict": N_(
        "Somebody changed this while you were writing. Both texts are shown: keep what is right."
    ),
    # requests and their stages
    "stage_points_open": N_("Before %(ref)s can go on: %(points)s"),
    "stage_unknown": N_("“%(stage)s” is not a stage."),
    "stage_order": N_("%(ref)s cannot go from %(before)s to %(after)s."),
    "request_not_open": N_("%(ref)s is not open."),
    "request_not_waiting": N_("%(ref)s is not waiting."),
    "request_not_dropped": N_("%(ref)s is not dropped."),
    "request_unassignable": N_("%(ref)s has no task on which something is still to be done."),
    "bulk_nothing_chosen": N_("Choose at least one request."),
    "bulk_changed_since": N_("%(ref)s has been changed since; it stays as it is."),
    "bulk_undone": N_("This has been taken back already."),
    "bulk_not_yours": N_("Only who changed these requests can take that back."),
    "no_tasks_in_stage": N_("%(ref)s is in stage “%(stage)s”, where tasks cannot be changed."),
    "task_without_owner": N_("%(ref)s has nobody who does it. Assign it first."),
    "tasks_not_done": N_("These tasks are not done yet: %(tasks)s"),
    "nobody_fits": N_(
        "Nobody can take %(ref)s: every candidate was ruled out. See the reasons in its decision."
    ),
    "goals_are_fixed": N_("The goals of %(ref)s are fixed, because its work has begun."),
    "goal_scored_too_early": N_("Goals are scored in evaluation; %(ref)s is not there yet."),
    "comment_taken_back": N_("This comment has been taken back."),
    "not_your_comment": N_("Only the author can change a comment."),
    # evaluation and improvement
    "own_work": N_("Nobody checks the quality of their own work. Somebody else must look at %(ref)s."),
    "finding_not_open": N_("This finding has been dealt with already."),
    "nothing_due": N_("Nothing is due yet."),
    "plan_started": N_("This plan has been started: its metric and its date are frozen."),
    # public links
    "link_expired": N_("This link has expired. Ask for a new one."),
    "link_unknown": N_("This link is not valid. Check that it was copied whole."),
    "nobody_to_ask": N_("%(ref)s has no contact who could be asked. Add one first."),
    "nothing_to_judge": N_(
        "There is nothing to accept at the moment: the result of %(ref)s is not waiting for it."
    ),
    "already_answered": N_("This has been answered already. Thank you."),
    "form_closed": N_("This form is closed at the moment. Please come back later."),
    "not_yet_read": N_("Your request is still being read. Wait a minute and try again."),
    # mails
    "notice_not_stuck": N_("Only what waits, is held or was not sent can be changed here."),
    "notice_bounced": N_("Mail to this address comes back. Change the address first."),
    "notice_unwanted": N_("They asked us to send no more mails."),
    "notice_inactive": N_("This person is deactivated."),
    # the working calendar
    "country_unknown": N_("No holidays are known for the country “%(country)s”."),
    "calendar_missing": N_("The working calendar “%(calendar)s” has no version yet. Make one first."),
    "calendar_version_unknown": N_("There is no version %(version)s of the working calendar."),
    # connections, links and plugins
    "key_unreadable": N_("The key of this hub cannot be read. Put back the one it was set up with."),
    "key_missing": N_(
        "The key this database was set up with is missing. Put it back: HUB_KEY or the key file."
    ),
    "key_wrong": N_("This is not the key this database was set up with. Put back the right one."),
    "store_unknown": N_(
        "The file store in %(place)s is not the one this database knows. Several machines need one store "
        "that all of them reach (data.files_url), and a restored backup needs its files. If the files are "
        "really gone, write %(mark)s into %(file)s there."
    ),
    "not_a_tracker": N_("“%(name)s” is not a tracker. Choose a connection to a tracker."),
    "already_linked": N_("%(ref)s is linked already."),
    "trial_at_work": N_("The lab is at work on “%(name)s” already. Wait for it, or cancel it."),
    "conflict_closed": N_("This conflict of %(ref)s has been settled already."),
    "conflict_is_open": N_("This conflict of %(ref)s is open already."),
    "conflict_on_its_way": N_("This field of %(ref)s is just being carried over. Try again in a moment."),
    "conflict_moved_on": N_("This field of %(ref)s has changed since. Edit the task instead."),
    "undo_nothing": N_("Nothing of this run can be taken back. The reasons stand beside each line."),
    "undo_has_changed": N_("Something has changed since you looked. See the new plan, then undo."),
    "sync_settings_missing": N_(
        "The connection (%(kind)s) does not say what to sync. Complete its settings."
    ),
    "sync_no_such_person": N_("Nobody here goes by “%(person)s”. Say in the connection who it is."),
    "connection_from_config": N_("“%(name)s” comes from the configuration file. Change it there."),
    "no_room": N_("%(name)s is no chat group: nothing can be told there."),
    "connection_unknown": N_("There is no such connection."),
    "mail_is_ours": N_("The hub wrote this mail itself; it stays where it was written."),
    "mail_moved_meanwhile": N_("Somebody has moved this mail meanwhile: it is at %(ref)s now."),
    "request_unknown": N_("There is no request “%(ref)s”. Choose one that is suggested, or type its number."),
    "mail_is_there": N_("This mail is at %(ref)s already."),
    "mail_has_tasks": N_("%(ref)s, which this mail opened, has tasks. Drop it there instead."),
    "setting_unknown": N_("“%(name)s” is not a setting of this kind. It knows: %(known)s"),
    "setting_wrong": N_("This setting cannot be used: %(problem)s"),
    "mapping_untimed": N_(
        "The tracker does not tell when this field was changed, so nobody knows which change is newer. It"
        " tells it of: %(timed)s. Choose another way to decide."
    ),
    "mapping_way_closed": N_("The tracker cannot do “%(way)s” with this field. Choose one of: %(possible)s"),
    "mapping_field_needed": N_(
        "No item can be made there without its %(needed)s. Let it go out, or let none of these go out:"
        " %(others)s"
    ),
    "mapping_state_missing": N_("Choose which state there is written for “%(state)s”."),
    "mapping_no_such_state": N_("There is no state “%(far)s” there. Choose one of: %(known)s"),
    "mapping_unreachable": N_(
        "No way of at most %(steps)s steps leads to “%(far)s” there. Choose a state that can be reached, or"
        " let the tracker allow the step."
    ),
    "mapping_state_shared": N_(
        "“%(far)s” is written for %(states)s. Say which of them is meant when it comes from there."
    ),
    "mapping_state_crossed": N_(
        "“%(far)s” is written for %(states)s, but read as “%(meant)s”: what goes out would come back as"
        " something else. Choose one of: %(states)s"
    ),
    "mapping_nothing_read": N_(
        "No state there stands for one here, so that nothing can come in. Map one, or switch the state off."
    ),
    "mapping_no_such_account": N_("There is no account “%(account)s” there."),
    "mapping_account_taken": N_("“%(account)s” belongs to somebody else above."),
    "mapping_no_such_person": N_("Choose somebody who works here."),
    "import_at_work": N_("Another import of “%(name)s” is at work. Wait for it, or cancel it."),
    "import_not_ready": N_("This import of “%(name)s” cannot do that now. Look at where it is."),
    "import_differs": N_("%(ref)s would have become something else than was shown; nothing was done."),
    "unknown_kind": N_("No listed plugin offers the kind “%(kind)s”."),
    "unknown_secret": N_("“%(name)s” is not a secret of this kind. It knows: %(known)s"),
    "plugin_unknown": N_("The plugin “%(name)s” is not installed. Installed are: %(installed)s"),
    "plugin_import": N_("The plugin “%(name)s” cannot be loaded (%(place)s): %(error)s"),
    "plugin_attribute": N_("The plugin “%(name)s” does not say its %(attribute)s."),
    "plugin_api": N_(
        "The plugin “%(name)s” wants API %(wanted)s; this hub has %(api)s. Install a version of it that fits,"
        " or take it off the list [plugins] enabled."
    ),
    "plugin_without_hooks": N_("The plugin “%(name)s” answers no question of the hub."),
    "plugin_hook_unknown": N_(
        "The plugin “%(name)s” has “%(hook)s”, which is no hook. Did it mean %(meant)s?"
    ),
    "plugin_hook_unmarked": N_("The plugin “%(name)s” has “%(hook)s” without @hookimpl."),
    "plugin_signature": N_("The hook “%(hook)s” of the plugin “%(name)s” must take: %(wanted)s"),
    "plugin_twice": N_("The plugin “%(name)s” is listed twice."),
    "plugin_kinds": N_("The plugin “%(name)s” cannot say its kinds (%(hook)s): %(error)s"),
    "plugin_kind_twice": N_(
        "The plugin “%(name)s” offers the kind “%(kind)s” (%(hook)s), which another plugin offers already."
    ),
}


# Values that are keys of the hub's own vocabularies.
WORDED = {
    "state": words.STATES,
    "states": words.STATES,
    "meant": words.STATES,
    "way": words.DIRECTIONS,
    "possible": words.DIRECTIONS,
    "needed": words.FIELDS,
    "others": words.FIELDS,
}


def explain(refusal: Refusal, reader: Reader) -> str:
    """The sentence of a refusal in the reader's language."""
    values = {name: _worded(WORDED.get(name, {}), value, reader) for name, value in refusal.values.items()}
    return reader.say(SENTENCES[refusal.message], **values)


def unread(reason: str, reader: Reader) -> str:
    """Why a delivery could not be read: the hub's own refusals as everywhere, others in their own words."""
    message, _, values = reason.partition(" ")
    if message in SENTENCES:
        with suppress(ValueError, TypeError):  # cut off, or a sentence that begins like one
            return explain(Refusal(message, **json.loads(values)), reader)
    return reader.say(reason)


def _worded(known: Mapping[str, str], value: Any, reader: Reader) -> Any:
    if isinstance(value, list):
        return [_worded(known, one, reader) for one in value]
    return reader.say(known[value]) if isinstance(value, str) and value in known else value
