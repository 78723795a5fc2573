"""Issues of Redmine, kept in step."""
