"""Which settings are there? The README's tables, made from the settings themselves.

`python -m gateway.config.reference README.md` rewrites what stands between the markers; a test fails while it is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.config.checks import ChecksConfig, OutputCheckConfig
from gateway.config.keys import BudgetConfig, KeysConfig, KeyTerms
from gateway.config.limits import LimitsConfig
from gateway.config.price import PriceConfig
from gateway.config.problems import UPSTREAM_KINDS, VARIABLES
from gateway.config.routes import BreakerConfig, RouteConfig
from gateway.config.secret import SecretSource
from gateway.config.settings import GatewayConfig
from gateway.config.sleep import SleepConfig, StateDocumentConfig
from gateway.config.templates import TemplateConfig

if TYPE_CHECKING:
    from pydantic import BaseModel

BEGIN, END = "<!-- settings -->", "<!-- end of settings -->"
SECTIONS: dict[str, type[BaseModel]] = {
    "At the top": GatewayConfig,
    **{f"`upstreams` of kind {kind}": model for kind, model in UPSTREAM_KINDS.items()},
    "`price` of an upstream": PriceConfig,
    "A secret (`key`, `headers`)": SecretSource,
    "`routes`": RouteConfig,
    "`breaker`": BreakerConfig,
    "`limits`": LimitsConfig,
    "`keys`": KeysConfig,
    "`keys.defaults`, and a key in its document": KeyTerms,
    "`budget`": BudgetConfig,
    "`templates`, each by its name": TemplateConfig,
    "`checks`": ChecksConfig,
    "`checks.output` (all) and `checks.input` (all but the last)": OutputCheckConfig,
    "`sleep`": SleepConfig,
    "`sleep.document`": StateDocumentConfig,
}
# Where a section's settings stand, for those that have variables.
PLACES: dict[type[BaseModel], tuple[str | int, ...]] = {
    GatewayConfig: (),
    LimitsConfig: ("limits",),
    KeysConfig: ("keys",),
    BudgetConfig: ("budget",),
    PriceConfig: ("upstreams", 0, "price"),
}


def tables() -> str:
    """All settings as Markdown, section by section."""
    variables = {path: name for name, path in VARIABLES.items()}
    lines: list[str] = []
    for title, model in SECTIONS.items():
        lines += [f"{title}:", "", "| Setting | Meaning |", "| --- | --- |"]
        for name, field in model.model_fields.items():
            path = (*PLACES[model], name) if model in PLACES else ()
            variable = f" (`{variables[path]}`)" if path in variables else ""
            required = "Required. " if field.is_required() else ""
            lines.append(f"| `{name}`{variable} | {required}{' '.join((field.description or '').split())} |")
        lines.append("")
    return "\n".join(lines)


def rewritten(document: str) -> str:
    """The document with today's tables between its markers."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}{END}{after}"


def main(path: Path) -> None:
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
