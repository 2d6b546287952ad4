"""A user's program on RunPod's own SDK: what every call gave is printed as one JSON document."""

from __future__ import annotations

import json
import sys

NEVER_ENDS_WITHOUT = 30


def main(endpoint_id: str, parked_id: str) -> None:
    import runpod  # what it costs and warns of stays in this process

    told: dict[str, object] = {"base": runpod.endpoint_url_base, "key": runpod.api_key}
    endpoint = runpod.Endpoint(endpoint_id, api_key=sys.stdin.readline().strip())
    job = endpoint.run({"input": {"prompt": "hello there"}})
    told["first status"] = job.status()
    told["output"] = job.output(timeout=NEVER_ENDS_WITHOUT)
    told["last status"] = job.status()
    told["run_sync"] = endpoint.run_sync({"input": {"messages": [{"role": "user", "content": "hi"}]}})
    chat = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 2}
    told["openai"] = endpoint.run_sync({"input": {"openai_route": "/v1/chat/completions", "openai_input": chat}})
    told["stream"] = list(endpoint.run({"input": {"prompt": "hi", "stream": True}}).stream())
    told["health"] = endpoint.health()
    parked = runpod.Endpoint(parked_id, api_key=endpoint.rp_client.api_key)
    waiting = parked.run({"input": {"prompt": "later"}})
    told["waiting"] = waiting.status()
    told["cancel"] = waiting.cancel()["status"]
    told["cancelled"] = waiting.status()
    parked.run({"input": {"prompt": "later"}})
    told["purge"] = parked.purge_queue()
    try:
        runpod.Endpoint(endpoint_id, api_key="another").health()
    except RuntimeError as error:
        told["refusal"] = str(error)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
