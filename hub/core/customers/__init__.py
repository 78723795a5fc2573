"""Customers and their contacts."""

from hub.core.customers.models import Contact, Customer

__all__ = ["Contact", "Customer"]
