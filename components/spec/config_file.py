"""The `config.json` that a spec names: read once, while the spec is loaded, so that nothing after it reads files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

from components.errors import ConfigError
from components.spec.values import refusal

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

    from components.catalogue.hub.config import DescribedModel

FOLDER = "folder"
"""Key of the validation context: the folder from which a relative path leads, that of the spec file."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A path as the spec has it, and what the file said."""

    path: str
    described: DescribedModel

    @classmethod
    def read(cls, path: object, folder: Path) -> ConfigFile:
        """Return what a file says; raise what `refusal` returns for one that cannot be read or sized."""
        if not isinstance(path, str) or not path.strip():
            raise refusal("is not a path", "write the path of a config.json, relative to the spec file")
        if "://" in path:
            fix = "download the file, keep it beside the spec, and write its path: a plan asks no network"
            raise refusal("is an address, not a path", fix)
        try:
            text = (folder / path).read_text(encoding="utf-8")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise refusal(f"cannot be read ({reason})", _PLACE) from error
        except UnicodeDecodeError as error:
            raise refusal("is not UTF-8 text", _PLACE) from error
        return cls(path, _parsed(text))

    def __str__(self) -> str:
        return self.path

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def validate(value: object, info: core_schema.ValidationInfo) -> ConfigFile:
            context: dict[str, Any] = info.context or {}
            return value if isinstance(value, cls) else cls.read(value, context.get(FOLDER, Path()))

        return core_schema.with_info_plain_validator_function(
            validate, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "examples": ["acme-8b.config.json"]}


_PLACE = "write the path of a config.json, relative to the spec file"


def _parsed(text: str) -> DescribedModel:
    from components.catalogue.hub.config import described  # noqa: PLC0415 (few specs name a config.json)
    from components.catalogue.hub.keys import mapping_of  # noqa: PLC0415

    try:
        config = mapping_of(json.loads(text))
    except ValueError as error:
        raise refusal(f"is not valid JSON: {error}".replace("\n", " "), "download the file again") from error
    if config is None:
        raise refusal("holds no JSON object", "name the config.json that lies beside the weights")
    try:
        return described(config)
    except ConfigError as error:
        raise refusal(error.message, error.fix) from error
