"""Worktile as a connection: projects and tasks come in; writing only by calls an administrator knows."""
