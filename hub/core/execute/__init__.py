"""Stage 3: tasks, and what they are linked to in outside trackers."""
