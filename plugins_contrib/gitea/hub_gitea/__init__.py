"""Issues of Gitea and Forgejo, kept in step."""
