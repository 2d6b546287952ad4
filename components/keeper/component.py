"""What does a stack install so that its services are kept? One function, and for each service documents and rights.

The function is there before the services, as a front has to know its address. What belongs to one service comes after
it and goes before it, so that nothing starts again what a destroy has just stopped.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from components.budget import make_budget
from components.contracts import parameter_name
from components.front.keeper import WakeHook
from components.keeper.alarms import make_service_alarms, make_stack_alarms
from components.keeper.asleep import make_answering, make_side_door
from components.keeper.dead_letters import make_dead_letters
from components.keeper.document import digest
from components.keeper.function import make_function
from components.keeper.notices import make_notices, make_webhook_subscription
from components.keeper.package import write_archive
from components.keeper.parameters import KINDS, make_parameters
from components.keeper.permissions import target_statements
from components.keeper.rights import Rights
from components.keeper.roles import make_keeper_role, make_schedule_role
from components.keeper.schedules import Schedules
from components.keeper.scope import Scope, ServiceScope
from components.service import KeptBy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from components.account import Account
    from components.keeper.asleep import SideDoor
    from components.keeper.kept import Kept, Made
    from components.keeper.notices import Notices
    from components.tags import Tags


class Keeper(pulumi.ComponentResource):
    """The keeper of one stack; `keep` completes it once its services are made."""

    def __init__(
        self,
        name: str,
        *,
        stack: str,
        account: Account,
        tags: Tags,
        kept: Sequence[Kept],
        folder: Path,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`kept` are all services that it will keep; `folder` is where the function's zip is written."""
        super().__init__("berth:keeper:Keeper", name, {"services": sorted(one.service for one in kept)}, opts)
        self._scope = Scope(stack=stack, account=account, tags=tags, parent=self, kept=tuple(kept))
        self._archive = write_archive(folder)
        self._notices = make_notices(self._scope)
        self._dead_letters = make_dead_letters(self._scope)
        self._role = make_keeper_role(self._scope, self._notices)
        self._function = make_function(self._scope, self._role, self._dead_letters, self._archive)
        make_webhook_subscription(self._scope, self._notices, self._function.function)
        make_stack_alarms(self._scope, self._notices)
        self.outputs: dict[str, Any] = {
            "function": self._scope.function_name,
            "topic": self._notices.topic.arn,
            "wake_url": self._function.url,
        }
        self.documents: dict[str, pulumi.Output[str]] = {}
        """What the keeper is told of each service, once `keep` was called."""

    def kept_by(self, service: str) -> KeptBy | None:
        """Return what a service has to know of its keeper; None where this is not its keeper."""
        one = next((one for one in self._scope.kept if one.service == service), None)
        if one is None:
            return None
        url = self._function.url
        wake = WakeHook(url, self._scope.function_arn) if one.wakes_by_url and url is not None else None
        return KeptBy(self._scope.function_name, wake)

    def keep(self, made: Mapping[str, Made]) -> None:
        """Make what belongs to each service, then run the keeper once, so that what has changed takes effect now."""
        scope = self._scope
        schedules = Schedules(scope, self._function, make_schedule_role(scope), self._dead_letters)
        services = [(one, _KeptService(scope, one, made[one.service])) for one in scope.kept]
        documents = self.documents
        needs: list[pulumi.Resource] = []
        rights = Rights(scope, self._role.role)
        doors: list[SideDoor] = []
        for one, service in services:
            door = service.make_side_door(made[one.service])
            doors += [door] if door else []
            documents[one.service] = service.document(made[one.service], door)
            needs += service.make(documents[one.service], rights, schedules)
        make_answering(scope, doors, self._archive)
        steady = schedules.make_steady(after=needs)
        first_run = aws.lambda_.Invocation(
            scope.name("run"),
            function_name=self._function.function.name,
            # What does not start at once, the runs to come try again: no reason for a deployment to fail.
            input=json.dumps({"tolerant": True}),
            triggers={"documents": pulumi.Output.json_dumps(documents, sort_keys=True).apply(digest)},
            opts=scope.options(depends_on=[*needs, steady]),
        )
        for _, service in services:
            service.make_watch(self._notices, first_run)
        self.register_outputs(self.outputs)


class _KeptService(pulumi.ComponentResource):
    """What the keeper has for one service: documents, rights, edges, a side door, alarms, a budget."""

    def __init__(self, stack: Scope, kept: Kept, made: Made) -> None:
        opts = pulumi.ResourceOptions(parent=stack.parent)
        super().__init__("berth:keeper:Kept", kept.service, {"target": kept.config.target}, opts)
        self._scope = ServiceScope(stack=stack, kept=kept, parent=self, made=made.resource)

    def make_side_door(self, made: Made) -> SideDoor | None:
        """Make what answers while the service sleeps, where that is the keeper's to do."""
        if not self._scope.kept.answered_asleep or made.listener_arn is None:
            return None
        return make_side_door(self._scope, made.listener_arn)

    def document(self, made: Made, door: SideDoor | None) -> pulumi.Output[str]:
        """Return what the keeper is told, as soon as it is known."""
        kept, topic_arn = self._scope.kept, self._scope.stack.topic_arn
        notify = {"topic_arn": topic_arn, **({"webhook_secret": kept.webhook.arn} if kept.webhook else {})}
        details = {**made.details, **({"asleep_rule": door.rule.arn} if door else {})}
        return pulumi.Output.from_input(details).apply(
            lambda known: replace(kept.config, details=known, notify=notify).to_json()
        )

    def make(self, document: pulumi.Output[str], rights: Rights, schedules: Schedules) -> list[pulumi.Resource]:
        """Make documents, rights and edges; return what a run needs."""
        account = self._scope.stack.account
        statements = document.apply(lambda text: target_statements(account, text))
        policy = rights.make_policy(self._scope, statements)
        parameters = make_parameters(self._scope, document)
        return [policy, *parameters, *schedules.make_edges(self._scope)]

    def make_watch(self, notices: Notices, first_run: pulumi.Resource) -> None:
        """Make alarms and the budget."""
        scope, kept = self._scope, self._scope.kept
        make_service_alarms(scope, notices, after=first_run)
        # RunPod sends a bill of its own, of which AWS knows nothing.
        if kept.budget is not None and kept.config.target != "runpod":
            make_budget(
                scope.name("budget"),
                stack=scope.stack.stack,
                service=kept.service,
                plan=kept.budget,
                topic_arn=notices.topic.arn,
                tags=scope.tagged("budget"),
                opts=scope.options(depends_on=[notices.policy]),
            )
        self.register_outputs({kind: parameter_name(scope.stack.stack, kept.service, kind) for kind in KINDS})
