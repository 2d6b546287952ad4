"""The stand-in language host starts what the engine asks for, the way the engine expects."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from pulumi.runtime.proto import language_pb2

from sandbox import language_host
from sandbox.processes import command_of


def info(**options: str) -> language_pb2.ProgramInfo:
    program = language_pb2.ProgramInfo(root_directory="/project", program_directory="/project/stacks", entry_point=".")
    for name, value in options.items():
        program.options[name] = value
    return program


def test_the_interpreter_is_the_projects_virtual_environment() -> None:
    """A relative path is taken from the project's root, an absolute one as it is, none means the host's own."""
    assert language_host.interpreter(info(virtualenv=".venv")) == "/project/.venv/bin/python"
    assert language_host.interpreter(info(virtualenv="/elsewhere")) == "/elsewhere/bin/python"
    assert language_host.interpreter(info()) == sys.executable


def test_a_program_gets_every_option_that_is_known() -> None:
    """Empty values are left out; the entry point and its arguments come last."""
    request = language_pb2.RunRequest(
        project="berth", stack="local", pwd="/project/stacks", dryRun=True, parallel=4, monitor_address="127.0.0.1:1"
    )
    request.info.CopyFrom(info(virtualenv=".venv"))
    request.args.append("extra")
    assert language_host.program_command(request, "127.0.0.1:2", "/tools/exec") == [
        *["/project/.venv/bin/python", "-u", "/tools/exec"],
        *["--monitor", "127.0.0.1:1", "--engine", "127.0.0.1:2", "--project", "berth"],
        *["--root_directory", "/project", "--stack", "local", "--pwd", "/project/stacks"],
        *["--dry_run", "true", "--parallel", "4", ".", "extra"],
    ]


def test_a_policy_pack_runs_inside_its_own_folder() -> None:
    """The SDK's policy module is given the engine's address and the pack."""
    request = language_pb2.RunPluginRequest(kind="analyzer", pwd="/project", args=["127.0.0.1:2"])
    pack = "/project/policies"
    request.info.CopyFrom(language_pb2.ProgramInfo(root_directory=pack, program_directory=pack))
    command, folder = language_host.plugin_command(request)
    assert command == [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:2", pack]
    assert folder == pack


@pytest.mark.parametrize(
    ("exit_code", "bail", "error"),
    [(0, False, ""), (32, True, ""), (3, False, "program exited with non-zero exit code: 3")],
)
def test_the_exit_code_tells_the_engine_whether_the_user_was_told(exit_code: int, bail: bool, error: str) -> None:
    """32 means that the program has shown its message already."""
    response = language_host.run_response(exit_code)
    assert (response.bail, response.error) == (bail, error)


def test_a_plugins_output_and_exit_code_are_streamed(tmp_path: Path) -> None:
    """What it writes arrives on its own channel, the exit code last."""

    class Context:
        def add_callback(self, _callback: object) -> bool:
            return True

    program = tmp_path / "plugin"
    program.mkdir()
    (program / "__main__.py").write_text("import sys\nprint('port 1')\nprint('oops', file=sys.stderr)\nsys.exit(5)\n")
    request = language_pb2.RunPluginRequest(kind="tool", pwd=str(tmp_path))
    request.info.CopyFrom(language_pb2.ProgramInfo(root_directory=str(tmp_path), program_directory=str(program)))
    host = language_host.LanguageHost("", "")
    answers = list(host.RunPlugin(request, Context()))
    assert b"".join(answer.stdout for answer in answers) == b"port 1\n"
    assert b"".join(answer.stderr for answer in answers) == b"oops\n"
    assert answers[-1].WhichOneof("output") == "exitcode"
    assert answers[-1].exitcode == 5


def test_the_host_ends_with_the_engine_that_started_it() -> None:
    """An engine that fails early, or is killed, leaves no host behind."""
    engine = (
        "import subprocess, sys\n"
        "host = subprocess.Popen([sys.executable, '-m', 'sandbox.language_host'], stdout=subprocess.PIPE)\n"
        "host.stdout.readline()\n"
        "print(host.pid, flush=True)\n"
        "import os; os._exit(0)\n"
    )
    ended = subprocess.run([sys.executable, "-c", engine], capture_output=True, text=True, check=True, timeout=60)
    host, deadline = int(ended.stdout), time.monotonic() + 20
    while command_of(host) is not None and time.monotonic() < deadline:
        time.sleep(0.1)
    assert command_of(host) is None
