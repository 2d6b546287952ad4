"""Tags, in every service: keys that begin with `aws:` are AWS's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.aws.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.aws.call import Call

_MEMBERS = ("Tags", "tags", "TagSpecifications", "tagSpecifications")


def no_reserved_tags(call: Call) -> None:
    """Raise for a tag that only AWS may set."""
    if not call.mutates or call.operation.startswith(("Delete", "Remove", "Untag")):
        return
    for member in _MEMBERS:
        for key in _keys(call.params.get(member)):
            if key.lower().startswith("aws:"):
                raise AwsError("ValidationException", f"Tag key '{key}' is reserved: keys cannot begin with aws:")


def _keys(tags: Any) -> Iterator[str]:
    """Tags come as pairs, as pairs below a resource type, or as a map."""
    if isinstance(tags, list):
        for item in tags:
            pair = {name.lower(): value for name, value in item.items()} if isinstance(item, dict) else {}
            yield from [pair["key"]] if "key" in pair else _keys(pair.get("tags"))
    elif isinstance(tags, dict):
        yield from tags
