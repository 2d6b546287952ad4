"""How a spec refers to a secret: by name or ARN in Secrets Manager, never by value."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from components.spec.values import refusal

_NAME = r"[A-Za-z0-9/_+=.@-]{1,512}"
_ARN = rf"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{{12}}:secret:{_NAME}"
LOOKS_LIKE_A_VALUE = re.compile(r"(?<![\w/.-])(hf_|sk-|rpa_|AKIA|eyJ)[\w.-]+")


def _check_reference(value: str) -> str:
    if LOOKS_LIKE_A_VALUE.match(value):
        raise refusal(
            "looks like the secret itself, not like its name",
            "store it in Secrets Manager, write that secret's name here, and revoke the value that stood in the file",
        )
    if not re.fullmatch(f"{_ARN}|{_NAME}", value):
        raise refusal("is not a secret's name or ARN", 'write the name, as "huggingface/token", or the whole ARN')
    return value


SecretReference = Annotated[str, AfterValidator(_check_reference)]
