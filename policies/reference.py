"""The reference of the rules, generated from them: `python -m policies.reference` rewrites it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from policies.resources import MODEL_SERVICE
from policies.rule import Rule
from policies.rules import RULES
from policies.settings import environments, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policies.rule import AnyRule
    from policies.settings import Configured

PAGE = Path("docs/reference/policies.md")
COMMAND = "python -m policies.reference"
BEGIN = f"<!-- begin: written by `{COMMAND}` -->"
END = "<!-- end -->"
_SHOWN_VALUES = 4


def reference() -> str:
    """Return the generated part of the page: levels by environment, then each rule."""
    return "\n".join([*_levels(), "", *(line for rule in RULES for line in _rule(rule))]).rstrip() + "\n"


def written_into(page: str) -> str:
    """Return a page with the text between its markers replaced by the reference."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def _levels() -> Iterator[str]:
    names = environments()
    configured = {name: load(name, RULES) for name in names}
    yield f"| Rule | {' | '.join(names)} |"
    yield "| --- " * (len(names) + 1) + "|"
    for rule in RULES:
        cells = (_cell(configured[name][rule.name]) for name in names)
        yield f"| [{rule.name}](#{rule.name}) | {' | '.join(cells)} |"


def _cell(configured: Configured) -> str:
    """Return the level, and the numbers that a reader compares between environments."""
    if configured.level == "disabled":
        return "-"
    numbers = [
        f"{value:,g}"
        for value in configured.settings.values()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    return f"{configured.level} ({', '.join(numbers)})" if numbers else configured.level


def _rule(rule: AnyRule) -> Iterator[str]:
    yield f"### {rule.name}"
    yield ""
    yield f"{rule.about} Severity {rule.severity}. {_reads(rule)}"
    yield ""
    yield f"When it is violated: {rule.remedy}."
    if not rule.exemptible:
        yield "No service can be exempt from it."
    yield ""
    if rule.settings:
        yield "| Setting | What it is | Default |"
        yield "| --- | --- | --- |"
        for name, schema in rule.settings.items():
            default = f"`{json.dumps(schema['default'])}`" if "default" in schema else "must be given"
            yield f"| `{name}` | {schema['description']} | {default} |"
        yield ""


def _reads(rule: AnyRule) -> str:
    if not isinstance(rule, Rule):
        return (
            "Asked once for the whole stack, a second line: at a deployment without preview everything exists by then."
        )
    others = [f"`{kind}`" for kind in rule.checks if kind != MODEL_SERVICE]
    on_service = MODEL_SERVICE in rule.checks
    more = f" and {len(others) - _SHOWN_VALUES} more types" if len(others) > _SHOWN_VALUES else ""
    listed = ", ".join(others[:_SHOWN_VALUES]) + more
    if not on_service:
        return f"Reads {listed}."
    return f"Reads the service before anything of it exists{', then ' if others else ''}{listed}."


def main() -> int:
    """Rewrite the page."""
    PAGE.write_text(written_into(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
