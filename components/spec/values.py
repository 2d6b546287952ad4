"""Value types that parse and print the form a person writes: "30m", "100GiB", "L40S:2"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic_core import PydanticCustomError, core_schema

from components.catalogue.gpus import gpu_name, gpus, names_starting_with
from components.errors import did_you_mean

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


def refusal(message: str, fix: str) -> PydanticCustomError:
    """Return the error that a validator raises: what is wrong with the value, and what to do."""
    return PydanticCustomError("refused", "{message}", {"message": message, "fix": fix})


def switch(value: object) -> object:
    """Return the words on and off where YAML 1.1, which reads them as booleans when they are bare, has replaced them.

    >>> switch(False), switch("priority")
    ('off', 'priority')
    """
    return ("on" if value else "off") if isinstance(value, bool) else value


class HumanValue:
    """Base of the value types: one `parse`, one `str()`, and the schema that joins them to pydantic."""

    PATTERN: ClassVar[str]
    EXAMPLE: ClassVar[str]

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the value that a text means; raise what `refusal` returns."""
        raise TypeError(f"{cls.__name__} has no parse for {value!r}")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validate, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": cls.PATTERN, "examples": [cls.EXAMPLE]}

    @classmethod
    def _validate(cls, value: object) -> Self:
        return value if isinstance(value, cls) else cls.parse(value)


_UNIT_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


@dataclass(frozen=True, slots=True, order=True)
class Duration(HumanValue):
    """A length of time, as `30m`, `1h30m`, `90s`, `7d`."""

    PATTERN = r"^(\d+d)?(\d+h)?(\d+m)?(\d+s)?$"
    EXAMPLE = "30m"

    seconds: int

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the duration that a text means.

        >>> Duration.parse("1h30m").seconds
        5400
        """
        parts = re.findall(r"(\d+)([dhms])", value) if isinstance(value, str) else []
        if not parts or not isinstance(value, str) or not re.fullmatch(cls.PATTERN, value):
            raise refusal("is not a duration", 'write a number with its unit, as "30m", "1h30m", "90s" or "7d"')
        return cls(sum(int(number) * _UNIT_SECONDS[unit] for number, unit in parts))

    def __str__(self) -> str:
        left = self.seconds
        text = ""
        for unit, seconds in _UNIT_SECONDS.items():
            number, left = divmod(left, seconds)
            text += f"{number}{unit}" if number else ""
        return text or "0s"


@dataclass(frozen=True, slots=True, order=True)
class Size(HumanValue):
    """An amount of memory or disk in whole GiB, as `100GiB`."""

    PATTERN = r"^\d+(GiB|TiB)$"
    EXAMPLE = "100GiB"

    gib: int

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the size that a text means.

        >>> Size.parse("2TiB").gib
        2048
        """
        found = re.fullmatch(r"(\d+)(GiB|TiB)", value) if isinstance(value, str) else None
        if found is None:
            raise refusal("is not a size", 'write whole GiB or TiB, as "100GiB"')
        return cls(int(found[1]) * (1024 if found[2] == "TiB" else 1))

    def __str__(self) -> str:
        return f"{self.gib}GiB"


@dataclass(frozen=True, slots=True, order=True)
class Gigabytes(HumanValue):
    """An amount of disk in whole GB, as `60GB`: what RunPod counts in."""

    PATTERN = r"^\d+GB$"
    EXAMPLE = "60GB"

    gb: int

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the size that a text means.

        >>> Gigabytes.parse("60GB").gb
        60
        """
        found = re.fullmatch(r"(\d+)GB", value) if isinstance(value, str) else None
        if found is None:
            raise refusal("is not a size in GB", 'write whole GB, as "60GB": RunPod counts in GB, not in GiB')
        return cls(int(found[1]))

    def __str__(self) -> str:
        return f"{self.gb}GB"


@dataclass(frozen=True, slots=True)
class Accelerator(HumanValue):
    """A GPU, and how many of it serve one replica together, as `L4` or `L40S:2`."""

    PATTERN = r"^[A-Za-z0-9 _-]+(:[1-9]\d*)?$"
    EXAMPLE = "L40S:2"

    gpu: str
    count: int = 1

    @classmethod
    def parse(cls, value: object) -> Self:
        """Return the accelerator that a text means, with the catalogue's spelling of the GPU.

        >>> str(Accelerator.parse("l40s:2"))
        'L40S:2'
        """
        if not isinstance(value, str) or not re.fullmatch(cls.PATTERN, value):
            raise refusal("is not an accelerator", 'write a GPU, or a GPU and a count, as "L4" or "L40S:2"')
        text, _, count = value.partition(":")
        name = gpu_name(text)
        if name is None:
            near = names_starting_with(text)
            if near:
                raise refusal("is not exact enough", f"write one of: {', '.join(near)}")
            raise refusal("is not a GPU that the catalogue knows", did_you_mean(text, _usable()))
        if name not in _usable():
            raise refusal(f"is made by {gpus()[name].vendor}, and the engines need NVIDIA", "name an NVIDIA GPU, as L4")
        return cls(name, int(count or 1))

    def __str__(self) -> str:
        return self.gpu if self.count == 1 else f"{self.gpu}:{self.count}"


def _usable() -> list[str]:
    """Return the GPUs that the catalogue's images are built for."""
    return [gpu.name for gpu in gpus().values() if gpu.vendor == "NVIDIA"]
