"""`berth sandbox runpod ...`: what tests do over HTTP, a person does on the command line."""

from __future__ import annotations

import argparse

import pytest

from sandbox import cli
from sandbox.errors import SandboxError
from sandbox.runpod import commands


def run(runpod, *arguments: str):
    """What a command answers."""
    parser = argparse.ArgumentParser()
    commands.add_to(parser)
    options = parser.parse_args(arguments)
    return options.control(int(runpod.url.rpartition(":")[2]), options)


def test_a_fault_and_the_calls(runpod):
    """The next calls go wrong as told, and are listed; what is left can be taken back."""
    arguments = ("--method", "GET", "--path", "/v2/*", "--times", "3", "--status", "429", "--retry-after", "2")
    (fault,) = run(runpod, "fault", *arguments)["faults"]
    assert (fault["status"], fault["times"], fault["retry_after_seconds"]) == (429, 3, 2)
    assert runpod.call("GET", "/v2/serverless").headers["Retry-After"] == "2"
    assert run(runpod, "faults")["faults"][0]["times"] == 2
    assert run(runpod, "clear") == {}
    assert runpod.call("GET", "/v2/serverless").status_code == 200
    assert [call["status"] for call in run(runpod, "calls")["calls"]] == [429, 200]
    assert [call["number"] for call in run(runpod, "calls", "--since", "1")["calls"]] == [2]


@pytest.mark.parametrize(("duration", "seconds"), [("90s", 90), ("1.5h", 5400), ("7d", 604_800)])
def test_the_clock_is_advanced(runpod, duration: str, seconds: float):
    """By what a person writes."""
    assert run(runpod, "advance", duration)["advanced_seconds"] == seconds


def test_settings_are_shown_and_changed(runpod):
    """Numbers are numbers, lists have commas."""
    assert run(runpod, "settings")["worker_quota"] == 5
    changed = run(runpod, "settings", "worker_quota=10", "out_of_stock=ADA_24,HOPPER_141")
    assert (changed["worker_quota"], changed["out_of_stock"]) == (10, ["ADA_24", "HOPPER_141"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("advance", "a week"), "'a week' is not a duration; give a number and s, m, h or d, for example 3d"),
        (("settings", "worker_quota"), "'worker_quota' is not NAME=VALUE, for example worker_quota=10"),
        (("settings", "worker_quota=-1"), "settings: worker_quota: Input should be greater than or equal to 0"),
        (("settings", "speed=1"), "settings: speed: Extra inputs are not permitted"),
        (("fault",), "faults: : Value error, one of status, drop and latency_seconds must be given"),
    ],
)
def test_mistakes_are_one_message(runpod, arguments: tuple[str, ...], message: str):
    """With what would be right."""
    with pytest.raises(SandboxError) as error:
        run(runpod, *arguments)
    assert str(error.value) == message


def test_a_sandbox_that_does_not_run_is_named(tmp_path, capsys):
    """And how to start it."""
    assert cli.main(["runpod", "calls", "--root", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "berth: the sandbox is not running; `berth sandbox start` starts it\n"
