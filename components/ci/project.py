"""Which stacks does a checkout have, of which files is each made, and what follows from them?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from components.ci.exit_codes import CiError
from components.errors import BerthError, StackError, did_you_mean
from components.plan.registered import registered
from components.spec.document import read_document
from components.stack import LOCAL_REGION, StackConfig, plan_services
from components.stack_problems import missing_region

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from components.stack import PlannedService

PROJECT_FILE = "Pulumi.yaml"
STACKS = "stacks"
NOT_CHANGED_BY_REVIEW = ("local", "laptop")
"""Stacks of one machine, which no pull request deploys."""
_PREFIX = "berth:"
_NAME_PARTS = 3


@dataclass(frozen=True, slots=True)
class StackFiles:
    """The files that a stack is made of, from the root of the repository; `problem` where its file cannot be read."""

    stack: str
    environment: str
    files: frozenset[str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A stack as its files declare it."""

    environment: str
    region: str
    services: tuple[PlannedService, ...]
    files: Mapping[str, str]
    """Spec file of each service, from the root of the repository."""

    @property
    def registered(self) -> dict[str, dict[str, Any]]:
        """What each service will say of itself."""
        return {one.spec.name: registered(one.spec.model_dump(mode="json"), one.plan) for one in self.services}


@dataclass(frozen=True, slots=True)
class Project:
    """A checkout, by its root."""

    root: Path

    @property
    def folder(self) -> Path:
        """Where stack files and specs are."""
        return self.root / STACKS

    def file(self, stack: str) -> Path:
        return self.folder / f"Pulumi.{stack}.yaml"

    def stacks(self) -> list[str]:
        """Return the names of all stacks that have a file."""
        parts = (path.name.split(".") for path in self.folder.glob("Pulumi.*.yaml"))
        return sorted(part[1] for part in parts if len(part) == _NAME_PARTS)

    def checked(self, stack: str) -> str:
        """Return the name of a stack that has a file; CiError for another."""
        if stack not in self.stacks():
            raise CiError(f"--stack: {stack} has no file {self.file(stack)}; {did_you_mean(stack, self.stacks())}")
        return stack

    def files(self, stack: str) -> StackFiles:
        """Return the files of a stack; what is wrong with it is for the preview to say in full."""
        own = f"{STACKS}/{self.file(stack).name}"
        try:
            settings = _settings(self.file(stack))
            specs = [f"{STACKS}/{one['spec']}" for one in settings.get("services") or ()]
            found = {own, *specs}
            for spec in specs:
                found |= {f"{spec.rpartition('/')[0]}/{name}" for name in _beside(self.root / spec)}
            return StackFiles(stack, str(settings.get("environment", "")), frozenset(found))
        except (BerthError, AttributeError, KeyError, TypeError) as error:
            return StackFiles(stack, "", frozenset({own}), f"{own} cannot be read: {error}")

    def plan(self, stack: str, today: date) -> Planned:
        """Plan every service of a stack; raises BerthError with all problems."""
        return planned_in(self.folder, stack, today)


def planned_in(folder: Path, stack: str, today: date) -> Planned:
    """Plan every service of a stack whose files are in a folder; raises BerthError with all problems."""
    file = folder / f"Pulumi.{stack}.yaml"
    document = read_document(file).get("config") or {}
    config = StackConfig.parse(_settings(file), stack=stack, directory=folder)
    region = document.get("aws:region") or (None if config.needs_region else LOCAL_REGION)
    if not isinstance(region, str):
        raise StackError([missing_region(stack)])
    services: Sequence[PlannedService] = plan_services(
        config, stack=stack, region=region, directory=folder, today=today
    )
    files = {one.spec.name: f"{STACKS}/{entry.spec}" for one, entry in zip(services, config.services, strict=True)}
    return Planned(config.environment, region, tuple(services), files)


def find_project(start: Path) -> Project:
    """Return the checkout that a folder lies in; CiError where it lies in none."""
    for folder in (start, *start.parents):
        if (folder / PROJECT_FILE).is_file() and (folder / STACKS).is_dir():
            return Project(folder)
    raise CiError(f"{start}: no {PROJECT_FILE} with a folder {STACKS} here or above; run this inside a checkout")


def _settings(file: Path) -> dict[str, Any]:
    config = read_document(file).get("config") or {}
    return {key.removeprefix(_PREFIX): value for key, value in config.items() if key.startswith(_PREFIX)}


def _beside(spec: Path) -> list[str]:
    """Return the files that a spec names: the configuration of its model."""
    if not spec.is_file():
        return []
    model = read_document(spec).get("model")
    config = model.get("config") if isinstance(model, dict) else None
    return [config] if isinstance(config, str) else []
