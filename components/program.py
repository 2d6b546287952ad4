"""What does the program of a stack do: read the configuration, plan every service, deploy them?"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.runtime.config import CONFIG

from components.account import Account
from components.boundary import keep_within
from components.errors import BerthError, Problem, StackError
from components.keeper.document import starts_awake
from components.keeper.told import kept_outputs
from components.network import Network
from components.plan.front.peers import made_in_order, peers_of
from components.service import ModelService, look_up
from components.stack import LOCAL_REGION, PlannedService, StackConfig, plan_services, refuse_public_passphrase
from components.stack_problems import missing_region
from components.tags import Tags

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from components.keeper.component import Keeper
    from components.keeper.kept import Kept, Made
    from components.plan.model import Plan
    from components.service import Found

NAMESPACE = "berth"
BUILD_FOLDER = ".berth"
"""Of the project; git ignores it."""


def deploy(directory: Path) -> dict[str, dict[str, Any]]:
    """Deploy the stack that is selected and return its services' outputs; what a user did wrong ends as one message."""
    try:
        return _deploy(directory)
    except BerthError as error:
        raise pulumi.RunError(str(error)) from None


def _deploy(directory: Path) -> dict[str, dict[str, Any]]:
    stack = pulumi.get_stack()
    refuse_public_passphrase(stack, os.environ.get("PULUMI_CONFIG_PASSPHRASE"))
    now = datetime.now(tz=UTC)
    config = StackConfig.parse(_berth_settings(), stack=stack, directory=directory)
    services = plan_services(
        config,
        stack=stack,
        region=_region(config, stack),
        directory=directory,
        today=now.date(),
    )
    if config.permissions_boundary is not None:
        keep_within(config.permissions_boundary, stack=stack)
    plans = [service.plan for service in services]
    found, kept = _look_up_all(plans)
    keeper = _keeper(config, stack, plans, kept, directory)
    network = _shared_network(config, stack, services)
    by_name = {service.spec.name: service for service in services}
    made: dict[str, ModelService] = {}
    for name in made_in_order(plans):
        service = by_name[name]
        made[name] = ModelService(
            name,
            spec=service.spec.model_dump(mode="json"),
            plan=service.plan,
            network=network if service.plan.needs_network else None,
            found=found[name],
            peers={peer: made[peer].upstream for peer in peers_of(service.plan)},
            starts_awake=starts_awake(service.plan, now),
            keeper=keeper.kept_by(name) if keeper else None,
        )
    if keeper is not None:
        keeper.keep({one.service: _made(made[one.service]) for one in kept})
    documents = keeper.documents if keeper else {}
    return {
        name: kept_outputs(service.plan, made[name].outputs, made[name].keeper_details, documents.get(name))
        for name, service in by_name.items()
    }


def _look_up_all(plans: Sequence[Plan]) -> tuple[dict[str, Found], Sequence[Kept]]:
    """Ask about all services before the first resource is made; raises StackError with what is missing for any."""
    found: dict[str, Found] = {}
    kept: Sequence[Kept] = ()
    problems: dict[Problem, None] = {}
    for plan in plans:
        try:
            found[plan.service] = look_up(plan)
        except StackError as error:
            problems |= dict.fromkeys(error.problems)
    try:
        kept = _find_kept(plans)
    except StackError as error:
        problems |= dict.fromkeys(error.problems)
    if problems:
        raise StackError(list(problems))
    return found, kept


def _find_kept(plans: Sequence[Plan]) -> Sequence[Kept]:
    if not any(plan.keeper for plan in plans):
        return ()
    from components.keeper.found import find_kept  # noqa: PLC0415 - many stacks have no keeper

    return find_kept(plans)


def _keeper(
    config: StackConfig, stack: str, plans: Sequence[Plan], kept: Sequence[Kept], directory: Path
) -> Keeper | None:
    """Make the function that keeps services, where there are any; what belongs to each service follows it."""
    if not kept:
        return None
    from components.keeper.component import Keeper  # noqa: PLC0415

    return Keeper(
        "keeper",
        stack=stack,
        account=Account.current(plans[0].region, parent=None),
        tags=Tags.checked(config.tags, stack=stack, environment=config.environment),
        kept=kept,
        folder=directory.parent / BUILD_FOLDER,
    )


def _made(service: ModelService) -> Made:
    from components.keeper.kept import Made  # noqa: PLC0415

    return Made(service.keeper_details, service, service.listener_arn)


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


def _region(config: StackConfig, stack: str) -> str:
    region = pulumi.Config("aws").get("region")
    if region is None and config.needs_region:
        raise StackError([missing_region(stack)])
    return region or LOCAL_REGION
