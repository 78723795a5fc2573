"""An imitation of Worktile's open API.

What it does as working clients have seen: tenant tokens in the query of every call, 200 with ``ok: false``
and 1103 for a token at its end, lists in two shapes, details wrapped in ``data.value`` that say little
without ``columns``, properties bare in one place and as ``{"value": …}`` in another, comments as trees of
nodes in JSON, 429 as a page of HTML without ``Retry-After``, hooks without a signature.

What differs from the real one, or is not published and chosen here:

* every write is made up. The real API publishes none of them, so their addresses begin with ``/made-up`` and
  the plugin knows them only through its settings, as it would know those an administrator has found out;
* a token lives two hours; the limit is 120 calls a minute; a page holds at most 100 rows, the latest first;
* error codes other than 1102 and 1103 are made up; a task that is gone is answered 404;
* the personal API offers the two reads an administrator has to name, under ``/made-up`` as well;
* a state can follow any other; titles lose their outer blanks; ``updated_at`` moves with comments, too.
"""
