"""What of a call may be written down? Everything but signatures and secret values.

The running process keeps the real values; after a restart a secret holds a placeholder, equal for equal values.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from moto.ssm.models import ssm_backends

from sandbox.aws.moto_settings import ACCOUNT_ID
from sandbox.placeholders import Placeholders

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.aws.call import Call

_SECRET_MEMBERS = {
    "secretsmanager": frozenset({"SecretString", "SecretBinary"}),
    "acm": frozenset({"PrivateKey", "Passphrase"}),
    "iam": frozenset({"Password", "NewPassword", "OldPassword", "PrivateKey"}),
    "kms": frozenset({"Plaintext", "EncryptedKeyMaterial"}),
    "rds": frozenset({"MasterUserPassword"}),
}
# Operation -> the maps of environment variables in its request, by path; `*` is each item of a list.
_ENVIRONMENTS = {
    ("sagemaker", "CreateModel"): (("PrimaryContainer", "Environment"), ("Containers", "*", "Environment")),
    ("lambda", "CreateFunction"): (("Environment", "Variables"),),
    ("lambda", "UpdateFunctionConfiguration"): (("Environment", "Variables"),),
}
# A word of an environment variable's name that says that its value is secret; MAX_INPUT_TOKENS says nothing.
_SECRET_WORDS = frozenset(
    {"APIKEY", "KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "CREDENTIALS"}
)
# A Hugging Face token is one under any name. An ARN says where a secret is; a number or a flag is none.
_SECRET_VALUE, _OPEN_VALUE = re.compile(r"hf_\w{8,}"), re.compile(r"arn:.*|[\d.]+|true|false|", re.IGNORECASE)
# Everything that moto needs of a header; an SDK adds versions of the user's machine, dates and signatures.
_KEPT_HEADERS = frozenset({"content-type", "content-encoding", "content-md5", "host", "x-amz-target", "authorization"})
_DROPPED_AMZ_HEADERS = frozenset({"x-amz-security-token", "x-amz-date", "x-amz-user-agent"})


class Redactor:
    """Replaces secret values by a keyed hash: two versions of a secret stay different, none can be guessed."""

    def __init__(self, key_file: Path, public: frozenset[str] = frozenset()) -> None:
        self._public = public
        self._placeholders = Placeholders(key_file)

    def redacted(self, call: Call) -> Call:
        """The call as it may be recorded."""
        return dataclasses.replace(call, headers=_kept_headers(call), body=self._body(call))

    def _body(self, call: Call) -> bytes:
        members, environments = _secret_members(call), _ENVIRONMENTS.get((call.service, call.operation), ())
        if not (members or environments):
            return call.body
        if call.form:
            fields = parse_qsl(call.body.decode(), keep_blank_values=True)
            return urlencode([(k, self._placeholder(v) if k in members else v) for k, v in fields]).encode()
        try:
            document = json.loads(call.body)
        except ValueError:
            return b"{}"  # moto refuses it, and what is in it is nobody's business
        if not members:
            redacted = [self._redact_environments(document, path) for path in environments]
            return json.dumps(document).encode() if any(redacted) else call.body
        return json.dumps({k: self._placeholder(v) if k in members else v for k, v in document.items()}).encode()

    def _redact_environments(self, document: Any, path: tuple[str, ...]) -> bool:
        """Replace the secret ones of the environment variables at `path`; whether there were any."""
        secret = [
            (environment, name)
            for environment in _found(document, path)
            for name, value in environment.items()
            if _is_secret_variable(name, value)
        ]
        for environment, name in secret:
            environment[name] = self._placeholder(environment[name])
        return bool(secret)

    def _placeholder(self, value: Any) -> str:
        if value in self._public:
            return str(value)
        return self._placeholders.of(value if isinstance(value, str) else json.dumps(value))


def holds_secret(call: Call) -> bool:
    return bool(_secret_members(call) or (call.service, call.operation) in _ENVIRONMENTS)


def _found(document: Any, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The maps at a path, as far as the document has its form."""
    if not path:
        if isinstance(document, dict):
            yield document
    elif path[0] == "*":
        for item in document if isinstance(document, list) else []:
            yield from _found(item, path[1:])
    elif isinstance(document, dict):
        yield from _found(document.get(path[0]), path[1:])


def _is_secret_variable(name: str, value: object) -> bool:
    if not isinstance(value, str) or _OPEN_VALUE.fullmatch(value):
        return False
    return bool(_SECRET_WORDS & set(re.split(r"[^A-Z]+", name.upper())) or _SECRET_VALUE.search(value))


def _secret_members(call: Call) -> frozenset[str]:
    if call.service == "ssm":
        return frozenset({"Value"}) if call.operation == "PutParameter" and _is_secure(call) else frozenset()
    return _SECRET_MEMBERS.get(call.service, frozenset())


def _is_secure(call: Call) -> bool:
    """Whether a parameter is a secret; an overwrite may leave the type out, then the parameter has it by now."""
    kind = call.params.get("Type")
    if kind is None:
        known = ssm_backends[ACCOUNT_ID][call.region].get_parameters([call.params.get("Name", "")])
        kind = next((parameter.parameter_type for parameter in known.values()), "SecureString")
    return kind == "SecureString"


def _kept_headers(call: Call) -> dict[str, str]:
    kept = {
        name: value
        for name, value in call.headers.items()
        if name in _KEPT_HEADERS or (name.startswith("x-amz-") and name not in _DROPPED_AMZ_HEADERS)
    }
    # Routing needs region and service; the access key and the signature are dropped.
    kept["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential=sandbox/20000101/{call.region}/{call.signing_name}/aws4_request"
    )
    return kept
