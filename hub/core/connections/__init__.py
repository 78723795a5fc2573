"""Connections to the outside: their rows, secrets, health and what they delivered."""

from hub.core.connections.models import Connection, Delivery

__all__ = ["Connection", "Delivery"]
