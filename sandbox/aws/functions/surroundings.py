"""What does a function need of the sandbox around it, and how do its own parts reach AWS?"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.aws.errors import BAD_REQUEST
from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.aws.own_calls import own_call

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from sandbox.aws.call import Call
    from sandbox.aws.clock import Clock
    from sandbox.aws.errors import Answer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Surroundings:
    """The account, its clock, and where both clouds listen."""

    answer: Callable[[Call], Answer]
    locked: AbstractContextManager[Any]
    """While something of the account is looked up; never while a call is made or a function runs."""
    endpoint: Callable[[], str]
    runpod_url: str
    clock: Clock

    def call(self, service: str, operation: str, region: str, **params: Any) -> bool:
        """Make a call on behalf of a part of AWS; whether it succeeded."""
        answer = self.answer(own_call(service, operation, region, **params))
        if answer.status >= BAD_REQUEST:
            log.warning("%s:%s: %s", service, operation, answer.body.decode(errors="replace")[:300])
        return answer.status < BAD_REQUEST

    def send(self, target: str, body: str) -> bool:
        """Send a text to a queue or a topic, by ARN; whether it arrived."""
        service, region, name = (target.split(":")[place] for place in (2, 3, 5))
        if service == "sqs":
            url = f"{self.endpoint()}/{ACCOUNT_ID}/{name}"
            return self.call("sqs", "SendMessage", region, QueueUrl=url, MessageBody=body)
        if service == "sns":
            return self.call("sns", "Publish", region, TopicArn=target, Message=body)
        log.warning("nothing is sent to %s: the sandbox knows queues and topics", target)
        return False
