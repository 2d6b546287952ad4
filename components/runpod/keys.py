"""Where does the RunPod API key come from? From the environment or AWS Secrets Manager, never from the stack.

Pulumi keeps a stack's whole configuration in the state of every dynamic resource; a key there would be in each
backup of it.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from components.errors import Problem, StackError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEY = "RUNPOD_API_KEY"
SECRET_ARN = "RUNPOD_API_KEY_SECRET_ARN"  # noqa: S105 - the name of a variable
REFUSED_CONFIG = "runpod:apiKey"
_ARN = re.compile(r"arn:[a-z0-9-]+:secretsmanager:(?P<region>[a-z0-9-]+):\d{12}:secret:\S+")
_PRINTABLE = re.compile(r"[!-~]+")


def secret_value(arn: str) -> str:
    """Read a secret of AWS Secrets Manager with the caller's own credentials; raises StackError when it cannot."""
    import boto3  # noqa: PLC0415 - only those who keep the key there need it
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    found = _ARN.fullmatch(arn)
    if found is None:
        # The value is not shown: whoever mixes the two variables up has put the key itself here.
        raise StackError([Problem(SECRET_ARN, "", "is not the ARN of a secret", "copy it from Secrets Manager")])
    try:
        answer = boto3.client("secretsmanager", region_name=found["region"]).get_secret_value(SecretId=arn)
    except (BotoCoreError, ClientError) as error:
        fix = "check the ARN, and that these AWS credentials may read it"
        raise StackError([Problem(SECRET_ARN, arn, f"cannot be read ({error})", fix)]) from None
    return answer.get("SecretString", "")


def api_key(environment: Mapping[str, str] = os.environ, read_secret: Callable[[str], str] = secret_value) -> str:
    """Return the key; raises StackError, which names where it was looked for and never shows it.

    >>> api_key({"RUNPOD_API_KEY": "rpa_EXAMPLE"})
    'rpa_EXAMPLE'
    """
    source, key = KEY, environment.get(KEY, "")
    if not key and environment.get(SECRET_ARN):
        source, key = SECRET_ARN, read_secret(environment[SECRET_ARN])
    key = key.strip()
    if not key:
        fix = f"export it, or export {SECRET_ARN} with the ARN of a secret that holds it"
        raise StackError([Problem(source, "", "is not set" if source == KEY else "names an empty secret", fix)])
    if not _PRINTABLE.fullmatch(key):
        fix = "store the key alone, as plain text"
        raise StackError([Problem(source, "", "holds more than a key: it has spaces or control characters", fix)])
    return key


def key_in_config() -> Problem:
    """Return the refusal of a key in the stack's configuration."""
    return Problem(
        REFUSED_CONFIG,
        "",
        "is refused: Pulumi writes a stack's configuration into the state of every RunPod resource",
        f"`pulumi config rm {REFUSED_CONFIG}`, make a new key, and export it as {KEY} or name it by {SECRET_ARN}",
    )
