"""The lab: imitations of outside trackers, a memory for links, and the wire between them."""
