from __future__ import annotations

import gc
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from components.cli.main import COMMANDS, main


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_a_module_that_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`berth COMMAND --help` works with that module alone imported."""
    assert find_spec(f"components.cli.{command}") is not None
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: berth {command} ")


def test_an_unknown_command_is_refused_with_all_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and the list, though a known command imports no other."""
    with pytest.raises(SystemExit) as stopped:
        main(["nope"])
    assert stopped.value.code == 2
    printed = capsys.readouterr().err
    assert [command for command in COMMANDS if repr(command) not in printed] == []


def test_the_collector_runs_again_after_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    """It is off while a command runs, and a program that calls one keeps its own."""
    assert main(["schema"]) == 0
    assert gc.isenabled()


def test_a_command_leaves_nothing_to_be_collected_at_its_end() -> None:
    """What is alive then goes with the process; looking through it takes a tenth of a second."""
    script = (
        "import atexit, gc; from components.cli.main import main; "
        # What is registered first is called last.
        "atexit.register(lambda: print(gc.get_freeze_count() > 10_000)); "
        "main(['schema']); print(gc.get_freeze_count())"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-2:] == ["0", "True"]


def test_planning_imports_neither_a_cloud_nor_other_commands() -> None:
    """What takes most of a second to import is not on the way of `berth plan`."""
    script = (
        "import sys; from components.cli.main import main; "
        "main(['plan', 'stacks/services/qwen-2-5-32b.yaml']); "
        "heavy = {'pulumi', 'boto3', 'botocore', 'urllib3', 'grpc', 'moto', 'statistics', 'difflib'}; "
        "heavy &= set(sys.modules); "
        "others = [name for name in sys.modules if name in ('components.cli.smoke', 'components.cli.compare')]; "
        "print(sorted(heavy), others, file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stderr == "[] []\n"


def test_no_package_is_searched_for_plug_ins_of_pydantic() -> None:
    """The metadata of every installed package would be read; who wants one says so in the environment."""
    script = "import os; from components.cli.main import main; main(['schema']); print(os.environ[{name!r}])"
    name = "PYDANTIC_DISABLE_PLUGINS"
    unset = {key: value for key, value in os.environ.items() if key != name}
    for env, expected in ((unset, "__all__"), ({**unset, name: "one"}, "one")):
        command = [sys.executable, "-c", script.format(name=name)]
        found = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
        assert found.stdout.splitlines()[-1] == expected
