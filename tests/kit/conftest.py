"""Prints the kit's figures at the end."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.getreports(kind)]
    told = [value for one in reports for name, value in getattr(one, "user_properties", ()) if name == "kit"]
    if told:
        terminalreporter.section("the kit")
        for line in told:
            terminalreporter.write_line(line)
