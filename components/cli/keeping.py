"""How is a service kept right now: by its function in AWS, or from here with the same code?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from components.keeper.runtime.errors import KeeperError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from components.cli.kept import Kept, Reach
    from components.contracts import KeeperMetric
    from components.keeper.runtime.config import KeeperConfig
    from components.keeper.runtime.decision import Notice
    from components.keeper.runtime.keep import Voice
    from components.keeper.runtime.services import Outcome

LONGEST_RUN_SECONDS = 310
"""A little longer than AWS lets the function run."""


class _Teller:
    """Who hears of a keeper without AWS: whoever reads what it prints. Nobody collects its figures."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def publish(self, config: KeeperConfig, metrics: Mapping[KeeperMetric, float], now: datetime) -> None:
        pass

    def tell(self, config: KeeperConfig, notice: Notice) -> None:
        del config
        self._say(f"notice: {notice.text}")


def run_now(kept: Kept, reach: Reach, say: Callable[[str], None]) -> dict[str, Any]:
    """Keep one service at once; return what came of it, as the function answers.

    Raises:
        KeeperError: there was nobody to do it; the next run will.
    """
    if kept.function is None:
        [outcome] = run_here([kept], reach, say)
        return outcome.to_json()
    return _invoked(kept.function, kept.region, {"services": [kept.name], "tolerant": True})[kept.name]


def run_here(services: Sequence[Kept], reach: Reach, say: Callable[[str], None]) -> list[Outcome]:
    """Keep services from this machine; whatever goes wrong is in the outcomes."""
    from components.keeper.runtime.platforms import Platforms  # noqa: PLC0415 - boto3
    from components.keeper.runtime.services import Services  # noqa: PLC0415

    by_name = {one.name: one for one in services}
    is_aws = any(one.function for one in services)
    return Services(
        by_name,
        documents=lambda name: by_name[name].documents,
        platforms=lambda: Platforms(reach.clients, _now),
        voice=_voice(reach) if is_aws else _Teller(say),
        clock=_now,
    ).keep(by_name)


def _voice(reach: Reach) -> Voice:
    """Return what the function speaks with: alarms hear the figures of whoever keeps."""
    from components.keeper.runtime.calls import Calls  # noqa: PLC0415
    from components.keeper.runtime.voice import AwsVoice  # noqa: PLC0415
    from components.keeper.runtime.webhook import Webhook  # noqa: PLC0415

    calls = Calls()
    return AwsVoice(reach.clients, calls, Webhook(reach.clients, calls))


def _invoked(function: str, region: str, event: Mapping[str, Any]) -> dict[str, Any]:
    from boto3.session import Session  # noqa: PLC0415 - 0.2 s that --help and errors do without
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    place = f"{region}: function {function}"
    # Once: a run whose answer was lost may be under way still.
    settings = Config(read_timeout=LONGEST_RUN_SECONDS, retries={"total_max_attempts": 1})
    try:
        client = Session().client("lambda", region_name=region, config=settings)
        answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        content: dict[str, Any] = json.loads(answer["Payload"].read())
    except ClientError as error:
        details = error.response["Error"]
        raise KeeperError(f"{place}: {details['Code']}: {details['Message']}") from None
    except (BotoCoreError, ValueError) as error:
        raise KeeperError(f"{place}: {error}") from None
    if "FunctionError" in answer:
        raise KeeperError(f"{place}: {content.get('errorMessage') or answer['FunctionError']}")
    return content


def _now() -> datetime:
    return datetime.now(UTC)
