"""Is a wrong environment refused as a whole, and a right one read exactly?"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import tomllib
from pathlib import Path

import pytest
import yaml
from gateway.config.load import ConfigError, load_config
from gateway.config.reference import rewritten, tables
from gateway.keys import ClientKeys, KeysError
from running_gateway import environment

KEY = "sk-the-plain-key"
DIGEST = hashlib.sha256(KEY.encode()).hexdigest()


def test_a_complete_environment_is_read_with_its_defaults():
    """Port, namespace and body limit have defaults; spaces around a value and a slash after the origin are dropped."""
    config = load_config(environment(BERTH_UPSTREAM_URL=" http://127.0.0.1:8000/ ", BERTH_DRAIN_SECONDS="0"))
    (engine,) = config.upstreams
    assert (engine.name, engine.kind, engine.url) == ("engine", "openai", "http://127.0.0.1:8000")
    assert (config.stack, config.service, config.model_name) == ("local", "chat", "org/model")
    assert (config.max_request_seconds, config.drain_seconds) == (10.0, 0.0)
    assert (config.port, config.metrics_namespace, config.limits.max_body_bytes) == (8080, "Berth", 16777216)
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
        "BERTH_MODEL_NAME: ' ' is not allowed; set it to the model's name as clients send it",
        "BERTH_MAX_REQUEST_SECONDS: '0' is not allowed; set it to seconds, more than 0",
        "BERTH_DRAIN_SECONDS: 'nan' is not allowed; set it to seconds, 0 or more",
        (
            "BERTH_UPSTREAM_URL: '127.0.0.1:8000' is not allowed; set it to http(s)://host[:port][/path] or "
            "unix:///path/of/a.sock"
        ),
        "BERTH_PORT: '70000' is not allowed; set it to a port from 1 to 65535",
        "BERTH_CLIENT_KEYS: holds no key, so nobody could call; add one, or leave the variable out to run open",
    ]


@pytest.mark.parametrize(
    "url",
    ["ftp://h:1", "http://", "http://h/../x", "http://h:1?x", "http://h:99999", "http://u:p@h:1", "unix://a.sock"],
)
def test_an_upstream_that_is_no_base_url_is_refused(url: str):
    """A query, credentials or another scheme would be dropped silently: they are refused."""
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


def test_the_readme_has_the_tables_of_today():
    """Every setting is there with its docstring; `python -m gateway.config.reference README.md` puts it there."""
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    assert rewritten(readme) == readme
    assert all(f"| `{name}`" in tables() for name in ("stack", "endpoint_id", "fallback_statuses", "max_head_bytes"))


def test_a_document_and_variables_make_one_configuration(tmp_path: Path):
    """YAML or JSON, mounted or inline; a variable wins over the document, and fills what it leaves out."""
    document = {
        "service": "from-the-file",
        "port": 9000,
        "upstreams": [{"name": "a", "url": "https://h/openai/v1/"}],
        "routes": [{"models": ["m"], "upstreams": ["a"], "balance": "round_robin"}],
        "limits": {"max_body_bytes": 5, "max_body_seconds": 2.5},
    }
    plain = environment(BERTH_MAX_BODY_BYTES="7")
    del plain["BERTH_UPSTREAM_URL"]
    for name, text in (("c.json", json.dumps(document)), ("c.yaml", yaml.safe_dump(document))):
        path = tmp_path / name
        path.write_text(text)
        assert load_config(plain | {"BERTH_CONFIG_FILE": str(path)}) == load_config(
            plain | {"BERTH_CONFIG": json.dumps(document)}
        )
    config = load_config(plain | {"BERTH_CONFIG_FILE": str(tmp_path / "c.yaml")})
    assert (config.service, config.port, config.upstreams[0].url) == ("chat", 9000, "https://h/openai/v1")
    assert (config.limits.max_body_bytes, config.limits.max_body_seconds) == (7, 2.5)
    assert config.routes[0].balance == "round_robin"


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"BERTH_CONFIG": "{"}, "BERTH_CONFIG: Expecting property name enclosed in double quotes: line 1 column 2"),
        ({"BERTH_CONFIG": "[]"}, "BERTH_CONFIG: is not an object; write settings by name"),
        ({"BERTH_CONFIG": "{}", "BERTH_CONFIG_FILE": "x"}, "BERTH_CONFIG: set beside BERTH_CONFIG_FILE; leave one of"),
        ({"BERTH_CONFIG_FILE": "/nowhere/c.json"}, "BERTH_CONFIG_FILE: /nowhere/c.json cannot be read (FileNotFound"),
        (
            {"BERTH_CONFIG": '{"upstreams": []}'},
            "BERTH_UPSTREAM_URL: set beside 'upstreams' in BERTH_CONFIG; leave one",
        ),
    ],
)
def test_a_document_that_cannot_be_used_says_why(variables: dict[str, str], problem: str):
    """One line with the place and the fix."""
    with pytest.raises(ConfigError) as caught:
        load_config(environment(**variables))
    assert caught.value.problems[0].startswith(problem)


def test_every_problem_of_a_document_is_named_by_its_place():
    """Unknown names with the nearest one, wrong kinds, missing fields, bad references; a key in plain is not shown."""
    upstreams = [
        {"name": "a", "kind": "bedrock"},
        {"name": "b", "url": "http://h", "key": "sk-plain", "healthpath": "/x"},
        {"name": "c", "kind": "runpod", "endpoint_id": "A!", "key": {"env": "X", "file": "y"}},
        {"name": "d", "kind": "sagemaker", "endpoint": "e", "regoin": "us-east-1"},
    ]
    routes = [{"upstreams": [], "balance": "random", "fallback_statuses": [99]}]
    plain = environment()
    del plain["BERTH_UPSTREAM_URL"]
    with pytest.raises(ConfigError) as caught:
        load_config(plain | {"BERTH_CONFIG": json.dumps({"upstreams": upstreams, "routes": routes, "stak": 1})})
    assert caught.value.problems == [
        "BERTH_CONFIG: upstreams[0].kind: 'bedrock' is not allowed; set it to openai or sagemaker or runpod",
        'BERTH_CONFIG: upstreams[1].key: the value is not allowed; set it to {"env": NAME} or {"file": PATH}',
        "BERTH_CONFIG: upstreams[1].healthpath: unknown; did you mean health_path?",
        "BERTH_CONFIG: upstreams[2].endpoint_id: 'A!' is not allowed; set it to the endpoint's id",
        'BERTH_CONFIG: upstreams[2].key: name either an environment variable ("env") or a mounted "file"',
        "BERTH_CONFIG: upstreams[3].region: not set; set it to its AWS region such as us-east-1",
        "BERTH_CONFIG: upstreams[3].regoin: unknown; did you mean region?",
        "BERTH_CONFIG: routes[0].upstreams: [] is not allowed; set it to a list of upstreams' names",
        "BERTH_CONFIG: routes[0].balance: 'random' is not allowed; set it to least_loaded or round_robin",
        "BERTH_CONFIG: routes[0].fallback_statuses[0]: 99 is not allowed; set it to a list of statuses from 400 to 599",
        "BERTH_CONFIG: stak: unknown; did you mean stack?",
    ]


def test_names_must_be_each_others():
    """Two upstreams of one name, and routes that lead nowhere, are found with all their places."""
    upstreams = [{"name": "a", "url": "http://x"}, {"name": "a", "url": "http://y"}]
    routes = [{"upstreams": ["a", "b"], "fallback": ["c"]}]
    plain = environment()
    del plain["BERTH_UPSTREAM_URL"]
    with pytest.raises(ConfigError) as caught:
        load_config(plain | {"BERTH_CONFIG": json.dumps({"upstreams": upstreams, "routes": routes})})
    assert caught.value.problems == [
        "BERTH_CONFIG: upstreams: 'a' is the name of 2 upstreams; give each a name of its own",
        "BERTH_CONFIG: routes[0].upstreams[1]: 'b' is not an upstream; use one of: a",
        "BERTH_CONFIG: routes[0].fallback[0]: 'c' is not an upstream; use one of: a",
    ]


def test_the_image_has_the_versions_that_are_tested_here():
    """Each exact pin of the image's own pyproject is what is installed in this environment."""
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    wanted = dict(one.partition(";")[0].strip().split("==") for one in pinned)
    assert {name: importlib.metadata.version(name) for name in wanted} == wanted
