"""Is a wrong environment refused as a whole, and a right one read exactly?"""

from __future__ import annotations

import hashlib
import json

import pytest
from gateway.config import ConfigError, load_config
from gateway.keys import ClientKeys, KeysError
from running_gateway import environment

KEY = "sk-the-plain-key"
DIGEST = hashlib.sha256(KEY.encode()).hexdigest()


def test_a_complete_environment_is_read_with_its_defaults():
    """Port, namespace and body limit have defaults; spaces around a value and a slash after the origin are dropped."""
    config = load_config(environment(BERTH_UPSTREAM_URL=" http://127.0.0.1:8000/ ", BERTH_DRAIN_SECONDS="0"))
    assert config.upstream_url == "http://127.0.0.1:8000"
    assert (config.stack, config.service, config.model_name) == ("local", "chat", "org/model")
    assert (config.max_request_seconds, config.drain_seconds) == (10.0, 0.0)
    assert (config.port, config.metrics_namespace, config.max_body_bytes) == (8080, "Berth", 16777216)
    assert config.client_keys is None


def test_all_problems_are_reported_together():
    """One start shows everything that must be put right."""
    with pytest.raises(ConfigError) as caught:
        load_config(
            {
                "BERTH_SERVICE": "chat",
                "BERTH_UPSTREAM_URL": "127.0.0.1:8000",
                "BERTH_MODEL_NAME": " ",
                "BERTH_MAX_REQUEST_SECONDS": "0",
                "BERTH_DRAIN_SECONDS": "nan",
                "BERTH_PORT": "70000",
                "BERTH_CLIENT_KEYS": "{}",
            }
        )
    assert caught.value.problems == [
        "BERTH_STACK: not set; set it to the name of the stack",
        "BERTH_UPSTREAM_URL: '127.0.0.1:8000' is not allowed; set it to http://host:port of the engine, without a path",
        "BERTH_MODEL_NAME: ' ' is not allowed; set it to the model's name as clients send it",
        "BERTH_MAX_REQUEST_SECONDS: '0' is not allowed; set it to seconds, more than 0",
        "BERTH_DRAIN_SECONDS: 'nan' is not allowed; set it to seconds, 0 or more",
        "BERTH_PORT: '70000' is not allowed; set it to a port from 1 to 65535",
        "BERTH_CLIENT_KEYS: holds no key, so nobody could call; add one, or leave the variable out to run open",
    ]


@pytest.mark.parametrize(
    "url", ["ftp://h:1", "http://", "http://h:1/v1", "http://h:1?x", "http://h:99999", "http://user:pass@h:1"]
)
def test_an_upstream_that_is_not_an_origin_is_refused(url: str):
    """A path, credentials or another scheme would be dropped silently: they are refused."""
    with pytest.raises(ConfigError, match=r"^BERTH_UPSTREAM_URL: "):
        load_config(environment(BERTH_UPSTREAM_URL=url))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("", "not JSON; the secret must hold"),
        (KEY, "not JSON; the secret must hold"),
        (json.dumps([KEY]), "not a JSON object; the secret must hold"),
        (
            json.dumps({"a": KEY}),
            "the value of 'a' is not a SHA-256 (64 hex digits); store the key's hash, not the key",
        ),
        (json.dumps({"a": 7}), "the value of 'a' is not a SHA-256 (64 hex digits); store the key's hash, not the key"),
        (json.dumps({" ": DIGEST}), "a key has no name; the secret must hold"),
        (f'{{"a": "{DIGEST}", "a": "{DIGEST}"}}', "the key 'a' is there twice; give each key a name of its own"),
    ],
)
def test_malformed_keys_are_refused_without_being_quoted(raw: str, message: str):
    """A plain key put where its hash belongs does not end up in the log either."""
    with pytest.raises(KeysError) as caught:
        ClientKeys.parse(raw)
    assert str(caught.value).startswith(message)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("authorization", "name"),
    [
        (f"Bearer {KEY}", "a"),
        (f"bearer {KEY} ", "a"),
        ("Bearer sk-other", "b"),
        (f"Basic {KEY}", None),
        (f"Bearer {DIGEST}", None),
        (f"Bearer {KEY}x", None),
        ("Bearer ", None),
        ("Bearer \udcff", None),
        (KEY, None),
        ("", None),
        (None, None),
    ],
)
def test_a_key_is_known_by_its_hash_alone(authorization: str | None, name: str | None):
    """Only `Bearer` with a key whose SHA-256 is listed has a name; the hash itself opens nothing."""
    keys = ClientKeys.parse(json.dumps({"a": DIGEST.upper(), "b": hashlib.sha256(b"sk-other").hexdigest()}))
    assert keys.name_of(authorization) == name
