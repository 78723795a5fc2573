"""Stage 1: take in what somebody needs and understand it."""
