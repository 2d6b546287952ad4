"""What kinds of values does the installed pulumi_aws SDK send, read from the signatures of its argument classes?"""

from __future__ import annotations

import importlib
import inspect
import re
import warnings
from typing import Any

_MODULES = {"lambda": "lambda_"}  # a word of the language
_KINDS = {"str": "string", "int": "integer", "bool": "boolean", "float": "number"}
_TEXTS = (
    "CannedAcl",
    "LifecyclePolicyDocument",
    "PolicyDocument",
    "Metric",
    "MetricsGranularity",
    "ParameterType",
    "Runtime",
)  # written as text or in a form that the SDK turns into text


def resource_arguments(token: str) -> dict[str, str]:
    """Return the kind of each argument of a resource class, by its Python name."""
    name = token.split(":")[2]
    try:
        # Where a block has the name of a resource, the resource's arguments have another.
        return _arguments(sdk_class(token, f"{name}InitArgs"))
    except AttributeError:
        return _arguments(sdk_class(token, f"{name}Args"))


def block_arguments(reference: str) -> dict[str, str]:
    """Return the kind of each argument of a block class, by its Python name."""
    return _arguments(sdk_class(reference, f"{reference.split(':')[2]}Args"))


def sdk_class(token: str, class_name: str) -> type:
    """Return a class of a token's module in pulumi_aws; the module loads lazily and warns of its deprecated classes."""
    name = token.split(":")[1].split("/", maxsplit=1)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        module = importlib.import_module("pulumi_aws" if name == "index" else f"pulumi_aws.{_MODULES.get(name, name)}")
        return getattr(module, class_name)


def kind_of(prop: dict[str, Any]) -> str:
    """Return the kind of a contract's property in the words used here."""
    if "ref" in prop:
        return prop["ref"].split(":")[2]
    if prop["type"] == "array":
        return f"[{kind_of(prop['items'])}]"
    if prop["type"] == "object":
        return f"{{{kind_of(prop['values'])}}}"
    return prop["type"]


def sdk_name(name: str) -> str:
    """Return a property's name in the form of the keys that the functions above return."""
    return _plain(name)


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _arguments(arguments: type) -> dict[str, str]:
    parameters = inspect.signature(arguments.__init__).parameters
    return {_plain(name): _kind(str(item.annotation)) for name, item in parameters.items() if name != "__self__"}


def _kind(annotation: str) -> str:
    text = re.sub(r"typing\.|pulumi\.|collections\.abc\.|Optional\[None\]", "", annotation)
    if "Sequence[" in text:  # a list of lists does not occur, but the same list once per form of its items does
        return f"[{_kind(text.replace('Sequence[', ''))}]"
    if "Mapping[" in text:
        return f"{{{_kind(re.sub('Mapping.str, ', '', text))}}}"
    if "asset.Archive" in text:
        return "asset"
    block = re.search(r"ForwardRef\('(\w+?)(?:Args)?'\)", text)
    if block:
        return "string" if block[1] in _TEXTS else block[1]
    plain = re.search(r"\b(str|int|bool|float)\b", text)
    return _KINDS[plain[1]] if plain else text
