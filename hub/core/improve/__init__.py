"""Stage 5: numbers become findings, findings become plans, plans get a verdict."""
