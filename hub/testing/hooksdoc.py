"""Writes the hooks page from the hook specs: ``python -m hub.testing.hooksdoc > docs/plugins/hooks.md``."""

from __future__ import annotations

import inspect
import sys
from dataclasses import fields
from typing import Any, get_args, get_type_hints

from hub.core.hookspecs import API, HookSpecs
from hub.core.registry.answers import asked_of, promised

STAGES = {
    "identify": "1. Identify · 需求识别",
    "assign": "2. Assign · 任务分配",
    "execute": "3. Execute · 协作执行",
    "evaluate": "4. Evaluate · 结果评估",
    "improve": "5. Improve · 持续改进",
    "all": "All stages",
}
ASKED = {
    "one": "**Ask one**: the first answer that is not None wins, in the configured order.",
    "all": "**Ask all**: every answer counts; None is no answer.",
    "told": "**Tell**: nothing is answered, and nothing can be changed by it.",
}
HEAD = f"""# Hooks

Generated from `hub/core/hookspecs.py` by `python -m hub.testing.hooksdoc`; do not edit. API {API}.

Every value named here is imported from `hub.sdk`. Each hook takes one frozen `context`, so that a new
field never breaks an old plugin. A call that raises, takes longer than the budget (2 seconds) or
answers with another type is recorded against its plugin and left out; the stage goes on. After five
such failures in a row the plugin is put aside until somebody restores it on the plugins page.
*Pure* means: no network, no clock, no chance, no files; the context brings what may be known.
"""


def hooks() -> list[str]:
    """The names of all hooks, in the order of the specs."""
    return [name for name in vars(HookSpecs) if hasattr(getattr(HookSpecs, name), "hub_spec")]


def page() -> str:
    """The whole page."""
    parts, heading = [HEAD], ""
    for hook in hooks():
        stage = STAGES.get(hook.partition("_")[0], STAGES["all"])
        if stage != heading:
            heading = stage
            parts.append(f"## {heading}\n")
        parts.append(_section(hook))
    return "\n".join(parts)


def _section(hook: str) -> str:
    spec = getattr(HookSpecs, hook)
    lines = [f"### `{hook}{_signature(spec)}`", "", " ".join((inspect.getdoc(spec) or "").split()), ""]
    lines += [ASKED[asked_of(hook)], ""]
    context = get_type_hints(spec).get("context")
    kinds = [context, *_values(promised(hook))] if context else _values(promised(hook))
    lines += [_value(kind) for kind in kinds]
    return "\n".join([*lines, ""])


def _signature(spec: Any) -> str:
    return (
        str(inspect.signature(spec))
        .replace("self, ", "")
        .replace("self", "")
        .replace("'", "")
        .replace("v.", "")
    )


def _values(kind: Any) -> list[type]:
    return [] if kind is type(None) else list(get_args(kind)) or [kind]


def _value(kind: type) -> str:
    told = " ".join((inspect.getdoc(kind) or "").split())
    named = ", ".join(f"`{item.name}: {item.type}`" for item in fields(kind))
    return f"- `{kind.__name__}`: {told}" + (f" Fields: {named}." if named else "")


if __name__ == "__main__":
    sys.stdout.write(page())
