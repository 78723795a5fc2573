"""The demonstration: two companies to click through, and years of history by the thousand."""

from hub.demo.bulk import write_history
from hub.demo.channels import SandboxAddress
from hub.demo.companies import load_companies, set_demo_password

__all__ = ["SandboxAddress", "load_companies", "set_demo_password", "write_history"]
