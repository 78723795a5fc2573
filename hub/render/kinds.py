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
    N_("Read as"),
    N_(
        "for each far state that stands for several task states: the one that is read from it;"
        " else the first of them"
    ),
    N_("Default person"),
    N_("the person here (id) for accounts there that nobody is mapped to"),
    N_("Priority map"),
    N_(
        "for each priority here (1 urgent to 4 low) the priorities there that mean it; the first"
        " one is written; empty: priorities are not synchronised"
    ),
    N_("Directions"),
    N_("for each field: both (default), out, in or off"),
    N_("Policies"),
    N_("for each field: who decides a conflict; ask is the default"),
    N_("Base url"),
    N_("the sandbox's address, for instance http://127.0.0.1:8080/sandbox/"),
    N_("Repository"),
    N_("owner/name, as in the repository's address"),
    N_("API address"),
    N_("for a GitHub Enterprise Server: https://its-host/api/v3"),
    N_("Account"),
    N_("the account that the token belongs to; empty: GitHub is asked"),
    N_("Labels of new issues"),
    N_("every issue made by the hub gets these labels; they are not shown in the hub"),
    N_("Only issues with these labels"),
    N_("the sweep asks for changes of issues that carry all of these; empty: of all issues"),
    N_("Longest text"),
    N_("texts with more characters than GitHub takes are shown as refused, never cut"),
    N_(
        "for each task state: open, or the reason of closing (completed, not_planned, duplicate);"
        " the first one is written"
    ),
    N_("Jira address"),
    N_(
        "https://name.atlassian.net, for a token with scopes https://api.atlassian.com/ex/jira/"
        "<cloud id>, for Data Center the address of its start page"
    ),
    N_("Jira edition"),
    N_("cloud or datacenter"),
    N_("cloud"),
    N_("datacenter"),
    N_("Project key"),
    N_("the letters before the number of an issue, for instance OPS"),
    N_("Account e-mail"),
    N_("Cloud: whom the API token belongs to. Empty: the token is sent as a bearer token (Data Center)"),
    N_("Issue type"),
    N_("name or number of the type of new issues"),
    N_("for each task state here the statuses there that mean it; the first one is written"),
    N_("Statuses to pass through"),
    N_(
        "where no transition leads straight to the wanted status, it may be reached through"
        " these (at most five steps); empty: straight only"
    ),
    N_("Fields that transitions ask for"),
    N_(
        "for each status there the fields to fill on the way in, as JSON, for instance"
        ' Done: {"resolution": {"name": "Done"}}'
    ),
    N_("Fields of new issues"),
    N_('sent with each new issue, as JSON, for instance priority: {"name": "High"}'),
    N_("Only issues that match (JQL)"),
    N_("narrows the sweep, without ORDER BY; empty: the whole project"),
    N_("Address for people"),
    N_("where people open issues, if it is another than the Jira address"),
    N_("Address of this hub"),
    N_("each new issue gets a link back to it (needs the permission Link issues); empty: none"),
    N_("Let Jira send mail"),
    N_("off: Jira tells nobody about changes the hub makes (the account must administer the project)"),
    N_("Token"),
    N_("Root address"),
    N_("https://open.pingcode.com for the cloud, https://<host>/open for a private server"),
    N_("Client id"),
    N_("of the application made in PingCode's admin console"),
    N_("Area"),
    N_("what a task here is over there"),
    N_("work_item"),
    N_("idea"),
    N_("ticket"),
    N_("Project or product id"),
    N_("work items live in a project, ideas and tickets in a product"),
    N_("Type"),
    N_("id of the type that is made there, such as task or bug; ideas have none"),
    N_("Property for the mark"),
    N_("a text property such as hub_ref; empty: a short mark stands at the end of the title"),
    N_("State plan"),
    N_("id of the plan whose flows hold; empty: the one that belongs to the project or product"),
    N_(
        "for each task state here the states there that mean it; the first one is written."
        " Names of states, or pending, in_progress, completed, closed for all states of that type"
    ),
    N_("Client secret"),
    N_("https://dev.worktile.com for the cloud, its own domain for a private server"),
    N_("API"),
    N_("tenant: for the team, by client secret; personal: for one person, by refresh token"),
    N_("tenant"),
    N_("personal"),
    N_("of the application made in Worktile's admin console"),
    N_("Project id"),
    N_("whose tasks come in"),
    N_("for each task state here the names of the states there that mean it"),
    N_("for each field: in (default), both, out or off; out needs a call that writes"),
    N_("Calls"),
    N_(
        "for who knows the server: task, tasks, create, update or comment, each with method"
        " and path, such as POST /path/{id}; empty: only what is published is used"
    ),
    N_("Names of fields"),
    N_(
        "for these calls: title, body, status, assignee, labels, project and text, each with"
        " the name it has there"
    ),
    N_("Pages a minute"),
    N_("how many pages of 100 tasks are read a minute; there is no list of what changed"),
    N_("Refresh token"),
    N_("Secret"),
    N_("Hook secret"),
    N_("no"),
    N_("optional"),
    N_("required"),
    N_("Messages an hour"),
    N_("what goes beyond waits; 0 sets no limit"),
    N_("Server"),
    N_("for instance smtp.example.org"),
    N_("Sender address"),
    N_("stands in From"),
    N_("Port"),
    N_("Security"),
    N_("starttls on port 587, tls on port 465; none only within one machine"),
    N_("none"),
    N_("User name"),
    N_("empty: without signing in"),
    N_("Sender name"),
    N_("Address for answers"),
    N_(
        "{token} stands where the mark of the request goes: support+{token}@example.org or "
        "{token}@reply.example.org. Empty: the sender address with +{token}; without it answers are "
        "recognised by their headers alone."
    ),
    N_("Address for bounces"),
    N_("for instance bounce+{token}@example.org; empty: the sender address"),
    N_("Confirmations without a return address"),
    N_("so that nothing answers them (RFC 3834); switch it off where the server refuses that"),
    N_("files, where the tracker can hold them: both (default), out, in or off"),
    N_("both"),
    N_("out"),
    N_("in"),
    N_("off"),
    N_("Largest file (MB)"),
    N_("larger files stay where they are, and the task says so"),
    N_("Calls allowed"),
    N_("calls the tracker allows in the time below; empty: what is known of this kind"),
    N_("Time for these calls"),
    N_("the time in which so many calls are allowed, seconds"),
    N_("Look every (minutes)"),
    N_("Days after which an answer opens a new request"),
    N_("an earlier answer opens the closed request again, a later one begins a new one"),
    N_("for instance imap.example.org"),
    N_("tls on port 993, starttls on port 143; none only within one machine"),
    N_("Sign in by"),
    N_(
        "xoauth2: the password is an access token (Microsoft 365, Gmail); QQ and 163 give an"
        " authorisation code that stands for the password"
    ),
    N_("password"),
    N_("Password"),
    N_("Folder"),
    N_("Hear of new mail at once (IDLE)"),
    N_("where the server can say it; the mailbox is looked into every few minutes all the same"),
    N_("Folder for mails the hub has taken"),
    N_("for instance Processed; empty: they stay where they are"),
    N_("Folder for mails that are too large"),
    N_("only their beginning is taken; empty: they stay where they are"),
    N_("Largest mail (MB)"),
    N_("Name of your server in Authentication-Results"),
    N_("for instance mx.example.org; empty: what that header says about senders is not believed"),
)
