"""How does a Pulumi CLI without its Python language host run Python programs and policy packs?

The CLI built from source has none (its module is not published), so this small gRPC server takes its place;
an official CLI brings its own and never starts this one.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from concurrent import futures
from pathlib import Path
from typing import IO, TYPE_CHECKING

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PARENT_CHECK_SECONDS = 1.0
EXIT_AFTER_MESSAGE = 32
"""Exit code of a program that has already told the user what is wrong."""


def interpreter(info: language_pb2.ProgramInfo) -> str:
    """Python of the `virtualenv` option of Pulumi.yaml, resolved against the project; else the host's own."""
    virtualenv = dict(info.options).get("virtualenv")
    if not isinstance(virtualenv, str) or not virtualenv:
        return sys.executable
    return str(Path(info.root_directory, virtualenv, "bin", "python"))


def program_command(request: language_pb2.RunRequest, engine_address: str, launcher: str) -> list[str]:
    """Command line that starts the program of a `Run` request through the SDK's launcher."""
    options = {
        "monitor": request.monitor_address,
        "engine": engine_address,
        "project": request.project,
        "root_directory": request.info.root_directory,
        "stack": request.stack,
        "pwd": request.pwd,
        "dry_run": str(request.dryRun).lower(),
        "parallel": str(request.parallel),
        "organization": request.organization,
    }
    command = [interpreter(request.info), "-u", launcher]
    for name, value in options.items():
        if value:
            command += [f"--{name}", value]
    return [*command, request.info.entry_point, *request.args]


def plugin_command(request: language_pb2.RunPluginRequest) -> tuple[list[str], str]:
    """Command line and working directory of a plugin; a policy pack runs inside its own folder."""
    python = interpreter(request.info)
    folder = request.info.program_directory
    if request.kind == "analyzer":
        return [python, "-u", "-m", "pulumi.policy", *request.args, folder], folder
    return [python, "-u", folder, *request.args], request.pwd


def run_response(exit_code: int) -> language_pb2.RunResponse:
    """What the engine is told about a program that ended with `exit_code`."""
    if exit_code == 0:
        return language_pb2.RunResponse()
    if exit_code == EXIT_AFTER_MESSAGE:
        return language_pb2.RunResponse(bail=True)
    return language_pb2.RunResponse(error=f"program exited with non-zero exit code: {exit_code}")


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """The part of the language runtime protocol that programs and policy packs need."""

    def __init__(self, engine_address: str, launcher: str) -> None:
        """Keep the engine's address and the path of the SDK's `pulumi-language-python-exec`."""
        self._engine_address = engine_address
        self._launcher = launcher
        self._children: set[subprocess.Popen[bytes]] = set()

    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        self._engine_address = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version="0.1.0")

    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        return language_pb2.GetRequiredPackagesResponse()

    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        return language_pb2.GetProgramDependenciesResponse()

    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Nothing to do: the lock file has been installed before the CLI runs."""
        return iter(())

    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:
        return language_pb2.AboutResponse(executable=sys.executable, version=sys.version.split()[0])

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        for child in tuple(self._children):
            child.terminate()
        return empty_pb2.Empty()

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        environment = {
            **os.environ,
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        command = program_command(request, self._engine_address, self._launcher)
        child = subprocess.Popen(command, cwd=request.info.program_directory, env=environment)
        self._children.add(child)
        try:
            return run_response(child.wait())
        finally:
            self._children.discard(child)

    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        command, folder = plugin_command(request)
        environment = {**os.environ, **dict(pair.split("=", 1) for pair in request.env)}
        yield from self._stream(command, folder, environment, context)

    def _stream(
        self, command: list[str], folder: str, environment: Mapping[str, str], context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        child = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
        self._children.add(child)
        context.add_callback(child.terminate)
        messages: queue.Queue[language_pb2.RunPluginResponse | None] = queue.Queue()

        def pump(pipe: IO[bytes], channel: Callable[[bytes], language_pb2.RunPluginResponse]) -> None:
            with pipe:
                while chunk := pipe.read(65536):
                    messages.put(channel(chunk))
            messages.put(None)

        assert child.stdout is not None  # noqa: S101 - both pipes were asked for above
        assert child.stderr is not None  # noqa: S101
        channels = (
            (child.stdout, lambda chunk: language_pb2.RunPluginResponse(stdout=chunk)),
            (child.stderr, lambda chunk: language_pb2.RunPluginResponse(stderr=chunk)),
        )
        for pipe, channel in channels:
            threading.Thread(target=pump, args=(pipe, channel), daemon=True).start()
        open_pipes = 2
        while open_pipes:
            message = messages.get()
            if message is None:
                open_pipes -= 1
            else:
                yield message
        self._children.discard(child)
        yield language_pb2.RunPluginResponse(exitcode=child.wait())


def main(arguments: list[str]) -> None:
    """Serve until the engine ends this process; print the port on the first line, as the engine expects."""
    # Asked before the port is printed: an engine that ends right after it would no longer be seen to go.
    parent = os.getppid()
    launcher = os.environ.get("BERTH_PYTHON_LAUNCHER", "")
    engine_address = next((argument for argument in reversed(arguments) if not argument.startswith("-")), "")
    # The engine interrupts its whole process group; a traceback here would only bury its own message.
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=32))
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(engine_address, launcher), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    # An engine that fails early ends without a word to its hosts.
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
