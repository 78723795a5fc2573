"""Askers without a database, for what is pure."""

from hub.demo.cast import Asker

ASKERS = (
    Asker(1, "Ada", "ada@example.org", "en", 1, "Retail", {}),
    Asker(2, "方晴", "fang@example.org", "zh", 1, "Retail", {}),
)
