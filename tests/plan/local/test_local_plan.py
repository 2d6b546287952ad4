"""A service on this machine: nothing is chosen, nothing costs, and everything that is of no use is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from components.errors import SpecError
from components.plan.local.engine import DEFAULT_FILE
from components.plan.local.ports import port_of, port_problems
from components.plan.text import plan_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from components.plan import Plan

LIMITS = {"requests_per_minute": 60}


@pytest.fixture
def here(llama: dict[str, Any], plan: Callable[..., Plan]) -> Callable[..., Plan]:
    return lambda change=None: plan(llama, change, target="local", region="local")


def test_the_example_spec_runs_on_a_laptop_as_it_is(here: Callable[..., Plan]) -> None:
    """A small real model answers under the spec's name, at a port that follows from the service's."""
    plan = here()
    assert plan.local is not None
    assert plan.model.served_name == "meta-llama/Llama-3.1-8B-Instruct"
    assert plan.local.gguf == (
        "Qwen/Qwen2.5-0.5B-Instruct-GGUF/qwen2.5-0.5b-instruct-q4_k_m.gguf@9217f5db79a29953eb74d5343926648285ec7e67"
    )
    assert plan.local.gguf_bytes == DEFAULT_FILE.size_bytes == 491_400_032
    assert (plan.local.port, plan.local.engine_port) == (port_of("llama-3-1-8b"), port_of("llama-3-1-8b") + 1)
    assert (plan.network, plan.front, plan.needs_network) == (None, None, False)


def test_it_costs_nothing_and_that_is_known(here: Callable[..., Plan]) -> None:
    """0, not unknown."""
    cost = here().cost
    assert (cost.floor, cost.expected, cost.max, cost.unknowns) == (0.0, 0.0, 0.0, ())


def test_no_region_is_needed(llama: dict[str, Any], plan: Callable[..., Plan]) -> None:
    """Any text is as good as another: it is not read."""
    assert plan(llama, target="local", region="nowhere").region == "local"


def test_what_is_of_no_use_here_is_noted_with_its_values(here: Callable[..., Plan]) -> None:
    """One note for each group, with the reason."""
    notes = {note.field: note.text for note in here().notes}
    assert notes["load"] == (
        "not used on this machine, nothing is sized and nothing is paid for: requests_per_hour 1200.0, input_tokens "
        "1500, output_tokens 300, peak_concurrency 12"
    )
    assert notes["accelerators"] == "not used on this machine, the processors of this machine compute: L4, A10G, L40S"
    assert notes["gateway"].endswith(": keys_secret berth/client-keys")
    assert notes["local.key_env"] == "not given: no client keys, whoever is on this machine may use the service"


def test_limits_are_kept_and_money_is_noted(here: Callable[..., Plan]) -> None:
    """A request costs nothing here, so a limit in USD could never be reached."""
    plan = here({"gateway": {**LIMITS, "usd_per_month": 5}})
    assert plan.gateway is not None
    assert (plan.gateway.limits.requests_per_minute, plan.gateway.limits.usd_per_month) == (60, None)
    (note,) = (note for note in plan.notes if note.field == "gateway.usd_per_month")
    assert note.text == "not used on this machine, requests cost nothing: usd_per_month 5.0"


def test_what_a_gateway_does_not_do_here_has_its_own_reason(here: Callable[..., Plan]) -> None:
    """Pages may call; nobody else is asked, nothing is held, and a front would stand before the gateway."""
    fallback = [{"url": "https://api.example.com/v1", "key_secret": "example/key"}]
    given = {"cors_origins": ["https://app.example.com"], "fallback": fallback, "front": True, "hold_seconds": 30}
    plan = here({"gateway": given})
    assert plan.gateway is not None
    assert (plan.gateway.cors_origins, plan.gateway.fallback, plan.front) == (("https://app.example.com",), (), None)
    assert {note.field: note.text for note in plan.notes if note.field.startswith("gateway.")} == {
        "gateway.fallback": (
            "not used on this machine, no prompt leaves it, and keys of others are in Secrets Manager: "
            "fallback[0].url https://api.example.com/v1, fallback[0].key_secret example/key"
        ),
        "gateway.front": "not used on this machine, its gateway stands before the engine anyway: front true",
        "gateway.hold_seconds": (
            "not used on this machine, nothing sleeps that a request could wait for: hold_seconds 30"
        ),
    }


def test_a_server_that_runs_already_is_asked_below_v1(here: Callable[..., Plan]) -> None:
    """As an OpenAI SDK takes its base URL; there is no engine of ours then."""
    local = here({"local": {"engine": "url", "url": "http://localhost:11434/", "url_model": "qwen2.5:0.5b"}}).local
    assert local is not None
    assert (local.url, local.gguf, local.engine_port) == ("http://localhost:11434/v1", None, None)


def test_a_file_of_the_hub_without_revision_is_a_warning_and_refused_in_prod(here: Callable[..., Plan]) -> None:
    """It may be another tomorrow."""
    change = {"local": {"gguf": "org/repo/a.gguf"}}
    warnings = [str(note.text) for note in here(change).notes if note.level == "warning"]
    assert warnings == ["has no revision: the file is whatever main has at the first start"]
    with pytest.raises(SpecError) as error:
        here({**change, "environment": "prod"})
    assert str(error.value) == (
        "llama-3-1-8b: local.gguf: org/repo/a.gguf has no revision, which environment prod asks for; write "
        "org/repo/a.gguf@COMMIT, with a commit of the repository"
    )
    assert here({"local": {"gguf": "org/repo/a.gguf@12ab"}, "environment": "prod"}).model.revision == "12ab"


def test_services_with_one_port_are_refused(here: Callable[..., Plan]) -> None:
    """The engine's port counts, too."""
    first, second = here({"local": {"port": 9000}}), here({"name": "other", "local": {"port": 9001}})
    (problem,) = port_problems([first, second])
    assert str(problem) == (
        "other: local.port: 9001 takes port 9001, which service llama-3-1-8b listens on; give one of them another "
        "local.port; a service takes two in a row"
    )
    apart = replace(second, local=second.local and replace(second.local, port=9002, engine_port=9003))
    assert port_problems([first, apart]) == []


def test_the_page_says_what_runs_and_where(here: Callable[..., Plan]) -> None:
    """Address, file, contexts; parked, that nothing does."""
    page = plan_text(here({"local": {"port": 9000, "gguf": "./a.gguf", "threads": 4, "key_env": "CHAT_KEY"}}))
    assert page.splitlines()[:8] == [
        "llama-3-1-8b on this machine (stack local, environment dev)",
        "",
        "Model       meta-llama/Llama-3.1-8B-Instruct, as clients call it",
        "File        ./a.gguf",
        "Engine      llama.cpp (xllamacpp 2026.10), 4 threads, port 9001",
        "Context     4,096 tokens, for each of 2 requests at once",
        "Gateway     http://127.0.0.1:9000/v1; keys from variable CHAT_KEY; requests of up to 10m",
        "Processes   2",
    ]
    assert max(map(len, page.splitlines())) <= 100
    assert "Processes   none, parked" in plan_text(here({"power": "off"}))
