"""Field states as they are stored: JSON that tells a set from a list and unset from nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from hub.core.conversation.models import Comment
from hub.core.execute.models import CommentLink, Conflict, LinkField
from hub.core.execute.sync.fields import UNSET, Base, Clash, Declined, FieldState, Restore, Sent
from hub.core.execute.sync.store import CommentCopy, CopyState, Origin, OurComment


def encode(value: Any) -> Any:
    """The value as JSON."""
    return {"set": sorted(value)} if isinstance(value, frozenset) else value


def decode(value: Any) -> Any:
    """The value again."""
    return frozenset(value["set"]) if isinstance(value, dict) else value


def state_of(row: LinkField, conflict: Conflict | None) -> FieldState:
    """What the rows of one field say."""
    clash = None if conflict is None else _clash_of(conflict)
    sent, declined, restore = row.sent, row.declined, row.restore
    return FieldState(
        Base(*(decode(row.base[side]) if side in row.base else UNSET for side in ("here", "there"))),
        _sent_of(sent) if sent else None,
        Declined(declined["reason"], decode(declined["value"])) if declined else None,
        clash,
        Restore(restore["change"], decode(restore["ours"]), decode(restore["back"])) if restore else None,
    )


def _sent_of(sent: Mapping[str, Any]) -> Sent:
    goal = decode(sent["goal"]) if "goal" in sent else UNSET
    return Sent(decode(sent["here"]), decode(sent["there"]), sent["since"], goal)


def _clash_of(conflict: Conflict) -> Clash:
    kind: Literal["both", "overwritten"] = "both" if conflict.kind == "both" else "overwritten"
    here, there, far_now = decode(conflict.here), decode(conflict.there), decode(conflict.far_now)
    return Clash(kind, here, there, far_now, conflict.far_by, conflict.far_at)


def columns(state: FieldState) -> Mapping[str, Any]:
    """The columns of the field's row; its clash is a row of its own."""
    base = {"here": state.base.here, "there": state.base.there}
    sent, declined, restore = state.sent, state.declined, state.restore
    return {
        "base": {side: encode(value) for side, value in base.items() if value is not UNSET},
        "sent": sent and _written(sent),
        "declined": declined and {"reason": dict(declined.reason), "value": encode(declined.value)},
        "restore": restore
        and {"change": restore.change, "ours": encode(restore.ours), "back": encode(restore.back)},
    }


def _written(sent: Sent) -> Mapping[str, Any]:
    said = {"here": encode(sent.here), "there": encode(sent.there), "since": sent.since}
    return said if sent.goal is UNSET else {**said, "goal": encode(sent.goal)}


def our_comment(comment: Comment) -> OurComment:
    """A comment as a round sees it."""
    return OurComment(
        comment.id,
        comment.author_name,
        comment.text,
        comment.deleted_at is not None,
        comment.stream != "public",
    )


def copy_of(row: CommentLink) -> CommentCopy:
    """What is remembered about a copied comment."""
    # The columns hold only the words that the store protocol knows.
    origin, state = cast(Origin, row.origin), cast(CopyState, row.state)
    return CommentCopy(
        row.comment_id, row.mark, origin, row.far_ref, row.text_here, row.text_there, state, row.reason
    )
