"""How long does one process take to plan 500 different specs? `python -m bench.many_specs` prints it as JSON."""

from __future__ import annotations

import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from datetime import date
from itertools import islice, product
from typing import TYPE_CHECKING, Any, cast

from components.errors import BerthError
from components.plan import UNBUILT, make_plan
from components.plan.target import CLOUD_TARGETS
from components.spec import parse_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.plan.model import Target
    from components.spec import ServiceSpec

COUNT = 500
_TODAY = date(2026, 11, 21)
_MODELS = (
    "Qwen/Qwen2.5-7B-Instruct",
    "Qwen/Qwen2.5-14B-Instruct",
    "Qwen/Qwen2.5-32B-Instruct-AWQ",
    "Qwen/Qwen3-8B",
    "Qwen/Qwen3-30B-A3B",
    "mistralai/Mistral-7B-Instruct-v0.3",
    "microsoft/phi-4",
    "openai/gpt-oss-20b",
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
)
_ACCELERATORS: tuple[Any, ...] = ("auto", ["L40S"], ["L4:4", "L40S:2", "A100-80GB"], ["H100", "L40S:4"])
_REQUESTS: tuple[Any, ...] = (120, 3_600, 40_000, {"Mon-Fri 08:00-18:00": 5_000, "otherwise": 200})
_TOKENS = ((400, 150), (1_500, 300), (6_000, 800))
_SCHEDULES: tuple[Any, ...] = (None, {"hours": "Mon-Fri 07:00-21:00 Europe/Berlin"})


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took; refusals are plans too: somebody has to be told why."""

    specs: int
    refused: int
    parse_seconds: float
    plan_seconds: float
    plan_p50_ms: float
    plan_p95_ms: float

    @property
    def seconds(self) -> float:
        """Reading and planning together."""
        return self.parse_seconds + self.plan_seconds


def specs() -> Iterator[tuple[Target, dict[str, Any]]]:
    """Yield a target and a spec as a mapping, `COUNT` times and never the same twice."""
    mixed = product(_SCHEDULES, _TOKENS, _REQUESTS, _ACCELERATORS, _MODELS)
    for number, (schedule, (read, written), requests, accelerators, model) in enumerate(islice(mixed, COUNT)):
        target = cast("Target", CLOUD_TARGETS[number % len(CLOUD_TARGETS)])
        spec: dict[str, Any] = {
            "name": f"service-{number}",
            "model": {"id": model},
            "accelerators": accelerators,
            "load": {"requests_per_hour": requests, "input_tokens": read, "output_tokens": written},
            "scaling": {"min_replicas": 1 + number % 2, "max_replicas": 2 + number % 5},
        }
        yield target, spec if schedule is None else spec | {"schedule": schedule}


def run() -> Run:
    """Read and plan all specs, each on its target."""
    started = time.perf_counter()
    parsed: list[tuple[Target, ServiceSpec]] = [(target, parse_spec(spec, "bench")) for target, spec in specs()]
    parse_seconds = time.perf_counter() - started
    seconds: list[float] = []
    refused = 0
    for target, spec in parsed:
        started = time.perf_counter()
        try:
            make_plan(spec, target=target, stack="dev", region="us-east-1", images=UNBUILT, today=_TODAY)
        except BerthError:
            refused += 1
        seconds.append(time.perf_counter() - started)
    return Run(
        specs=len(parsed),
        refused=refused,
        parse_seconds=parse_seconds,
        plan_seconds=sum(seconds),
        plan_p50_ms=statistics.median(seconds) * 1000,
        plan_p95_ms=statistics.quantiles(seconds, n=20)[-1] * 1000,
    )


def main() -> int:
    """Print one run."""
    print(json.dumps(asdict(run())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
