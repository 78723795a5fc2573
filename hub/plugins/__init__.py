"""The plugins in the box. Each imports only ``hub.sdk``."""
