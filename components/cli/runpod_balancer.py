"""How is one question asked of an endpoint behind RunPod's load balancer: a request to a worker, until there is one?"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from components.cli.completion import Answer, parsed, reason_of, text_of
from components.errors import DeployedError
from components.runpod.keys import api_key
from components.runpod.origins import origins

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_CONNECT_SECONDS = 10
_PAUSE_SECONDS = 5.0
_OK, _NO_WORKER, _UNAUTHORIZED = 200, 400, 401
_WORTH_ASKING_AGAIN = frozenset({429, 502, 503})


def ask_balancer(
    outputs: Mapping[str, Any],
    body: Mapping[str, Any],
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Post to the endpoint's own OpenAI route, again and again while no worker is there: nothing else waits for one.

    Raises:
        DeployedError: nobody answered in time, or somebody refused.
        StackError: there is no key.
    """
    import urllib3  # noqa: PLC0415 - of this target alone

    place, key = outputs["openai_base_url"], api_key()
    if not origins().may_have_the_key(place):
        raise DeployedError(f"{place}: is no address of RunPod's, so the key is not sent there; run `pulumi up`")
    deadline = clock() + seconds
    while True:
        left = max(deadline - clock(), 1.0)
        try:
            response = urllib3.request(
                "POST",
                f"{place}/chat/completions",
                body=json.dumps(body).encode(),
                headers={"Content-Type": "application/json", "Authorization": f"Bearer {key}"},
                redirect=False,
                retries=False,
                timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=left),
            )
        except urllib3.exceptions.HTTPError as error:
            raise DeployedError(f"{place}: no answer ({type(error).__name__})") from None
        answer = parsed(response.data)
        if response.status == _OK:
            return Answer(text_of(answer, place))
        if not _is_passing(response.status, answer) or clock() + _PAUSE_SECONDS >= deadline:
            hint = _hint(response.status, answer)
            raise DeployedError(f"{place}: answered {response.status}: {reason_of(answer)}{hint}")
        sleep(_PAUSE_SECONDS)


def _is_passing(status: int, answer: Any) -> bool:
    """Tell whether it may be otherwise soon; a 400 in OpenAI's form is the gateway's, and of the request itself."""
    return status in _WORTH_ASKING_AGAIN or (status == _NO_WORKER and not _is_the_gateways(answer))


def _is_the_gateways(answer: Any) -> bool:
    return isinstance(answer, dict) and isinstance(answer.get("error"), dict)


def _hint(status: int, answer: Any) -> str:
    """Return what to do where a worker's gateway does not know the key that RunPod has let pass."""
    if status == _UNAUTHORIZED and _is_the_gateways(answer):
        return (
            "; the worker's gateway does not know this RunPod key: put its sha256 into the secret that "
            "runpod.client_keys_secret names; if it is there, RunPod does not pass keys on: remove the field"
        )
    return ""
