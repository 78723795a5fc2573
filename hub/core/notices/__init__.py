"""Who is told what, by which channel: one outbox."""
