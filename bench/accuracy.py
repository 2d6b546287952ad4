"""How well is speed predicted? `python -m bench.accuracy` prints, stores and documents error quantiles by class."""

from __future__ import annotations

import json
import math
import statistics
import sys
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.first_roofline import first_tokens_per_s
from bench.fit import KEPT
from bench.measured import FITTED_GPUS, HELD_OUT_MODELS, left_out, measurements
from bench.page import Page
from bench.prediction import case_of, predicted_tokens_per_s, predicted_ttft_seconds
from components.sizing.roofline import FITTED
from components.sizing.throughput import TGI_SHARE, Throughput, spread, tgi_throughput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.measured import Measured

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "bench" / "results" / "accuracy.json"
PAGE = Page(Path("docs/reference/accuracy.md"), "python -m bench.accuracy")

NOTHING = "-"
TTFT = "time to first token of one request, NIM"
TGI = "TGI 1.0.3 of 2023, with its share of 0.4"
_FAST_MEMORY_GB_PER_S = 1500


@dataclass(frozen=True, slots=True)
class Errors:
    """Quantiles of predicted / measured, and of its distance from 1; `inside` is the share within the printed range."""

    rows: int
    p10: float
    p50: float
    p90: float
    worst: float
    error_p50: float
    error_p90: float
    inside: float | None


def class_of(row: Measured) -> str:
    """Return the class that a measurement is counted in."""
    if row.engine.startswith("TGI"):
        return TGI
    if row.concurrency == 1:
        return _class_of_stream(row)
    if row.concurrency:
        return "4 to 250 requests at once, vLLM and NIM"
    if case_of(row).shape.is_mixture:
        return "max load, mixture, nvfp4" if row.quantization == "nvfp4" else "max load, mixture"
    if row.quantization == "none":
        return "max load, dense 16 bit"
    return f"max load, dense {row.quantization}, {row.gpu_count} GPU{'s' if row.gpu_count > 1 else ''}"


def _class_of_stream(row: Measured) -> str:
    if row.engine.startswith("NIM"):
        return "one stream, NIM"
    memory = "HBM" if case_of(row).gpu.bandwidth_gb_per_s > _FAST_MEMORY_GB_PER_S else "GDDR"
    return f"one stream, llama.cpp and MLC, cards with {memory}"


def errors(ratios: Sequence[float], inside: Sequence[bool] = ()) -> Errors:
    """Return the quantiles of predicted / measured.

    >>> found = errors([0.5, 1.0, 2.0])
    >>> found.p50, found.worst, found.error_p50
    (1.0, 0.5, 0.5)
    """
    distance = [abs(ratio - 1) for ratio in ratios]
    return Errors(
        rows=len(ratios),
        p10=_quantile(ratios, 1),
        p50=_quantile(ratios, 5),
        p90=_quantile(ratios, 9),
        worst=_rounded(max(ratios, key=lambda ratio: (abs(math.log(ratio)), -ratio))),
        error_p50=_quantile(distance, 5),
        error_p90=_quantile(distance, 9),
        inside=_rounded(sum(inside) / len(inside)) if inside else None,
    )


def accuracy() -> dict[str, Any]:
    """Return everything that is stored: what was fitted to what, and the errors of each class."""
    rows = [row for row in measurements() if not left_out(row)]
    classes: dict[str, dict[str, Any]] = {}
    for name in sorted({class_of(row) for row in rows}):
        here = [row for row in rows if class_of(row) == name]
        held, fitted = ([row for row in here if row.fitted == kind] for kind in (False, True))
        share = TGI_SHARE if name == TGI else 1.0
        first = [share * first_tokens_per_s(row) / row.tokens_per_s for row in held]
        classes[name] = {
            "held_out": _errors(held),
            "fitted": _errors(fitted),
            "first_version": asdict(errors(first)) if first else None,
        }
    alone = [row for row in rows if row.concurrency == 1 and row.ttft_seconds and row.engine.startswith("NIM")]
    waits = [predicted_ttft_seconds(row) / (row.ttft_seconds or 1) for row in alone]
    classes[TTFT] = {"held_out": asdict(errors(waits)), "fitted": None, "first_version": None}
    reasons = Counter(reason for row in measurements() if (reason := left_out(row)))
    return {
        "factors": asdict(FITTED),
        "factors_kept": list(KEPT),
        "fitted_gpus": sorted(FITTED_GPUS),
        "held_out_models": sorted(HELD_OUT_MODELS),
        "rows": len(measurements()),
        "left_out": dict(sorted(reasons.items())),
        "classes": classes,
    }


def text(found: dict[str, Any]) -> str:
    """Return the table of the page: what is held out, and beside it what the first version made of the same rows."""
    head = (
        "| Class | Rows | p10 | p50 | p90 | worst | error p50 | error p90 | in range "
        "| first version: error p50 | p90 | rows fitted to | error p50 |"
    )
    lines = [head, "| --- |" + " ---: |" * 12]
    lines += [_line(name, parts) for name, parts in found["classes"].items()]
    lines += ["", "Rows that are compared with nothing:", ""]
    lines += [f"- {count}: {reason}" for reason, count in found["left_out"].items()]
    lines += ["", "| Factor | Value |", "| --- | ---: |"]
    lines += [
        f"| `{name}` | {value:g}{' (kept, not fitted)' if name in found['factors_kept'] else ''} |"
        for name, value in found["factors"].items()
    ]
    return "\n".join(lines) + "\n"


def stored(found: dict[str, Any]) -> str:
    """Return the JSON that is stored."""
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


def _errors(rows: Sequence[Measured]) -> dict[str, Any] | None:
    if not rows:
        return None
    ranges = [(_range(row), row.tokens_per_s) for row in rows]
    return asdict(
        errors(
            [found.expected / measured for found, measured in ranges],
            [found.low <= measured <= found.high for found, measured in ranges],
        )
    )


def _range(row: Measured) -> Throughput:
    case = case_of(row)
    tokens, share = predicted_tokens_per_s(row), spread(case.shape, case.quantization)
    found = Throughput(tokens * (1 - share), tokens, tokens * (1 + share))
    return tgi_throughput(found) if class_of(row) == TGI else found


def _line(name: str, parts: dict[str, Any]) -> str:
    held, first, fitted = parts["held_out"], parts["first_version"], parts["fitted"]
    cells = ["0", *[NOTHING] * 7] if held is None else [str(held["rows"]), *_ratios(held), _percent(held["inside"])]
    cells += [NOTHING, NOTHING] if first is None else [_percent(first["error_p50"]), _percent(first["error_p90"])]
    cells += ["0", NOTHING] if fitted is None else [str(fitted["rows"]), _percent(fitted["error_p50"])]
    return f"| {name} | {' | '.join(cells)} |"


def _ratios(part: dict[str, Any]) -> list[str]:
    ratios = [f"{part[key]:.2f}" for key in ("p10", "p50", "p90", "worst")]
    return [*ratios, _percent(part["error_p50"]), _percent(part["error_p90"])]


def _percent(share: float | None) -> str:
    return NOTHING if share is None else f"{share:.0%}"


def _quantile(values: Sequence[float], tenths: int) -> float:
    if len(values) == 1:
        return _rounded(values[0])
    return _rounded(statistics.quantiles(values, n=10, method="inclusive")[tenths - 1])


def _rounded(value: float) -> float:
    return round(value, 3)


def main() -> int:
    """Print the table, store it, and write it into the page."""
    found = accuracy()
    print(text(found))
    STORED.write_text(stored(found), encoding="utf-8")
    PAGE.write(ROOT, text(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
