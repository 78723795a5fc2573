"""The words of the hub's fixed vocabularies, for pages and sentences."""

from __future__ import annotations

from hub.render.reader import N_

STATES = {
    "open": N_("open"),
    "doing": N_("doing"),
    "waiting": N_("waiting"),
    "done": N_("done"),
    "dropped": N_("dropped"),
    "closed": N_("closed"),
}
PRIORITIES = {1: N_("Urgent"), 2: N_("High"), 3: N_("Normal"), 4: N_("Low")}
NEED_KINDS = {"stated": N_("stated"), "expected": N_("expected"), "unspoken": N_("unspoken")}
RESULTS = {
    "met": N_("met"),
    "partly": N_("partly met"),
    "not_met": N_("not met"),
    "dropped": N_("no longer wanted"),
}
# By which door a request came in; of a kind of connection unknown here, the kind's own key is shown.
SOURCES = {
    "hub": N_("entered here"),
    "form": N_("public form"),
    "webhook": N_("webhook"),
    "mailbox": N_("mailbox"),
    "page": N_("tracking page"),
    "improve": N_("improvement plan"),
}
STREAMS = {"public": N_("public"), "internal": N_("internal")}
VERDICTS = {
    "works": N_("works"),
    "no_evidence": N_("no evidence"),
    "harm": N_("harm"),
    "too_early": N_("too early"),
}
CHOICES = {
    "here": N_("ours kept"),
    "there": N_("theirs taken"),
    "text": N_("an own text"),
    "policy": N_("by the connection's rule"),
    "agreed": N_("both sides agreed again"),
}
ROLES = {
    "administrator": N_("administrator"),
    "manager": N_("manager"),
    "member": N_("member"),
    "viewer": N_("viewer"),
    "contact": N_("customer contact"),
}
# What people are told by mail.
TEMPLATES = {
    "confirmation": N_("confirmation"),
    "reply": N_("answer"),
    "survey": N_("survey invitation"),
    "assignment": N_("assignment"),
    "mention": N_("mention"),
    "unseen": N_("not seen"),
    "digest": N_("daily digest"),
}
# How the bell tells it.
ALERTS = {
    "mention": N_("%(who)s mentioned you in %(ref)s"),
    "assignment": N_("%(who)s gave you %(ref)s"),
    "rules": N_("The rules gave you %(ref)s"),
    "unseen": N_("%(who)s has not yet seen %(ref)s"),
    "off": N_("The connection %(ref)s is off"),
}
# What rooms are told.
EVENTS = {
    "request_created": N_("new request"),
    "task_assigned": N_("task handed over"),
    "assignment_unseen": N_("assignment not seen"),
    "task_overdue": N_("task overdue"),
    "comment_added": N_("answer of the customer"),
    "request_reopened": N_("request opened again"),
    "survey_answered": N_("bad survey"),
    "conflict_opened": N_("conflict"),
    "request_closed": N_("request closed"),
}
RUN_KINDS = {"round": N_("round"), "import": N_("first import"), "undo": N_("undo")}
# What a run did besides writing fields.
RUN_ACTS = {
    "item": N_("item made there"),
    "task": N_("task made here"),
    "untask": N_("task taken back here"),
    "said": N_("comment copied there"),
    "reworded": N_("comment changed there"),
    "unsaid": N_("comment taken back there"),
    "heard": N_("comment taken over here"),
    "sent": N_("file copied there"),
    "came": N_("file taken over here"),
}
LINK_STATES = {
    "settled": N_("in step"),
    "waiting": N_("waiting"),
    "conflict": N_("conflict"),
    "refused": N_("refused"),
    "gone": N_("gone"),
    "paused": N_("paused"),
}
DIRECTIONS = {
    "both": N_("both ways"),
    "out": N_("only from here to there"),
    "in": N_("only from there to here"),
    "off": N_("not at all"),
}
POLICIES = {
    "ask": N_("show it, a person decides"),
    "here": N_("ours holds"),
    "there": N_("theirs holds"),
    "newest": N_("the newer change holds"),
}
IMPORT_TARGETS = {
    "requests": N_("each item becomes a request of its own"),
    "tasks": N_("each item becomes a task of one request"),
    "links": N_("only look at what is linked already: preview of the first sync"),
}
IMPORT_STATES = {
    "listing": N_("listing what lies there"),
    "looking": N_("looking at each item"),
    "ready": N_("ready to be done"),
    "running": N_("being done"),
    "done": N_("done"),
    "cancelled": N_("cancelled"),
}
IMPORT_ACTIONS = {
    "request": N_("new request"),
    "task": N_("new task"),
    "link": N_("linked to"),
    "round": N_("first sync"),
    "skip": N_("left out"),
}
IMPORT_OUTCOMES = {
    "done": N_("done"),
    "changed": N_("changed meanwhile"),
    "failed": N_("not done"),
    "skipped": N_("left out"),
}
IMPORT_STEPS = {
    "same": N_("alike"),
    "take": N_("comes over from there"),
    "send": N_("goes there"),
    "merge": N_("both are merged"),
    "conflict": N_("conflict: a person decides"),
    "over": N_("one side overwrites the other, by the connection's rule"),
    "declined": N_("cannot cross"),
    "apart": N_("stays apart"),
    "off": N_("is not synced"),
}
FIELDS = {
    "title": N_("title"),
    "body": N_("description"),
    "priority": N_("priority"),
    "category_id": N_("category"),
    "customer_id": N_("customer"),
    "contact_id": N_("contact"),
    "owner_id": N_("owner"),
    "wanted_by": N_("wanted date"),
    "labels": N_("labels"),
    "hours": N_("hours"),
    "estimate": N_("estimate"),
    "due": N_("due date"),
    "skill": N_("skill"),
    "team_id": N_("team"),
    "status": N_("state"),
    "assignee": N_("assignee"),
}
# What a check of a plugin looks after, and how it ended (`hub plugin test`).
AREAS = {
    "contract": N_("keeps the contract"),
    "texts": N_("texts in both languages"),
    "purity": N_("same question, same answer"),
    "time": N_("answers in time"),
    "genuine": N_("takes in only what is genuine"),
    "reading": N_("reads every odd shape"),
    "writing": N_("writes only what changed"),
    "paging": N_("reads to the last page"),
    "retries": N_("waits as it is told"),
    "secrets": N_("gives no secret away"),
    "privacy": N_("keeps internal notes inside"),
    "restart": N_("goes on after a restart"),
    "lab": N_("settles in the lab"),
}
CHECKED = {"done": N_("done"), "exempt": N_("exempt"), "failed": N_("failed")}
# Background work that people may have to start again; another job is called by its own name.
JOBS = {
    "read_deliveries": N_("reading deliveries"),
    "collect": N_("looking for new mails"),
    "round": N_("a round of a link"),
    "sweep": N_("asking trackers what has changed"),
    "check_connection": N_("testing the connection"),
    "try_room": N_("a test message"),
    "read_catalogue": N_("asking for states and people"),
    "import": N_("an import"),
    "try_mapping": N_("the lab"),
}
TRIAL_STATES = {
    "running": N_("under way"),
    "done": N_("done"),
    "cancelled": N_("cancelled"),
    "failed": N_("not possible"),
}
# The figures of the lab, as docs/sync.md names them.
LAB_FIGURES = {
    "a_settled": N_("share of fields and comments that agree in the end, or say why not"),
    "b_lost": N_("edits lost without a trace"),
    "b_overruled": N_("edits overwritten by this connection's own rules"),
    "b_window": N_("edits lost between a look and a write, where the tracker tells no history"),
    "b_back": N_("edits taken back that the other side's change replaced"),
    "b1_false_conflicts": N_("conflicts shown although one side only had changed"),
    "b2_conflict_share_all": N_("share of fields that wait for a person in the end"),
    "c_echo": N_("answers to the hub's own writes"),
    "d_twins": N_("items or comments that stand twice"),
    "e_leaks": N_("internal notes that left the hub"),
    "f_writes_per_change": N_("writes for each edit and place"),
    "g_limits": N_("limits of the tracker broken"),
    "bugs": N_("program errors"),
}
