"""How are failures, diffs and refusals written in the protocol?"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import grpc
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import status_pb2

from sandbox.provider.difference import top_level
from sandbox.provider.lifecycle import HalfCreatedError, RemoteError
from sandbox.provider.values import Decoded, encode, secret_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.provider.contract import Failure
    from sandbox.provider.difference import Change

_KINDS = {
    ("add", False): pb.PropertyDiff.ADD,
    ("add", True): pb.PropertyDiff.ADD_REPLACE,
    ("delete", False): pb.PropertyDiff.DELETE,
    ("delete", True): pb.PropertyDiff.DELETE_REPLACE,
    ("update", False): pb.PropertyDiff.UPDATE,
    ("update", True): pb.PropertyDiff.UPDATE_REPLACE,
}


def failures(found: Iterable[Failure]) -> list[pb.CheckFailure]:
    """Return refused inputs with their property paths."""
    return [pb.CheckFailure(property=failure.path, reason=failure.reason) for failure in found]


def difference(found: list[Change], *, deletes_first: bool) -> pb.DiffResponse:
    """Return a detailed diff; `deletes_first` counts only when something is replaced."""
    replaced = [change.path for change in found if change.replaces]
    return pb.DiffResponse(
        changes=pb.DiffResponse.DIFF_SOME if found else pb.DiffResponse.DIFF_NONE,
        replaces=replaced,
        deleteBeforeReplace=bool(replaced) and deletes_first,
        diffs=sorted({top_level(change.path) for change in found}),
        detailedDiff={
            change.path: pb.PropertyDiff(kind=_KINDS[change.kind, change.replaces], inputDiff=True) for change in found
        },
        hasDetailedDiff=True,
    )


@contextmanager
def refusals(context: Any, doing: str, asked: Decoded) -> Iterator[None]:
    """End the call with what AWS said when it refuses; secret texts of what was asked are left out."""
    try:
        yield
    except RemoteError as error:
        context.abort(grpc.StatusCode.UNKNOWN, f"{doing}: {_told(error, asked)}")


def half_created(context: Any, place: str, error: HalfCreatedError, asked: Decoded) -> NoReturn:
    """End a create whose resource exists: the engine keeps its id and completes or deletes it later."""
    reason = f"{place} was created, but not completed: {_told(error.cause, asked)}; the next `pulumi up` tries again"
    failed = pb.ErrorResourceInitFailed(
        id=error.id,
        properties=encode(error.props, asked.secrets),
        reasons=[reason],
        inputs=encode(asked.values, asked.secrets),
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason)
    status.details.add().Pack(failed)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)
    raise AssertionError("abort does not return")


def _told(error: Exception, asked: Decoded) -> str:
    response = getattr(error, "response", None)
    if response is None:
        message = re.sub(r"value: .*?, type", "value: [left out], type", str(error), flags=re.DOTALL)
    else:
        refusal = response["Error"]
        message = f"{getattr(error, 'operation_name', '')}: {refusal.get('Code', '')}: {refusal.get('Message', '')}"
    for text in secret_texts(asked.values, asked.secrets):
        message = message.replace(text, "[secret]")
    return message
