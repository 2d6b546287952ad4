"""How is the provider attached to an engine? (PULUMI_DEBUG_PROVIDERS=aws:<port>)."""

from __future__ import annotations

from concurrent import futures

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from sandbox.provider.servicer import AwsProvider

_WORKERS = 24
_MESSAGE_BYTES = 400 * 1024 * 1024


def serve(endpoint: str, port: int) -> grpc.Server:
    """Start the provider on 127.0.0.1:`port` for the AWS at `endpoint`. Raises OSError when the port is taken."""
    limits = [
        ("grpc.max_receive_message_length", _MESSAGE_BYTES),
        ("grpc.max_send_message_length", _MESSAGE_BYTES),
        ("grpc.so_reuseport", 0),
    ]
    server = grpc.server(futures.ThreadPoolExecutor(_WORKERS, thread_name_prefix="aws-provider"), options=limits)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AwsProvider(endpoint), server)
    try:
        bound = server.add_insecure_port(f"127.0.0.1:{port}")
    except RuntimeError as error:
        raise OSError(f"provider port {port}: cannot be bound; free it or choose another one") from error
    if not bound:
        raise OSError(f"provider port {port}: cannot be bound; free it or choose another one")
    server.start()
    return server
