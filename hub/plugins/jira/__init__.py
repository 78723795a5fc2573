"""Jira as a connection: Cloud (REST v3) and Data Center (REST v2)."""
