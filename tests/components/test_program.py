"""The program of a stack: configuration in, services out, mistakes as one message."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pulumi
import pytest
import yaml
from pulumi.runtime.config import CONFIG

from components.contracts import SERVICE_OUTPUTS
from components.program import deploy
from components.stack import PUBLIC_PASSPHRASE

STACKS = Path(__file__).parents[2] / "stacks"


@pytest.fixture
def configure():
    """Set a stack's configuration as the language host does: text, and JSON for what is not."""
    token = CONFIG.set({})

    def configure(config):
        pulumi.runtime.set_all_config(
            {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
        )

    yield configure
    CONFIG.reset(token)


def stack_file(stack):
    return yaml.safe_load((STACKS / f"Pulumi.{stack}.yaml").read_text())["config"]


def test_stack_local_deploys_both_specs_on_every_target_with_one_network(run, configure):
    """The committed specs and stack file are planned and rendered as they are."""
    configure(stack_file("local"))
    made = run(lambda: deploy(STACKS), stack="local")
    assert {name: outputs["target"] for name, outputs in made.result.items()} == {
        "llama-3-1-8b": "ecs",
        "llama-3-1-8b-rp": "runpod",
        "llama-3-1-8b-sm": "sagemaker",
        "qwen-2-5-32b": "ecs",
        "qwen-2-5-32b-rp": "runpod",
        "qwen-2-5-32b-sm": "sagemaker",
    }
    assert len([one for one in made.resources if one.type == "berth:index:Network"]) == 1
    for outputs in made.result.values():
        assert set(SERVICE_OUTPUTS) <= set(outputs)
        assert outputs["estimate"].keys() == {"floor", "expected", "max", "shared"}


KEPT = {"name": "chat", "schedule": {"hours": "Mon-Fri 08:00-20:00 Europe/Berlin"}, "model": {"token_secret": None}}


def of_runpod(**overrides):
    """A stack with one kept service on RunPod and nothing in AWS."""
    entry = {"spec": "services/llama-3-1-8b.yaml", "target": "runpod"}
    own = {**KEPT, "runpod": {"token_secret": "hf"}, "gateway": {"keys_secret": None}, **overrides}
    return {"berth:environment": "dev", "berth:services": [{**entry, "overrides": own}]}


def test_a_stack_on_runpod_alone_needs_no_aws(run, configure):
    """Neither a region nor a function; whoever runs `berth keeper run` moves the workers, and no deployment does."""
    configure(of_runpod())
    made = run(lambda: deploy(STACKS), stack="dev")
    assert [one.type for one in made.resources if one.type.startswith(("aws:", "berth:keeper"))] == []
    assert made.calls == []
    endpoint = made.of("dynamic/runpod:Endpoint", "chat-endpoint").inputs
    assert endpoint["scheduleManaged"] is True
    told = made.result["chat"]["keeper"]
    assert (told["owns"], told["parameters"], told["function"]) == (True, {}, None)
    assert json.loads(told["document"])["runpod"]["endpoint_id"] == "chat-endpoint-endpoint-id"
    assert made.result["chat"]["state"] == "kept"


def test_a_front_on_runpod_needs_a_region(run, configure):
    """It runs in AWS."""
    configure({**of_runpod(gateway={"front": True}), "berth:images": {"gateway": "gateway:1"}})
    with pytest.raises(pulumi.RunError) as error:
        run(lambda: deploy(STACKS), stack="dev")
    assert str(error.value) == (
        "stacks/Pulumi.dev.yaml: aws:region: is missing; pulumi config set --stack dev aws:region us-east-1"
    )


def test_a_kept_service_is_deployed_with_its_keeper(run, configure, tmp_path, account):
    """The function is there before the service, what belongs to that after it; its zip is in the build folder."""
    shutil.copytree(STACKS, tmp_path / "stacks", symlinks=True)
    own = {**KEPT, "model": {}}
    entry = {"spec": "services/llama-3-1-8b.yaml", "target": "ecs", "overrides": own}
    images = {"gateway": "gateway:1", "weight_cache": "cache:1"}
    settings = {"berth:environment": "dev", "berth:images": images, "berth:services": [entry]}
    configure({"aws:region": "us-east-1", **settings})
    account.secrets["huggingface/token"] = account.secrets["berth/client-keys"]
    made = run(lambda: deploy(tmp_path / "stacks"), stack="dev")
    assert made.result["chat"]["keeper"]["function"] == "berth-dev-keeper"
    names = [one.name for one in made.resources]
    assert names.index("keeper-function") < names.index("chat-service") < names.index("chat-config")
    [zip_file] = (tmp_path / ".berth").iterdir()
    assert zip_file.name.startswith("keeper-")
    hours = json.loads(made.of("ssm/parameter:Parameter", "chat-config").inputs["insecureValue"])["hours"]
    assert hours == "Mon-Fri 08:00-20:00 Europe/Berlin"


def test_a_mistake_ends_as_one_message(run, configure):
    """A user sees places and fixes, and no traceback."""
    configure({"aws:region": "us-east-1", "berth:enviroment": "dev", "berth:images": {"gateway": "g:1"}})
    with pytest.raises(pulumi.RunError) as error:
        run(lambda: deploy(STACKS))
    assert str(error.value).splitlines() == [
        "stacks/Pulumi.dev.yaml: berth:environment: is missing; set it, as in stacks/Pulumi.local.yaml",
        "stacks/Pulumi.dev.yaml: berth:services: is missing; set it, as in stacks/Pulumi.local.yaml",
        "stacks/Pulumi.dev.yaml: berth:enviroment: is not a setting; did you mean environment?",
    ]


def test_a_missing_region_is_asked_for(run, configure):
    """Nothing is planned for a region that nobody named."""
    configure({key: value for key, value in stack_file("local").items() if key != "aws:region"})
    with pytest.raises(pulumi.RunError) as error:
        run(lambda: deploy(STACKS), stack="local")
    assert str(error.value) == (
        "stacks/Pulumi.local.yaml: aws:region: is missing; pulumi config set --stack local aws:region us-east-1"
    )


def test_the_public_passphrase_is_refused_outside_stack_local(run, configure, monkeypatch):
    """Secrets of a real stack are not encrypted with a passphrase that stands in a repository."""
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", PUBLIC_PASSPHRASE)
    configure(stack_file("dev"))
    with pytest.raises(pulumi.RunError) as error:
        run(lambda: deploy(STACKS), stack="dev")
    assert str(error.value) == (
        "PULUMI_CONFIG_PASSPHRASE: is the public passphrase of stack local, and would protect nothing in stack dev; "
        "init the stack in a new shell, without the sandbox's environment, or give it a secrets provider: "
        "pulumi stack change-secrets-provider --stack dev awskms://KEY"
    )


def test_stack_prod_asks_for_what_only_its_owner_knows(run, configure):
    """Nothing is invented: the images are asked for, and with them the revisions."""
    config = stack_file("prod")
    configure(config)
    with pytest.raises(pulumi.RunError) as error:
        run(lambda: deploy(STACKS), stack="prod")
    assert [line.partition(": is missing;")[0] for line in str(error.value).splitlines()] == [
        "stacks/Pulumi.prod.yaml: berth:images.gateway",
        "stacks/Pulumi.prod.yaml: berth:images.weight_cache",
    ]
    digest = "@sha256:" + "0" * 64
    configure({**config, "berth:images": {"gateway": f"g{digest}", "weight_cache": f"w{digest}"}})
    with pytest.raises(pulumi.RunError, match=r"model\.revision"):
        run(lambda: deploy(STACKS), stack="prod")


def test_a_secret_missing_for_any_service_is_reported_before_anything_is_made(run, recorded, account, configure):
    """All services are looked up before the first resource, and every missing secret is named."""
    account.secrets.clear()
    configure(stack_file("local"))
    with pytest.raises(pulumi.RunError) as error:
        run(lambda: deploy(STACKS), stack="local")
    assert [line.partition(" could not")[0] for line in str(error.value).splitlines()] == [
        "llama-3-1-8b: model.token_secret: huggingface/token",
        "llama-3-1-8b: gateway.keys_secret: berth/client-keys",
        "qwen-2-5-32b: gateway.keys_secret: berth/client-keys",
    ]
    assert [made for made in recorded.resources if made.type != "pulumi:pulumi:Stack"] == []


def test_a_service_is_made_after_the_endpoint_that_it_falls_back_on(run, recorded, configure, account):
    """The id that RunPod chooses reaches the gateway of the service before, and the outputs keep their order."""
    account.secrets["runpod/api-key"] = "arn:aws:secretsmanager:us-east-1:123456789012:secret:runpod/api-key-AbCdEf"
    config = stack_file("local")
    by_target = {entry["target"]: entry for entry in reversed(config["berth:services"])}
    fallback = [{"service": by_target["runpod"]["overrides"]["name"], "key_secret": "runpod/api-key"}]
    first = {**by_target["ecs"], "overrides": {"gateway": {"fallback": fallback}}}
    configure({**config, "berth:services": [first, by_target["runpod"]]})
    made = run(lambda: deploy(STACKS), stack="local")
    assert [outputs["target"] for outputs in made.result.values()] == ["ecs", "runpod"]
    [task] = [one for one in made.resources if one.type.endswith(":TaskDefinition")]
    gateway = json.loads(task.inputs["containerDefinitions"])[2]
    [told] = [one["value"] for one in gateway["environment"] if one["name"] == "BERTH_CONFIG"]
    peer = json.loads(told)["upstreams"][1]
    assert (peer["kind"], peer["key"]) == ("runpod", {"env": "BERTH_FALLBACK_1_KEY"})
    assert peer["endpoint_id"] == f"{fallback[0]['service']}-endpoint-endpoint-id"
    assert gateway["secrets"] == [{"name": "BERTH_FALLBACK_1_KEY", "valueFrom": account.secrets["runpod/api-key"]}]
