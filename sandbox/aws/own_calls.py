"""How does the sandbox itself make a call: as a part of AWS that acts on behalf of the account?"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from botocore.serialize import create_serializer
from botocore.session import get_session

from sandbox.aws.call import Call


def own_call(service: str, operation: str, region: str, **params: Any) -> Call:
    """Return a call as an SDK would send it; it is run and recorded like a user's own."""
    model = get_session().get_service_model(service)
    serializer = create_serializer(model.resolved_protocol, include_validation=False)
    request = serializer.serialize_to_request(params, model.operation_model(operation))
    query, body = urlencode(request.get("query_string") or {}), request["body"]
    if isinstance(body, dict):
        body = urlencode(body)
    headers = {name.lower(): value for name, value in request["headers"].items()}
    signed = f"AWS4-HMAC-SHA256 Credential=sandbox/20000101/{region}/{model.signing_name}/aws4_request"
    target = f"{request['url_path']}{'?' if query else ''}{query}"
    return Call(
        request["method"],
        target,
        {**headers, "authorization": signed},
        body.encode() if isinstance(body, str) else bytes(body or b""),
    )
