"""How does the local AWS refuse a call, in the words and the wire format of the real one?"""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from moto.core.exceptions import ServiceException
from moto.core.serialize import get_serializer_class

if TYPE_CHECKING:
    from moto.core.model import OperationModel

    from sandbox.aws.call import Call

BAD_REQUEST = 400
# Failures of the sandbox: an SDK retries a 500 for minutes, a 501 never.
NOT_IMPLEMENTED = 501


class AwsError(ServiceException):
    """A refusal: `AwsError("ClusterNotFoundException", "Cluster not found.")`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes
    ran: bool = True
    """False when nothing of moto ran, so that nothing can have changed."""


def refusal(call: Call, error: AwsError) -> Answer:
    """The answer in the call's protocol; status and shape come from the service's model of that error."""
    if call.model is None:
        return _json(BAD_REQUEST, error.code, error.message)
    model: OperationModel = call.model
    serializer = get_serializer_class(call.service, call.protocol)(operation_model=model)
    with warnings.catch_warnings():
        # moto warns of codes that a model omits; models omit the errors that all services share.
        warnings.simplefilter("ignore")
        serialized = serializer.serialize(error)
    body = serialized["body"]
    headers = {name: str(value) for name, value in serialized["headers"].items()}
    # For a code that the model omits, the serializer takes the operation's own success status.
    status = max(serialized["status_code"], BAD_REQUEST)
    return Answer(status, headers, body.encode() if isinstance(body, str) else body, ran=False)


def not_implemented(call: Call) -> Answer:
    message = f"the sandbox does not implement {call.service}:{call.operation}"
    return replace(_failure(call, "NotImplemented", message), ran=False)


def crashed(call: Call, error: BaseException) -> Answer:
    message = f"the sandbox failed in {call.service}:{call.operation}: {type(error).__name__}; see its log"
    return _failure(call, "InternalFailure", message)


def unrecorded(call: Call, reason: str) -> Answer:
    message = (
        f"the sandbox cannot write its journal ({reason}), so nothing is changed any more; "
        "make room, then `berth sandbox stop` and `berth sandbox start`"
    )
    return _failure(call, "InternalFailure", message)


def _failure(call: Call, code: str, message: str) -> Answer:
    if not call.form:
        return _json(NOT_IMPLEMENTED, code, message)
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    if call.service == "ec2":
        document = f"<Response><Errors>{error}</Errors><RequestID>sandbox</RequestID></Response>"
    else:
        document = f"<ErrorResponse>{error}<RequestId>sandbox</RequestId></ErrorResponse>"
    return Answer(NOT_IMPLEMENTED, {"content-type": "text/xml"}, document.encode())


def _json(status: int, code: str, message: str) -> Answer:
    body = json.dumps({"__type": code, "code": code, "message": message})
    return Answer(status, {"content-type": "application/json", "x-amzn-errortype": code}, body.encode())
