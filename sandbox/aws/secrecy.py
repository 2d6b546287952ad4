"""What of a call may be written down? Everything but signatures and secret values.

The running process keeps the real values; after a restart a secret holds a placeholder, equal for equal values.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from moto.ssm.models import ssm_backends

from sandbox.aws.moto_settings import ACCOUNT_ID

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.aws.call import Call

_SECRET_MEMBERS = {
    "secretsmanager": frozenset({"SecretString", "SecretBinary"}),
    "acm": frozenset({"PrivateKey", "Passphrase"}),
    "iam": frozenset({"Password", "NewPassword", "OldPassword", "PrivateKey"}),
    "kms": frozenset({"Plaintext", "EncryptedKeyMaterial"}),
    "rds": frozenset({"MasterUserPassword"}),
}
# Everything that moto needs of a header; an SDK adds versions of the user's machine, dates and signatures.
_KEPT_HEADERS = frozenset({"content-type", "content-encoding", "content-md5", "host", "x-amz-target", "authorization"})
_DROPPED_AMZ_HEADERS = frozenset({"x-amz-security-token", "x-amz-date", "x-amz-user-agent"})


class Redactor:
    """Replaces secret values by a keyed hash: two versions of a secret stay different, none can be guessed."""

    def __init__(self, key_file: Path, public: frozenset[str] = frozenset()) -> None:
        self._public = public
        self._key_file = key_file
        self._key: bytes | None = None

    def redacted(self, call: Call) -> Call:
        """The call as it may be recorded."""
        return dataclasses.replace(call, headers=_kept_headers(call), body=self._body(call))

    def _body(self, call: Call) -> bytes:
        members = _secret_members(call)
        if not members:
            return call.body
        if call.form:
            fields = parse_qsl(call.body.decode(), keep_blank_values=True)
            return urlencode([(k, self._placeholder(v) if k in members else v) for k, v in fields]).encode()
        try:
            document = json.loads(call.body)
        except ValueError:
            return b"{}"  # moto refuses it, and what is in it is nobody's business
        return json.dumps({k: self._placeholder(v) if k in members else v for k, v in document.items()}).encode()

    def _placeholder(self, value: Any) -> str:
        if value in self._public:
            return str(value)
        text = value if isinstance(value, str) else json.dumps(value)
        digest = hmac.new(self._load_key(), text.encode(), hashlib.sha256).hexdigest()[:24]
        return f"sandboxplaceholder{digest}=="  # legal base64, for binary members

    def _load_key(self) -> bytes:
        if self._key is None:
            if not self._key_file.exists():
                self._key_file.parent.mkdir(parents=True, exist_ok=True)
                self._key_file.touch(mode=0o600)
                self._key_file.write_bytes(secrets.token_bytes(32))
            self._key = self._key_file.read_bytes()
        return self._key


def holds_secret(call: Call) -> bool:
    return bool(_secret_members(call))


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
