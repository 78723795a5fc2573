"""PingCode as a connection: work items, ideas and tickets, in its cloud or on a private server."""
