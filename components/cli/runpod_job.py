"""How is one question asked of an endpoint on RunPod: one job, through RunPod's own SDK?"""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, Any

from components.cli.completion import Answer, reason_of, text_of
from components.errors import DeployedError
from components.runpod.keys import api_key
from components.runpod.origins import JOBS, origins

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ENDED = frozenset({"COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT"})
"""The SDK's own list lacks CANCELLED where it streams: it never ends for a job that someone cancels."""
_POLL_SECONDS = 1.0
_WORTH_ASKING_AGAIN = frozenset({408, 429, 500, 502, 503, 504})


def ask_runpod(
    outputs: Mapping[str, Any],
    body: Mapping[str, Any],
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Run one job; one that is not done in time is cancelled, and so is one that nobody waits for any more.

    Raises:
        DeployedError: the SDK is missing, RunPod refuses the job, or it ends without an answer.
        StackError: there is no key.
    """
    key, jobs = api_key(), origins().jobs
    # The SDK reads where jobs go when it is imported, and the key never.
    os.environ[JOBS] = jobs
    runpod = load_sdk()
    from requests import RequestException  # noqa: PLC0415 - comes with the SDK

    runpod.endpoint_url_base = jobs
    place = f"RunPod endpoint {outputs['endpoint_id']}"
    question = {"openai_route": "/v1/chat/completions", "openai_input": dict(body)}
    try:
        job = runpod.Endpoint(outputs["endpoint_id"], api_key=key).run({"input": question})
    # A RuntimeError is how the SDK says 401.
    except (RequestException, RuntimeError) as error:
        raise DeployedError(f"{place}: {error}") from None
    try:
        ended = _wait(job, place, seconds, clock, sleep)
    except BaseException:
        _cancel(job)
        raise
    if ended["status"] != "COMPLETED":
        raise DeployedError(f"{place}: the job is {ended['status']}: {reason_of(ended.get('error'))}")
    # A worker that streams hands over a list of what it said.
    output = ended.get("output")
    return Answer(
        text=text_of(output[0] if isinstance(output, list) and output else output, place),
        queued_seconds=_seconds(ended.get("delayTime")),
        ran_seconds=_seconds(ended.get("executionTime")),
    )


def load_sdk() -> Any:
    """Import RunPod's SDK, and nothing more: on its own it would have every library's log printed from then on.

    Raises:
        DeployedError: it is not installed.
    """
    root, placeholder = logging.getLogger(), logging.NullHandler()
    # The SDK configures the root logger, which does nothing where somebody has done so before.
    root.addHandler(placeholder)
    try:
        import runpod  # noqa: PLC0415 - 2 s, and an extra
    except ImportError as error:
        raise DeployedError("RunPod's SDK is not installed; run `pip install 'berth[runpod]'`") from error
    finally:
        root.removeHandler(placeholder)
    return runpod


def _wait(
    job: Any, place: str, seconds: float, clock: Callable[[], float], sleep: Callable[[float], None]
) -> Mapping[str, Any]:
    """Return the state of the job once it has ended; an outage on the way is waited out, the job runs on."""
    from requests import RequestException  # noqa: PLC0415 - comes with the SDK

    deadline, status = clock() + seconds, "IN_QUEUE"
    while clock() < deadline:
        sleep(_POLL_SECONDS)
        try:
            state = job.rp_client.get(f"{job.endpoint_id}/status/{job.job_id}")
        except RuntimeError as error:
            raise DeployedError(f"{place}: {error}") from None
        except RequestException as error:
            if error.response is not None and error.response.status_code not in _WORTH_ASKING_AGAIN:
                raise DeployedError(f"{place}: {error}") from None
            continue
        status = state["status"]
        if status in _ENDED:
            return state
    raise DeployedError(
        f"{place}: after {seconds:g} s the job is still {status}, and is cancelled; "
        "`berth status` tells what its workers do, --timeout waits longer"
    )


def _cancel(job: Any) -> None:
    from requests import RequestException  # noqa: PLC0415 - comes with the SDK

    try:
        job.cancel()
    except (RequestException, RuntimeError):
        # What ended the wait is what the user must hear of. RunPod drops the job a day after it was sent.
        return


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
