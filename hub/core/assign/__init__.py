"""Stage 2: split a request into tasks and give each to the right person."""
