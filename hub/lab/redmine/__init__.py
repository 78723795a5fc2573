"""Redmine, imitated: a project's issues by REST, and the webhooks that 7.0 has.

Seen at a real 5.0.4 and done the same: 204 for values that the workflow or a right drops, null that
changes nothing, a status that is ignored when an issue is made, a custom field that filters nothing where it
is none, 422 with a list of words, empty bodies of 401, 403, 404 and 204, CRLF in texts, notes that change
without a new time. Not like the real one: one project, one tracker, one workflow; no start dates, so that a
day is never too early; no rights but those that tests take away, no roles, no locked accounts; a project that
nobody reads without a key; no files, relations, watchers, time entries or mail; no text is rendered;
``lock_version`` is imitated by an empty 422 alone. The webhooks are made from the facts about 7.0's code:
nobody has seen them.
"""
