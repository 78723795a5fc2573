"""The sandbox tracker as a connection: the lab's imitation, for trying two-way sync."""
