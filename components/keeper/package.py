"""What is in the zip that a Lambda carries? The modules that the handlers import, and the time zones; nothing else.

The same bytes on any machine: fixed order, times and modes, and no compression, whose output differs between zlibs.
"""

from __future__ import annotations

import ast
import hashlib
import io
import os
import zipfile
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

KEEPER_HANDLER = "components.keeper.runtime.handler.handle"
ASLEEP_HANDLER = "components.keeper.runtime.asleep.handle"
_ROOT = "components"
_ZONES = "tzdata"
"""Lambda's Python has no time zones of its own."""
_THE_BEGINNING = (1980, 1, 1, 0, 0, 0)
"""No zip can be older."""
_READABLE_FILE = 0o100644 << 16
_UNIX = 3


def write_archive(folder: Path) -> Path:
    """Write the zip into a folder, under a name that its content determines, and return its path."""
    content = archive()
    path = folder / f"keeper-{hashlib.sha256(content).hexdigest()[:16]}.zip"
    if not path.is_file() or path.read_bytes() != content:
        folder.mkdir(parents=True, exist_ok=True)
        # Another `pulumi` of the same checkout sees the whole file or none.
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(content)
        unfinished.replace(path)
    return path


@lru_cache(maxsize=1)
def archive() -> bytes:
    """Return the zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for name, path in sorted({**dict(_modules()), **dict(_zones())}.items()):
            entry = zipfile.ZipInfo(name, _THE_BEGINNING)
            entry.create_system = _UNIX
            entry.external_attr = _READABLE_FILE
            target.writestr(entry, path.read_bytes())
    return buffer.getvalue()


def imported(module: str) -> frozenset[str]:
    """Return the modules of this project that a module imports, at its top or in a function, with their packages."""
    path = _path_of(module)
    if path is None:
        return frozenset()
    found = _Imports()
    found.visit(ast.parse(path.read_bytes()))
    named = {name for name in found.names if name.partition(".")[0] == _ROOT and _path_of(name) is not None}
    return frozenset(package for name in named for package in _with_packages(name))


def _modules() -> Iterator[tuple[str, Path]]:
    """Yield each module that the handlers need, as its place in the zip and its file."""
    waiting = [name for one in (KEEPER_HANDLER, ASLEEP_HANDLER) for name in _with_packages(one.rpartition(".")[0])]
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        waiting += imported(module)
        path = _path_of(module)
        if path is None:
            raise ModuleNotFoundError(f"{module} is not there to be packed")
        place = module.replace(".", "/")
        yield (f"{place}/__init__.py" if path.name == "__init__.py" else f"{place}.py"), path


def _zones() -> Iterator[tuple[str, Path]]:
    spec = find_spec(_ZONES)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{_ZONES} is not installed, and a Lambda needs its time zones; run make setup")
    folder = Path(spec.origin).parent
    for path in folder.rglob("*"):
        # Tables of countries and of leap seconds are nothing that a clock reads.
        if path.is_file() and path.suffix in ("", ".py"):
            yield f"{_ZONES}/{path.relative_to(folder).as_posix()}", path


class _Imports(ast.NodeVisitor):
    """Collects the names that a module imports when it runs; what stands under TYPE_CHECKING never does."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_If(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for one in node.orelse:
                self.visit(one)
        else:
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.names |= {one.name for one in node.names}

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module is not None and not node.level:
            # What is imported from a package may be a module of it.
            self.names |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}


def _with_packages(module: str) -> list[str]:
    """Return a module and the packages that it is in.

    >>> _with_packages("components.keeper.package")
    ['components', 'components.keeper', 'components.keeper.package']
    """
    parts = module.split(".")
    return [".".join(parts[: end + 1]) for end in range(len(parts))]


def _path_of(module: str) -> Path | None:
    """Return the file of a module of this project, None when there is none; nothing is imported to find it."""
    place = Path(__file__).parents[2].joinpath(*module.split("."))
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file():
            return path
    return None
