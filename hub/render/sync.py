"""Why a link, a field or a copied comment is as it is, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.core.values import Refusal
from hub.render.reader import N_, Reader
from hub.render.refusals import SENTENCES, explain

# Each is an id that a round leaves at a link, its fields or its comments.
REASONS = {
    "import_unlinked": N_("it is no longer linked"),
    "import_linked": N_("it is linked with %(ref)s already"),
    "import_made_here": N_("the hub has made it itself"),
    "import_done_there": N_("it is done there"),
    "import_gone": N_("it is no longer there"),
    "import_listed_twice": N_("it is %(ref)s now, which is listed as well"),
    "import_changed": N_("it was changed after it was shown; nothing was done"),
    "sync_new": N_("it has just been linked"),
    "sync_resumed": N_("it has just been resumed"),
    "sync_ill": N_("the tracker cannot answer now: %(text)s"),
    "sync_held": N_("the hub makes no more calls to the tracker just now: %(text)s"),
    "sync_resting": N_("the connection rests after several failures"),
    "sync_refused": N_("the tracker refuses it: %(text)s"),
    "sync_gone": N_("the item is gone there: %(text)s"),
    "sync_kept": N_("the tracker said yes and kept its own value"),
    "sync_unmapped_state_here": N_("this state has no counterpart there"),
    "sync_unmapped_state_there": N_("the state there has no counterpart here"),
    "sync_unmapped_priority_here": N_("this priority has no counterpart there"),
    "sync_unmapped_priority_there": N_("the priority there has no counterpart here"),
    "sync_unmapped_person_here": N_("this person has no account there"),
    "sync_unmapped_person_there": N_("the person there is not known here"),
    "sync_comment_deleted_here": N_("the comment was taken back here"),
    "sync_comment_deleted_there": N_("the comment was deleted there"),
    "sync_comment_differs": N_("the comment was changed on both sides"),
    "sync_comment_no_delete": N_("the tracker cannot delete comments"),
    "sync_comment_no_edit": N_("the tracker cannot change comments"),
    "sync_file_deleted_there": N_("the file was taken away there; it stays here"),
    "sync_file_too_large": N_("larger than the connection carries: %(size)s of %(most)s bytes"),
    "sync_file_unreadable": N_("the file cannot be read there: %(text)s"),
    "sync_file_differs": N_("what the tracker gives has another size than it says"),
    "sync_file_waits": N_("the file waits: %(text)s"),
    "sync_file_stays": N_("files only go there; this one stays there"),
    "sync_files_wait": N_("a file could not be carried yet; everything else is in step"),
    # why the lab could not try a mapping
    "trial_not_imitated": N_(
        "Nobody offers an imitation of %(kind)s: its plugin can bring one (entry point group hub.imitations)."
    ),
    "trial_cannot_be_played": N_("The imitation cannot take this mapping: %(text)s"),
    # why an undo leaves something as it is
    "undo_changed_there": N_("changed there since: that stays"),
    "undo_changed_here": N_("changed here since: that stays"),
    "undo_conflict": N_("in conflict: decide there"),
    "undo_refused": N_("the tracker refused the last value"),
    "undo_not_outward": N_("this field is no longer written there"),
    "undo_under_way": N_("is being taken back already"),
    "undo_came_from_there": N_("it came from there; the hub covered nothing there"),
    "undo_item_stays": N_("an item made there stays; close it there if it should not be"),
    "undo_task_touched": N_("somebody here has worked with it since: it stays"),
    "undo_task_elsewhere": N_("it is linked elsewhere as well: it stays"),
    "undo_task_is_gone": N_("it has been dropped or ended already"),
    "undo_cut": N_("the import that made it was taken back; %(ref)s stays there as it is"),
    "undo_comment_stays": N_("what was said stays; take the comment back here, and its copy follows"),
    "undo_file_stays": N_("a file that was carried over stays on both sides"),
    "undo_comment_is_gone": N_("a comment taken back cannot be said again by the hub"),
}


def because(reason: Mapping[str, Any] | None, reader: Reader) -> str:
    """The reason a round has left; one of our own guards speaks as it does everywhere."""
    if not reason:
        return ""
    values = {name: value for name, value in reason.items() if name != "id"}
    if reason["id"] in REASONS:
        return reader.say(REASONS[reason["id"]], **{"text": "", **values})
    if reason["id"] in SENTENCES:
        return explain(Refusal(reason["id"], **values), reader)
    return str(values.get("text") or reason["id"])
