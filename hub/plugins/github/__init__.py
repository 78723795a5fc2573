"""GitHub issues as a connection: tasks here and issues there, kept the same."""
