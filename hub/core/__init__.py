"""The inside: knows no web framework, no HTTP library and no plugin."""
