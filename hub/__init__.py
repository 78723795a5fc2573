"""The service collaboration hub: identify, assign, execute, evaluate, improve."""

__version__ = "0.1.0"
