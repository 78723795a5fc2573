"""The words of the settings of the kinds in the box, for the catalogue; strangers' words stay as written."""

from __future__ import annotations

from hub.render.reader import N_

WORDS = (
    N_("Title (Chinese)"),
    N_("Title (English)"),
    N_("Introduction (Chinese)"),
    N_("Introduction (English)"),
    N_("Categories to choose from"),
    N_("One a line: key | Chinese | English. Empty: not asked."),
    N_("Expected outcome"),
    N_("File"),
    N_("Requests from here belong to this customer."),
    N_("Dotted path into the JSON; empty: not read."),
    N_("Contact name"),
    N_("Contact e-mail"),
    N_("Words for priority 1 (urgent)"),
    N_("Words for priority 2 (high)"),
    N_("Words for priority 3 (normal)"),
    N_("Words for priority 4 (low)"),
    N_("Status map"),
    N_("for each task state here the states there that mean it; the first one is written"),
    N_("People map"),
    N_("for each person here (id) the account there"),
    N_("Directions"),
    N_("for each field: both (default), out, in or off"),
    N_("Policies"),
    N_("for each field: who decides a conflict; ask is the default"),
    N_("Base url"),
    N_("the sandbox's address, for instance http://127.0.0.1:8080/sandbox/"),
    N_("Secret"),
    N_("Hook secret"),
    N_("no"),
    N_("optional"),
    N_("required"),
)
