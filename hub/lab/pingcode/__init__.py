"""An imitation of PingCode's open API.

What it does as the real one is published or was measured to do: credentials in the query of a GET, an
absolute ``expires_in``, 400 with digit codes where others say 404, 200 calls a minute and
``x-pc-retry-after``, whole seconds, a search that filters by whole days and knows no order, no type on reads,
an assignee that null does not clear, state plans with flows whose key is ``form_state``, comments without
edit whose deleted rows stay, soft deletes, 200 with a page of HTML for addresses it does not know.

What differs from the published API, or is not published and chosen here:

* codes 100301 (bad value), 100302 (no such property), 100901 (no access to this area) and 100726 (no such
  ticket) are made up; so is the text of every message;
* a day of its search begins at midnight in Shanghai; a new item is missing from lists while they lag;
* an unknown property is refused; titles above 255 are refused everywhere, for ideas this is published;
* ``updated_at`` moves with every change of the item and not with its comments;
* descriptions lose ``<script>`` and ``on…`` attributes and nothing else; titles lose their outer blanks;
* Flow hooks are the message our set-up guide dictates; there are no attachments, relations, participants,
  work logs, priorities, sprints, customers, bulk calls, and no user tokens.
"""
