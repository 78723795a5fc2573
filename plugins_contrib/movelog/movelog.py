"""Writes one line to the log for each move of a request."""

import logging

from hub.sdk import Moved, Text, hookimpl

log = logging.getLogger("movelog")


class MoveLog:
    """Told of each move, it says so in the log."""

    name = "movelog"
    api = ">=1.0,<2"
    title = Text(zh="流转日志", en="Move log")

    @hookimpl
    def workflow_moved(self, context: Moved) -> None:
        """One line: which request, from where, to where."""
        log.info("%s moved: %s -> %s", context.request.ref, context.before, context.after)


plugin = MoveLog()
