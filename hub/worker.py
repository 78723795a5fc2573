"""Background work: which job does what, and when the regular ones come."""

from __future__ import annotations

from hub.core import attempts, history
from hub.core.connections import collecting
from hub.core.connections.letterbox import READ
from hub.core.connections.watching import Watcher
from hub.core.execute import catalogue, importing, sync, trials
from hub.core.execute.sync import runs
from hub.core.jobs import Job
from hub.core.notices import bell, digests, overdue, rooms, sending, telling
from hub.core.values import LOOK
from hub.core.work.findable import CATCH_UP, catch_up
from hub.core.workflow import Core, bulk, chores, look
from hub.render.mails import write


def register(core: Core) -> Watcher:
    """Give the jobs their handlers and the regular ones their times; close what is given back."""
    jobs, watcher = core.jobs, Watcher(core.database, core.opener)

    @jobs.handler(LOOK)
    def look_again(job: Job) -> None:
        look(core, job.args[0])

    @jobs.handler(READ)
    def read_deliveries(job: Job) -> None:
        chores.read_deliveries(core, job.args[0])

    @jobs.handler(collecting.COLLECT)
    def collect(job: Job) -> None:
        collecting.collect(core.database, core.files, core.opener, job.args[0])

    @jobs.handler("collect_due")
    def collect_due(_job: Job) -> None:
        collecting.collect_due(core.database, core.opener)
        watcher.look()
        watcher.start()

    @jobs.handler(sync.ROUND)
    def round_(job: Job) -> None:
        make_store = sync.ending(job.finish, core.files)
        sync.run_round(core.database, core.opener, job.args[0], make_store=make_store, sharing=core.sharing)

    @jobs.handler(sync.DRAIN)
    def drain(job: Job) -> None:
        sync.drain(core.database, job.args[0])

    @jobs.handler("sweep")
    def sweep(_job: Job) -> None:
        sync.sweep_all(core.database, core.opener, core.settings.public_url)

    @jobs.handler(chores.CHECK)
    def check_connection(job: Job) -> None:
        chores.check_connection(core, job.args[0])

    @jobs.handler(importing.IMPORT)
    def go_on_importing(job: Job) -> None:
        importing.advance(core.database, core.opener, job.args[0], core.settings.prefix)

    @jobs.handler(catalogue.READ_CATALOGUE)
    def read_catalogue(job: Job) -> None:
        catalogue.read_catalogue(core.database, core.opener, job.args[0])

    @jobs.handler(trials.TRY)
    def try_mapping(job: Job) -> None:
        # Here, since the lab brings the imitations along: only who tries pays for them.
        from hub.lab import trying

        trying.go_on(core.database, core.registry.kinds(), job.args[0])

    post = sending.Post(core.database, core.opener, core.office, core.files, write(core.database))

    @jobs.handler(telling.SEND)
    def send_notices(job: Job) -> None:
        sending.send_due(post, job.args[0])

    @jobs.handler("send_waiting")
    def send_waiting(_job: Job) -> None:
        rooms.announce_due(core.database, core.office)
        sending.promise_due(core.database)

    @jobs.handler("look_at_waiting")
    def look_at_waiting(_job: Job) -> None:
        chores.look_at_waiting(core)

    @jobs.handler(chores.TRY_ROOM)
    def try_room(job: Job) -> None:
        chores.try_room(core, job.args[0])

    @jobs.handler("note_overdue")
    def note_overdue(_job: Job) -> None:
        overdue.note_overdue(core.database, core.settings.time_zone)

    @jobs.handler("raise_unseen")
    def raise_unseen(_job: Job) -> None:
        bell.raise_unseen(core.database, core.office)

    @jobs.handler("make_digests")
    def make_digests(_job: Job) -> None:
        digests.make_due(core.database, core.office)

    @jobs.handler("find_improvements")
    def find_improvements(_job: Job) -> None:
        chores.find_improvements(core)

    @jobs.handler("judge_plans")
    def judge_plans(_job: Job) -> None:
        chores.judge_plans(core)

    @jobs.handler("seal_history")
    def seal_history(_job: Job) -> None:
        history.seal(core.database)

    @jobs.handler(CATCH_UP)
    def catch_up_search(_job: Job) -> None:
        catch_up(core.database)

    @jobs.handler(runs.FORGET)
    def forget_runs(_job: Job) -> None:
        runs.forget(core.database)

    @jobs.handler("forget_bulk_edits")
    def forget_bulk_edits(_job: Job) -> None:
        bulk.forget(core.database)

    @jobs.handler("forget_attempts")
    def forget_attempts(_job: Job) -> None:
        attempts.forget_ended(core.database)

    jobs.every("*/5 * * * *", CATCH_UP)
    jobs.every("* * * * *", "sweep")
    jobs.every("* * * * *", "send_waiting")
    jobs.every("* * * * *", "collect_due")
    jobs.every("*/10 * * * *", "look_at_waiting")
    jobs.every("*/10 * * * *", "raise_unseen")
    jobs.every("*/5 * * * *", "make_digests")
    jobs.every("*/10 * * * *", "note_overdue")
    jobs.every("30 2 * * *", "find_improvements")
    jobs.every("0 3 * * *", "judge_plans")
    jobs.every("*/15 * * * *", "seal_history")
    jobs.every("5 * * * *", "forget_attempts")
    jobs.every("20 3 * * *", runs.FORGET)
    jobs.every("25 3 * * *", "forget_bulk_edits")
    return watcher
