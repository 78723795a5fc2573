"""Stage 4: score the goals, ask the customer, sample the quality."""
