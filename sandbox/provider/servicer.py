"""How does the table answer Pulumi's ResourceProvider protocol?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.provider import lifecycle
from sandbox.provider.configuration import Configurations
from sandbox.provider.contract import Failure
from sandbox.provider.difference import Change, changes, top_level
from sandbox.provider.functions import FUNCTIONS, invoke
from sandbox.provider.lifecycle import HalfCreatedError
from sandbox.provider.names import automatic_name
from sandbox.provider.table import RESOURCES
from sandbox.provider.values import UNKNOWN, Path, Props, decode, encode, secret_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.struct_pb2 import Struct

    from sandbox.provider.resource import Resource

PLUGIN_VERSION = "7.51.1"

_KINDS = {
    ("add", False): pb.PropertyDiff.ADD,
    ("add", True): pb.PropertyDiff.ADD_REPLACE,
    ("delete", False): pb.PropertyDiff.DELETE,
    ("delete", True): pb.PropertyDiff.DELETE_REPLACE,
    ("update", False): pb.PropertyDiff.UPDATE,
    ("update", True): pb.PropertyDiff.UPDATE_REPLACE,
}
_CAPABILITIES = {"accept_secrets": True, "accept_resources": False, "accept_outputs": False}


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The `aws` provider over the sandbox's endpoint."""

    def __init__(self, endpoint: str) -> None:
        self._configurations = Configurations(endpoint)

    def Handshake(self, request: Any, context: Any) -> pb.ProviderHandshakeResponse:
        return pb.ProviderHandshakeResponse(**_CAPABILITIES, supports_autonaming_configuration=True)

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=PLUGIN_VERSION)

    def GetSchema(self, request: Any, context: Any) -> pb.GetSchemaResponse:
        return pb.GetSchemaResponse(schema=f'{{"name": "aws", "version": "{PLUGIN_VERSION}"}}')

    def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    def CheckConfig(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:
        failures = self._configurations.problems(decode(request.news).values)
        return pb.CheckResponse(inputs=request.news, failures=_failures(failures))

    def DiffConfig(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:
        return self._configurations.diff(decode(request.old_inputs).values, decode(request.news).values)

    def Configure(self, request: pb.ConfigureRequest, context: Any) -> pb.ConfigureResponse:
        self._configurations.add(context.peer(), decode(request.args).values)
        return pb.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, acceptResources=False, acceptOutputs=False, supports_autonaming_configuration=True
        )

    def Invoke(self, request: pb.InvokeRequest, context: Any) -> pb.InvokeResponse:
        args = decode(request.args)
        if request.tok not in FUNCTIONS:
            known = ", ".join(sorted(FUNCTIONS))
            context.abort(grpc.StatusCode.UNIMPLEMENTED, f"{request.tok}: the sandbox has no such function; it has {known}")
        try:
            result, failures, secrets = invoke(request.tok, self._configurations.of(context.peer()), args.values)
        except lifecycle.RemoteError as error:
            _refuse(context, f"invoking {request.tok}", error, secret_texts(args.values, args.secrets))
        if failures:
            return pb.InvokeResponse(failures=_failures(failures))
        return pb.InvokeResponse(**{"return": encode(result, secrets)})

    def Check(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:
        resource = self._resource(request.urn, context)
        olds, news = decode(request.olds).values, decode(request.news)
        inputs = lifecycle.with_defaults(resource, news.values)
        failures: list[Failure] = []
        if resource.is_autonamed and "name" not in inputs and "namePrefix" not in inputs:
            name = automatic_name(request, olds, resource.name_limit)
            if isinstance(name, Failure):
                failures.append(name)
            else:
                inputs["name"] = name
                inputs["__defaults"] = sorted([*inputs["__defaults"], "name"])
        failures += lifecycle.problems(resource, self._configurations.of(context.peer()), inputs)
        return pb.CheckResponse(inputs=encode(inputs, news.secrets), failures=_failures(failures))

    def Diff(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:
        resource = self._resource(request.urn, context)
        state, olds, news = (decode(part).values for part in (request.olds, request.old_inputs, request.news))
        olds = olds or lifecycle.inputs_of(resource, state)
        found = changes(resource, olds, state, news)
        found += self._changed_default_tags(resource, state, news, found, context)
        found = [change for change in found if not _ignored(change.path, request.ignoreChanges)]
        replaced = [change.path for change in found if change.replaces]
        keeps_name = resource.is_autonamed and "name" not in news.get("__defaults", []) and news.get("name") not in (None, UNKNOWN)
        same_name = keeps_name and news["name"] == olds.get("name")
        return pb.DiffResponse(
            changes=pb.DiffResponse.DIFF_SOME if found else pb.DiffResponse.DIFF_NONE,
            replaces=replaced,
            deleteBeforeReplace=bool(replaced) and (resource.delete_before_replace or same_name),
            diffs=sorted({top_level(change.path) for change in found}),
            detailedDiff={
                change.path: pb.PropertyDiff(kind=_KINDS[change.kind, change.replaces], inputDiff=True) for change in found
            },
            hasDetailedDiff=True,
        )

    def Create(self, request: pb.CreateRequest, context: Any) -> pb.CreateResponse:
        resource, inputs = self._resource(request.urn, context), decode(request.properties)
        secrets = _secrets(resource, inputs.secrets)
        if request.preview:
            return pb.CreateResponse(properties=encode(lifecycle.preview_create(resource, inputs.values), secrets))
        try:
            resource_id, state = lifecycle.create(resource, self._configurations.of(context.peer()), inputs.values)
        except HalfCreatedError as error:
            self._report_half_created(error, request, inputs.secrets, context)
        except lifecycle.RemoteError as error:
            _refuse(context, f"creating {_place(request.urn)}", error, secret_texts(inputs.values, secrets))
        return pb.CreateResponse(id=resource_id, properties=encode(state, _secrets(resource, inputs.secrets)))

    def Read(self, request: pb.ReadRequest, context: Any) -> pb.ReadResponse:
        resource = self._resource(request.urn, context)
        inputs, state = decode(request.inputs), decode(request.properties)
        secrets = _secrets(resource, inputs.secrets | state.secrets)
        try:
            found = lifecycle.read(resource, self._configurations.of(context.peer()), request.id, inputs.values, state.values)
        except lifecycle.RemoteError as error:
            _refuse(context, f"reading {_place(request.urn)}", error, secret_texts(inputs.values, secrets))
        if found is None:
            return pb.ReadResponse()
        outputs, real_inputs = found
        real_id = outputs.pop("id", request.id)
        return pb.ReadResponse(id=real_id, properties=encode(outputs, secrets), inputs=encode(real_inputs, secrets))

    def Update(self, request: pb.UpdateRequest, context: Any) -> pb.UpdateResponse:
        resource, inputs = self._resource(request.urn, context), decode(request.news)
        secrets = _secrets(resource, inputs.secrets)
        old_inputs, old_state = decode(request.old_inputs).values, decode(request.olds).values
        if request.preview:
            outputs = lifecycle.preview_update(resource, {**old_state, **old_inputs}, inputs.values)
            return pb.UpdateResponse(properties=encode(outputs, secrets))
        aws = self._configurations.of(context.peer())
        try:
            state = lifecycle.update(resource, aws, request.id, old_inputs, old_state, inputs.values)
        except lifecycle.RemoteError as error:
            _refuse(context, f"updating {_place(request.urn)}", error, secret_texts(inputs.values, secrets))
        return pb.UpdateResponse(properties=encode(state, secrets))

    def Delete(self, request: pb.DeleteRequest, context: Any) -> empty_pb2.Empty:
        resource = self._resource(request.urn, context)
        old = {**decode(request.properties).values, **decode(request.old_inputs).values}
        try:
            lifecycle.delete(resource, self._configurations.of(context.peer()), request.id, old)
        except lifecycle.RemoteError as error:
            _refuse(context, f"deleting {_place(request.urn)}", error, [])
        return empty_pb2.Empty()

    def _resource(self, urn: str, context: Any) -> Resource:
        token = urn.split("::")[2].rsplit("$", 1)[-1]
        if token not in RESOURCES:
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED,
                f"{token}: the sandbox has no such resource type; it has {len(RESOURCES)}, "
                f"listed by `berth sandbox status`, or use SANDBOX_AWS_PROVIDER=official",
            )
        return RESOURCES[token]

    def _changed_default_tags(
        self, resource: Resource, state: Props, news: Props, found: list[Change], context: Any
    ) -> Iterable[Change]:
        present = state.get("tagsAll")
        if not resource.tagging or present is None or any(change.path.startswith("tags") for change in found):
            return []
        target = lifecycle.wanted(resource, self._configurations.of(context.peer()), news).get("tags", {})
        return [Change("tagsAll", "update", replaces=False)] if target not in (present, UNKNOWN) else []

    def _report_half_created(
        self, error: HalfCreatedError, request: pb.CreateRequest, secrets: set[Path], context: Any
    ) -> NoReturn:
        inputs = decode(request.properties)
        message = _redacted(_said(error.cause), secret_texts(inputs.values, inputs.secrets))
        place = _place(request.urn)
        reason = f"{place} was created, but not completed: {message}; the next `pulumi up` tries again"
        failed = pb.ErrorResourceInitFailed(
            id=error.id, properties=encode(error.props, secrets), reasons=[reason], inputs=request.properties
        )
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason)
        status.details.add().Pack(failed)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(grpc.StatusCode.UNKNOWN, reason)
        raise AssertionError


def _failures(failures: Iterable[Failure]) -> list[pb.CheckFailure]:
    return [pb.CheckFailure(property=failure.path, reason=failure.reason) for failure in failures]


def _secrets(resource: Resource, secrets: set[Path]) -> set[Path]:
    declared = {(name,) for name, prop in resource.contract.inputs.items() if prop.get("secret")}
    return secrets | declared


def _ignored(path: str, ignored: Iterable[str]) -> bool:
    return any(path == item or path.startswith((f"{item}.", f"{item}[")) for item in ignored)


def _place(urn: str) -> str:
    token = urn.split("::")[2].rsplit("$", 1)[-1]
    return f"{token} {urn.rsplit('::', 1)[-1]}"


def _refuse(context: Any, doing: str, error: Exception, secrets: list[str]) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, f"{doing}: {_redacted(_said(error), secrets)}")
    raise AssertionError


def _said(error: Exception) -> str:
    response = getattr(error, "response", None)
    if response is None:
        return re.sub(r"value: .*?, type", "value: [left out], type", str(error), flags=re.DOTALL)
    operation = getattr(error, "operation_name", "")
    return f"{operation}: {response['Error'].get('Code', '')}: {response['Error'].get('Message', '')}"


def _redacted(message: str, secrets: list[str]) -> str:
    for text in secrets:
        message = message.replace(text, "[secret]")
    return message
