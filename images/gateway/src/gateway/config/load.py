"""Where does the configuration come from? A document (JSON or YAML), and environment variables that win over it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from gateway.config.problems import VARIABLES, lines, named
from gateway.config.settings import GatewayConfig
from gateway.surroundings import missing

if TYPE_CHECKING:
    from collections.abc import Mapping

INLINE, FILE = "BERTH_CONFIG", "BERTH_CONFIG_FILE"
# These two describe an only upstream, and no other can stand beside it.
UPSTREAM_URL, USD_PER_HOUR = "BERTH_UPSTREAM_URL", "BERTH_USD_PER_HOUR"
ENGINE = "engine"


class ConfigError(Exception):
    """The configuration cannot be used; `problems` holds one line for each thing that is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_config(environment: Mapping[str, str]) -> GatewayConfig:
    """Read the document, if one is named, and the `BERTH_*` variables.

    Raises:
        ConfigError: with every problem found, not only the first.
    """
    document, source = _document(environment)
    problems: list[str] = []
    if UPSTREAM_URL in environment:
        if "upstreams" in document:
            problems.append(f"{UPSTREAM_URL}: set beside 'upstreams' in {source}; leave one of them out")
        else:
            upstream: dict[str, Any] = {"name": ENGINE, "kind": "openai", "url": environment[UPSTREAM_URL]}
            if USD_PER_HOUR in environment:
                upstream["price"] = {"usd_per_hour": environment[USD_PER_HOUR]}
            document["upstreams"] = [upstream]
    elif USD_PER_HOUR in environment:
        problems.append(f"{USD_PER_HOUR}: set without {UPSTREAM_URL}; set price.usd_per_hour for each upstream instead")
    from_environment = {UPSTREAM_URL, USD_PER_HOUR} & set(environment)
    for name, path in VARIABLES.items():
        if name in environment and name not in from_environment:
            _put(document, path, environment[name].strip() or environment[name])
            from_environment.add(name)
    try:
        config = GatewayConfig.model_validate(document)
    except ValidationError as error:
        problems += lines(error, from_environment, source)
    else:
        problems += [named(problem, from_environment, source) for problem in missing(config, environment)]
        if not problems:
            return config
    raise ConfigError(problems)


def _document(environment: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """The document and what messages call it; an empty one where none is named."""
    if INLINE in environment and FILE in environment:
        raise ConfigError([f"{INLINE}: set beside {FILE}; leave one of them out"])
    if INLINE in environment:
        return _parsed(INLINE, environment[INLINE], json.loads), INLINE
    if FILE not in environment:
        return {}, ""
    path = Path(environment[FILE])
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{FILE}: {path} cannot be read ({type(error).__name__}); mount it readable"]) from None
    return _parsed(str(path), text, _yaml if path.suffix in {".yaml", ".yml"} else json.loads), path.name


def _parsed(place: str, text: str, parse: Any) -> dict[str, Any]:
    try:
        document = parse(text)
    except ValueError as error:
        raise ConfigError([f"{place}: {error}; correct it"]) from None
    if not isinstance(document, dict):
        raise ConfigError([f"{place}: is not an object; write settings by name"])
    return document


def _yaml(text: str) -> Any:
    try:
        import yaml  # noqa: PLC0415 an extra, and only where the file is YAML
    except ImportError:
        raise ValueError("YAML needs the extra 'yaml' of this package; install it or write JSON") from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise ValueError(f"not YAML{where}") from None


def _put(document: dict[str, Any], path: tuple[str | int, ...], value: str) -> None:
    *above, last = path
    inner: Any = document
    for name in above:
        inner = inner.setdefault(name, {}) if isinstance(inner, dict) else {}
    if isinstance(inner, dict):
        inner[last] = value
