"""What does the account hold before anything is deployed? The secrets that a user would have put there."""

from __future__ import annotations

import hashlib
import json
import uuid

from sandbox.aws.call import DEFAULT_REGION, Call

# Public on purpose: `berth-demo-key` opens a gateway of the sandbox and nothing else.
DEMO_KEY = "berth-demo-key"
SECRETS = {
    "huggingface/token": "hf-dummy-public",
    "berth/client-keys": json.dumps({"demo": hashlib.sha256(DEMO_KEY.encode()).hexdigest()}),
}
PUBLIC_VALUES = frozenset(SECRETS.values())


def calls() -> list[Call]:
    """The calls that make them, to be run and recorded like a user's own."""
    return [_create_secret(name, value) for name, value in SECRETS.items()]


def _create_secret(name: str, value: str) -> Call:
    token = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
    body = {"Name": name, "SecretString": value, "Description": "made by the sandbox", "ClientRequestToken": token}
    credential = f"sandbox/20000101/{DEFAULT_REGION}/secretsmanager/aws4_request"
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "secretsmanager.CreateSecret",
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential}",
    }
    return Call("POST", "/", headers, json.dumps(body).encode())
