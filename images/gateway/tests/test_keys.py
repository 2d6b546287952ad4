"""Whose key is it, and what may it use?"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from fake_clock import FakeClock
from gateway.access.keyring import KeyRing
from gateway.config.keys import KeyTerms
from gateway.config.load import ConfigError, load_config
from gateway.errors import RefusedError
from gateway.keys import ClientKeys, Key, KeysError
from hypothesis import given
from hypothesis import strategies as st
from running_gateway import environment

OLD, NEW = "sk-old-key", "sk-new-key"


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def document(**keys: Any) -> str:
    return json.dumps(keys)


def found(keys: ClientKeys, key: str) -> Key:
    one = keys.find(f"Bearer {key}")
    assert one is not None
    return one


def status_of(ring: KeyRing, key: str | None) -> int:
    """What a caller with this key is told."""
    try:
        ring.key_of(None if key is None else f"Bearer {key}")
    except RefusedError as refused:
        return refused.error.status
    return 200


def test_both_forms_of_a_key_are_read_and_defaults_fill_what_is_not_said():
    """A bare hash has the defaults; an object has its own terms, and null lifts a default."""
    raw = document(
        plain=digest("a"),
        full={
            "sha256": digest("b"),
            "requests_per_minute": 5,
            "tokens_per_minute": None,
            "expires": "2027-01-01T00:00:00Z",
        },
    )
    keys = ClientKeys.parse(raw).with_defaults(KeyTerms(requests_per_minute=60, tokens_per_minute=900, may_wake=True))
    assert found(keys, "a") == Key("plain", KeyTerms(requests_per_minute=60, tokens_per_minute=900, may_wake=True))
    full = found(keys, "b")
    assert (full.terms.requests_per_minute, full.terms.tokens_per_minute, full.terms.may_wake) == (5, None, True)
    assert full.expires_at == 1798761600.0
    assert len(keys) == 2


def test_a_key_may_have_two_hashes_while_its_caller_changes_over():
    """Both secrets are the same caller, with the same limits."""
    keys = ClientKeys.parse(document(team={"sha256": [digest(OLD), digest(NEW)], "concurrency": 2}))
    assert found(keys, OLD) is found(keys, NEW)
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"a": {"requests_per_minute": 1}}, "the key 'a' has no sha256; add the key's hash"),
        ({"a": {"sha256": []}}, "the value of 'a' is not a SHA-256 (64 hex digits); store the key's hash, not the key"),
        (
            {"a": {"sha256": digest("a"), "rpm": 1}},
            (
                "the key 'a' has a member that is not known; use some of: sha256, expires, requests_per_minute,"
                " tokens_per_minute, concurrency, usd_per_month, models, may_wake"
            ),
        ),
        (
            {"a": {"sha256": digest("a"), "concurrency": 0}},
            "concurrency of the key 'a' is not allowed; set it to a whole number, 1 or more",
        ),
        (
            {"a": {"sha256": digest("a"), "usd_per_month": -1}},
            "usd_per_month of the key 'a' is not allowed; set it to an amount in USD, more than 0",
        ),
        (
            {"a": {"sha256": digest("a"), "expires": "2027-01-01"}},
            "expires of the key 'a' is not allowed; set it to a date-time with its zone such as 2027-01-01T00:00:00Z",
        ),
        (
            {"a": digest("x"), "b": digest("x")},
            "the keys 'a' and 'b' have the same hash; give each caller a key of its own",
        ),
    ],
)
def test_a_bad_key_document_says_what_to_change_and_quotes_nothing(keys: dict[str, Any], message: str):
    """The place is the key's name; no value of the document is repeated."""
    with pytest.raises(KeysError) as caught:
        ClientKeys.parse(json.dumps(keys))
    assert str(caught.value) == message


def test_all_problems_of_a_key_document_are_reported_together():
    """One look at the log is enough to put the secret right."""
    with pytest.raises(KeysError) as caught:
        ClientKeys.parse(document(a="x", b={"sha256": digest("b"), "may_wake": "perhaps"}))
    assert str(caught.value).count(";") == 3
    assert "'a'" in str(caught.value)
    assert "may_wake of the key 'b'" in str(caught.value)


@given(
    raw=st.text()
    | st.recursive(st.none() | st.integers() | st.text(), lambda x: st.dictionaries(st.text(), x)).map(json.dumps)
)
def test_whatever_the_secret_holds_it_is_read_or_refused(raw: str):
    """Any text ends in keys or in a KeysError, never in another exception."""
    try:
        keys = len(ClientKeys.parse(raw))
    except KeysError:
        keys = 1
    assert keys >= 1


def test_an_expired_key_is_told_so():
    """From the second on that `expires` names; the answer differs from that to an unknown key."""
    clock = FakeClock(1798761599.0)
    keys = ClientKeys.parse(document(a={"sha256": digest(OLD), "expires": "2027-01-01T00:00:00Z"}))
    ring = KeyRing(keys, KeyTerms(), clock=clock)
    assert status_of(ring, OLD) == 200
    clock.advance(1)
    with pytest.raises(RefusedError) as caught:
        ring.key_of(f"Bearer {OLD}")
    assert (caught.value.error.status, caught.value.error.code) == (401, "expired_api_key")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"BERTH_CLIENT_KEYS_FILE": "/nowhere/keys.json"}, "BERTH_CLIENT_KEYS_FILE: /nowhere/keys.json cannot be read"),
        ({"BERTH_CLIENT_KEYS_SECRET": "keys"}, "region: not set, and keys.secret needs it; set it or AWS_REGION"),
        (
            {"BERTH_CLIENT_KEYS_SECRET": "keys", "BERTH_CLIENT_KEYS_FILE": "/x"},
            'keys: name either a mounted "file" or a "secret"',
        ),
        (
            {"BERTH_CLIENT_KEYS_SECRET": "keys", "BERTH_CLIENT_KEYS": document(a=digest("a"))},
            "client_keys: set beside keys.file or keys.secret; keep the keys in one place",
        ),
        (
            {"BERTH_CLIENT_KEYS": document(a={"sha256": digest("a"), "usd_per_month": 5})},
            (
                "BERTH_CLIENT_KEYS: the key 'a' has usd_per_month, but nobody knows what engine costs; set"
                " BERTH_USD_PER_HOUR, or a price for each upstream"
            ),
        ),
        (
            {"BERTH_CONFIG": '{"keys": {"defaults": {"usd_per_month": 5}}}'},
            (
                "BERTH_CONFIG: keys.defaults: usd_per_month is set, but nobody knows what engine costs; set"
                " BERTH_USD_PER_HOUR, or a price for each upstream"
            ),
        ),
    ],
)
def test_what_is_wrong_with_the_keys_is_said_at_the_start(settings: dict[str, str], problem: str):
    """With the name of the variable or the setting that the operator wrote."""
    with pytest.raises(ConfigError) as caught:
        load_config(environment(**settings))
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(problem)


def test_a_price_beside_the_url_makes_budgets_possible():
    """BERTH_USD_PER_HOUR belongs to BERTH_UPSTREAM_URL, as the stack sets both."""
    keys = document(a={"sha256": digest("a"), "usd_per_month": 5})
    config = load_config(environment(BERTH_CLIENT_KEYS=keys, BERTH_USD_PER_HOUR="1.5"))
    price = config.upstreams[0].price
    assert price is not None
    assert price.usd_per_hour == 1.5
    with pytest.raises(ConfigError) as caught:
        load_config(environment(BERTH_USD_PER_HOUR="0"))
    assert caught.value.problems == ["BERTH_USD_PER_HOUR: '0' is not allowed; set it to an amount in USD, more than 0"]
