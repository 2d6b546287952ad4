"""What does the program of a stack do: read the configuration, plan every service, deploy them?"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.runtime.config import CONFIG

from components.errors import BerthError, Problem, StackError
from components.network import Network
from components.plan.front.peers import made_in_order, peers_of
from components.service import ModelService, look_up
from components.stack import LOCAL_REGION, PlannedService, StackConfig, plan_services, refuse_public_passphrase
from components.tags import Tags

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from components.service import Found

NAMESPACE = "berth"


def deploy(directory: Path) -> dict[str, dict[str, Any]]:
    """Deploy the stack that is selected and return its services' outputs; what a user did wrong ends as one message."""
    try:
        return _deploy(directory)
    except BerthError as error:
        raise pulumi.RunError(str(error)) from None


def _deploy(directory: Path) -> dict[str, dict[str, Any]]:
    stack = pulumi.get_stack()
    refuse_public_passphrase(stack, os.environ.get("PULUMI_CONFIG_PASSPHRASE"))
    config = StackConfig.parse(_berth_settings(), stack=stack, directory=directory)
    services = plan_services(
        config,
        stack=stack,
        region=LOCAL_REGION if config.is_local else _region(stack),
        directory=directory,
        today=datetime.now(tz=UTC).date(),
    )
    found = _look_up_all(services)
    network = _shared_network(config, stack, services)
    by_name = {service.spec.name: service for service in services}
    made: dict[str, ModelService] = {}
    for name in made_in_order([service.plan for service in services]):
        service = by_name[name]
        made[name] = ModelService(
            name,
            spec=service.spec.model_dump(mode="json"),
            plan=service.plan,
            network=network if service.plan.needs_network else None,
            found=found[name],
            peers={peer: made[peer].upstream for peer in peers_of(service.plan)},
        )
    return {name: made[name].outputs for name in by_name}


def _look_up_all(services: Sequence[PlannedService]) -> dict[str, Found]:
    """Ask about all services before the first resource is made; raises StackError with what is missing for any."""
    found: dict[str, Found] = {}
    problems: list[Problem] = []
    for service in services:
        try:
            found[service.spec.name] = look_up(service.plan)
        except StackError as error:
            problems += error.problems
    if problems:
        raise StackError(problems)
    return found


def _shared_network(config: StackConfig, stack: str, services: Sequence[PlannedService]) -> Network | None:
    plans = [service.plan for service in services if service.plan.needs_network]
    if not plans:
        return None
    tags = Tags.checked(config.tags, stack=stack, environment=config.environment)
    return Network("network", plans=plans, tags=tags)


def _berth_settings() -> dict[str, Any]:
    """Return all `berth:` settings, the misspelt ones too, so that none is ignored."""
    config = pulumi.Config(NAMESPACE)
    prefix = f"{NAMESPACE}:"
    return {key.removeprefix(prefix): _parsed(config, key) for key in sorted(CONFIG.get()) if key.startswith(prefix)}


def _parsed(config: pulumi.Config, key: str) -> Any:
    text = config.require(key.partition(":")[2])
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _region(stack: str) -> str:
    region = pulumi.Config("aws").get("region")
    if region is None:
        raise StackError(
            [
                Problem(
                    f"stacks/Pulumi.{stack}.yaml: aws:region",
                    "",
                    "is missing",
                    f"pulumi config set --stack {stack} aws:region us-east-1",
                )
            ]
        )
    return region
