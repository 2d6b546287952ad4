"""What does a named prompt template make of a request? `chat@support` is the model `chat` with the template `support`.

Only what a template says is written anew; every other byte of the body stays as the client sent it.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from gateway import errors
from gateway.document import Document
from gateway.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gateway.config.templates import TemplateConfig

SEPARATOR = "@"
BETWEEN = "\n\n"
SYSTEM_ROLES = ("system", "developer")
CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
# Names of one and the same parameter.
LONGEST_ANSWER = frozenset({"max_tokens", "max_completion_tokens", "max_output_tokens"})


class Templates:
    """All templates, by name."""

    def __init__(self, templates: Mapping[str, TemplateConfig], models: Collection[str] = ()) -> None:
        """`models` are names that stand for themselves, whatever is in them."""
        self._templates = dict(templates)
        self._models = frozenset(models)

    def __bool__(self) -> bool:
        return bool(self._templates)

    def names_for(self, models: Collection[str]) -> list[str]:
        """What can be asked for beside the models themselves."""
        return [
            model + SEPARATOR + name
            for model in models
            for name, template in self._templates.items()
            if not template.models or model in template.models
        ]

    def filled_in(self, document: Document, path: str) -> bytes | None:
        """The body with the template that its model names; None where it names none.

        Raises:
            RefusedError: 404 for a template that does not exist, 400 for what it does not allow.
        """
        asked = document["model"]
        if not isinstance(asked, str) or SEPARATOR not in asked or asked in self._models:
            return None
        model, _, name = asked.rpartition(SEPARATOR)
        template = self._templates.get(name)
        if template is None or not model or (template.models and model not in template.models):
            raise RefusedError(self._not_found(asked, model, name))
        changes: dict[str, Any] = {"model": model}
        changes |= _system(template, document, path)
        changes |= _parameters(name, template, document)
        for member, value in changes.items():
            document = Document(document.replaced(member, value))
        return document.text

    def _not_found(self, asked: str, model: str, name: str) -> errors.ApiError:
        known = self.names_for([model] if model else [])
        near = difflib.get_close_matches(name, self._templates, n=1)
        if near and model + SEPARATOR + near[0] in known:
            known = [model + SEPARATOR + near[0]]
        return errors.model_not_found(asked, tuple(known) or (model or "a model's name alone",))


def _system(template: TemplateConfig, document: Document, path: str) -> dict[str, Any]:
    around = (template.system_prefix, template.system_suffix)
    if around == (None, None):
        return {}
    if path == RESPONSES:
        given = document["instructions"]
        if given is not None and not isinstance(given, str):
            raise RefusedError(errors.bad_body("instructions is not a string", "instructions"))
        return {"instructions": _joined(around[0], given, around[1])}
    if path != CHAT:
        raise RefusedError(errors.bad_body("this template has a system message, which this route does not", "model"))
    messages = document["messages"]
    if not isinstance(messages, list):
        raise RefusedError(errors.bad_body("messages is not an array", "messages"))
    return {"messages": _with_system(messages, *around)}


def _with_system(messages: list[Any], prefix: str | None, suffix: str | None) -> list[Any]:
    first = messages[0] if messages else None
    if not isinstance(first, dict) or first.get("role") not in SYSTEM_ROLES:
        return [{"role": "system", "content": _joined(prefix, None, suffix)}, *messages]
    content = first.get("content")
    if isinstance(content, list):
        parts = [{"type": "text", "text": text} for text in (prefix, suffix) if text is not None]
        content = [*parts[: prefix is not None], *content, *parts[prefix is not None :]]
    elif content is None or isinstance(content, str):
        content = _joined(prefix, content, suffix)
    else:
        raise RefusedError(errors.bad_body("the content of messages[0] is neither a string nor an array", "messages"))
    return [{**first, "content": content}, *messages[1:]]


def _parameters(name: str, template: TemplateConfig, document: Document) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for parameter, value in template.fixed.items():
        for given in _same(parameter):
            if document[given] not in (None, value):
                why = f"the template {name!r} sets {parameter} to a value of its own, so leave {given} out"
                raise RefusedError(errors.bad_body(why, given))
        if all(document[given] is None for given in _same(parameter)):
            changes[parameter] = value
    return changes | {
        parameter: value
        for parameter, value in template.defaults.items()
        if all(document[given] is None for given in _same(parameter))
    }


def _same(parameter: str) -> Collection[str]:
    return LONGEST_ANSWER if parameter in LONGEST_ANSWER else (parameter,)


def _joined(*texts: str | None) -> str:
    return BETWEEN.join(text for text in texts if text)
