"""How does the table answer Pulumi's ResourceProvider protocol?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc
from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.provider import answers, lifecycle
from sandbox.provider.checking import problems, wanted, with_defaults
from sandbox.provider.configuration import Configurations
from sandbox.provider.contract import Failure
from sandbox.provider.difference import Change, changes
from sandbox.provider.functions import FUNCTIONS, invoke
from sandbox.provider.lifecycle import HalfCreatedError
from sandbox.provider.names import automatic_name
from sandbox.provider.reading import Known, inputs_of, read
from sandbox.provider.table import RESOURCES
from sandbox.provider.values import UNKNOWN, Decoded, Props, decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.provider.aws import Aws
    from sandbox.provider.resource import Resource

PLUGIN_VERSION = "7.51.1"


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The `aws` provider over the sandbox's endpoint."""

    def __init__(self, endpoint: str) -> None:
        self._configurations = Configurations(endpoint)

    def Handshake(self, request: Any, context: Any) -> pb.ProviderHandshakeResponse:
        return pb.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

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
        return pb.CheckResponse(inputs=request.news, failures=answers.failures(failures))

    def DiffConfig(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:
        return self._configurations.diff(decode(request.old_inputs).values, decode(request.news).values)

    def Configure(self, request: pb.ConfigureRequest, context: Any) -> pb.ConfigureResponse:
        self._configurations.add(context.peer(), decode(request.args).values)
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True)

    def Invoke(self, request: pb.InvokeRequest, context: Any) -> pb.InvokeResponse:
        args = decode(request.args)
        if request.tok not in FUNCTIONS:
            known = ", ".join(sorted(FUNCTIONS))
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED, f"{request.tok}: the sandbox has no such function; it has {known}"
            )
        with answers.refusals(context, f"invoking {request.tok}", args):
            result, failures, secrets = invoke(request.tok, self._aws(context), args.values)
        answer = pb.InvokeResponse(failures=answers.failures(failures))
        if not failures:
            getattr(answer, "return").CopyFrom(encode(result, secrets))
        return answer

    def Check(self, request: pb.CheckRequest, context: Any) -> pb.CheckResponse:
        resource = _resource(request.urn, context)
        olds, news = decode(request.olds).values, decode(request.news)
        inputs = with_defaults(resource, news.values)
        failures: list[Failure] = []
        if resource.is_autonamed and "name" not in inputs and "namePrefix" not in inputs:
            name = automatic_name(request, olds, resource.name_limit)
            if isinstance(name, Failure):
                failures.append(name)
            else:
                inputs["name"] = name
                inputs["__defaults"] = sorted([*inputs["__defaults"], "name"])
        failures += problems(resource, self._aws(context), inputs)
        return pb.CheckResponse(inputs=encode(inputs, news.secrets), failures=answers.failures(failures))

    def Diff(self, request: pb.DiffRequest, context: Any) -> pb.DiffResponse:
        resource = _resource(request.urn, context)
        state, olds, news = (decode(part).values for part in (request.olds, request.old_inputs, request.news))
        olds = olds or inputs_of(resource, state)
        found = changes(resource, olds, state, news)
        tags = wanted(resource, self._aws(context), news).get("tags", {})
        if resource.tagging and not found and tags not in (state.get("tagsAll", tags), UNKNOWN):
            found.append(Change("tagsAll", "update", replaces=False))  # the provider's default tags are others now
        found = [change for change in found if not _ignored(change.path, request.ignoreChanges)]
        return answers.difference(
            found, deletes_first=resource.delete_before_replace or _keeps_name(resource, olds, news)
        )

    def Create(self, request: pb.CreateRequest, context: Any) -> pb.CreateResponse:
        resource, inputs = _resource(request.urn, context), decode(request.properties)
        secrets = inputs.secrets | resource.secrets
        if request.preview:
            return pb.CreateResponse(properties=encode(lifecycle.preview_create(resource, inputs.values), secrets))
        with answers.refusals(context, f"creating {_place(request.urn)}", Decoded(inputs.values, secrets)):
            try:
                resource_id, state = lifecycle.create(resource, self._aws(context), inputs.values)
            except HalfCreatedError as error:
                answers.half_created(context, _place(request.urn), error, Decoded(inputs.values, secrets))
        return pb.CreateResponse(id=resource_id, properties=encode(state, secrets))

    def Read(self, request: pb.ReadRequest, context: Any) -> pb.ReadResponse:
        resource = _resource(request.urn, context)
        inputs, state = decode(request.inputs), decode(request.properties)
        secrets = inputs.secrets | state.secrets | resource.secrets
        with answers.refusals(context, f"reading {_place(request.urn)}", Decoded(inputs.values, secrets)):
            found = read(resource, self._aws(context), Known(request.id, inputs.values, state.values))
        if found is None:
            return pb.ReadResponse()
        properties, real_inputs = encode(found.state, secrets), encode(found.inputs, secrets)
        return pb.ReadResponse(id=found.id, properties=properties, inputs=real_inputs)

    def Update(self, request: pb.UpdateRequest, context: Any) -> pb.UpdateResponse:
        resource, inputs = _resource(request.urn, context), decode(request.news)
        secrets = inputs.secrets | resource.secrets
        known = Known(request.id, decode(request.old_inputs).values, decode(request.olds).values)
        if request.preview:
            outputs = lifecycle.preview_update(resource, known, inputs.values)
            return pb.UpdateResponse(properties=encode(outputs, secrets))
        with answers.refusals(context, f"updating {_place(request.urn)}", Decoded(inputs.values, secrets)):
            state = lifecycle.update(resource, self._aws(context), known, inputs.values)
        return pb.UpdateResponse(properties=encode(state, secrets))

    def Delete(self, request: pb.DeleteRequest, context: Any) -> empty_pb2.Empty:
        inputs = decode(request.old_inputs)
        known = Known(request.id, inputs.values, decode(request.properties).values)
        with answers.refusals(context, f"deleting {_place(request.urn)}", inputs):
            lifecycle.delete(_resource(request.urn, context), self._aws(context), known)
        return empty_pb2.Empty()

    def _aws(self, context: Any) -> Aws:
        return self._configurations.of(context.peer())


def _resource(urn: str, context: Any) -> Resource:
    type_name = _type_name(urn)
    if type_name not in RESOURCES:
        context.abort(
            grpc.StatusCode.UNIMPLEMENTED,
            f"{type_name}: the sandbox has no such resource type, it has {', '.join(sorted(RESOURCES))}; "
            "use one of them, or SANDBOX_AWS_PROVIDER=official",
        )
    return RESOURCES[type_name]


def _type_name(urn: str) -> str:
    return urn.split("::")[2].rsplit("$", 1)[-1]


def _place(urn: str) -> str:
    return f"{_type_name(urn)} {urn.rsplit('::', 1)[-1]}"


def _ignored(path: str, ignored: Iterable[str]) -> bool:
    return any(path == item or path.startswith((f"{item}.", f"{item}[")) for item in ignored)


def _keeps_name(resource: Resource, olds: Props, news: Props) -> bool:
    """Tell whether the program gave a physical name that stays: two resources cannot have it at once."""
    given = resource.is_autonamed and "name" not in news.get("__defaults", [])
    return given and news.get("name") not in (None, UNKNOWN) and news["name"] == olds.get("name")
