"""The configuration of a stack: all its problems at once, and the plans of its services."""

from __future__ import annotations

from datetime import date

import pytest

from components.errors import BerthError, StackError
from components.stack import PUBLIC_PASSPHRASE, StackConfig, plan_services, refuse_public_passphrase

SPEC = """
name: {name}
model: {{id: Qwen/Qwen2.5-7B-Instruct}}
accelerators: [L4]
"""


@pytest.fixture
def directory(tmp_path):
    """A folder of stack files with two specs."""
    folder = tmp_path / "stacks"
    (folder / "services").mkdir(parents=True)
    for name in ("chat", "code"):
        (folder / "services" / f"{name}.yaml").write_text(SPEC.format(name=name))
    return folder


def settings(*services, **changes):
    return {
        "environment": "dev",
        "images": {"gateway": "g:1", "weight_cache": "w:1"},
        "services": list(services) or [{"spec": "services/chat.yaml", "target": "ecs"}],
        **changes,
    }


def problems(raw, directory, stack="dev"):
    with pytest.raises(StackError) as error:
        StackConfig.parse(raw, stack=stack, directory=directory)
    return str(error.value).splitlines()


def planned(config, directory):
    return plan_services(config, stack="dev", region="us-east-1", directory=directory, today=date(2026, 11, 21))


def test_a_stack_plans_its_services_in_order(directory):
    """Tags of the stack, environment and images reach every plan."""
    raw = settings(
        {"spec": "services/code.yaml", "target": "ecs"},
        {"spec": "services/chat.yaml", "target": "ecs", "overrides": {"scaling": {"max_replicas": 2}}},
        tags={"owner": "ml"},
        environment="staging",
    )
    found = planned(StackConfig.parse(raw, stack="dev", directory=directory), directory)
    assert [(one.plan.service, one.plan.scaling.max_replicas) for one in found] == [("code", 1), ("chat", 2)]
    assert {one.plan.environment for one in found} == {"staging"}
    assert {one.plan.tags["owner"] for one in found} == {"ml"}
    assert {one.plan.gateway.image for one in found} == {"g:1"}


def test_all_problems_are_reported_together(directory):
    """A user corrects a stack file once."""
    raw = settings(
        {"spec": "services/chats.yaml", "target": "esc"},
        {"spec": "services/code.yaml", "target": "sagemakr"},
    )
    assert problems(raw, directory, stack="Dev") == [
        (
            "stack: Dev is not a name that AWS resources can carry; "
            "use up to 40 lower-case letters, digits and dashes, starting with a letter"
        ),
        "stacks/Pulumi.Dev.yaml: berth:services[0].target: esc is not a target; did you mean ecs?",
        (
            "stacks/Pulumi.Dev.yaml: berth:services[0].spec: services/chats.yaml is not a file in stacks/; "
            "did you mean services/chat.yaml?"
        ),
        "stacks/Pulumi.Dev.yaml: berth:services[1].target: sagemakr is not a target; did you mean sagemaker?",
    ]


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        (settings(tag={}), "berth:tag: is not a setting; did you mean tags?"),
        (
            settings({"spec": "services/chat.yaml", "target": "ecs", "override": {}}),
            "berth:services[0].override: is not a setting; did you mean overrides?",
        ),
        (
            settings(images={"gatway": "g:1", "gateway": "g:1", "weight_cache": "w:1"}),
            "berth:images.gatway: is not a setting; did you mean gateway?",
        ),
        (
            settings({"spec": "services/chat.yaml"}),
            "berth:services[0].target: is missing; set it, as in stacks/Pulumi.local.yaml",
        ),
        (
            settings(environment="Prod!"),
            "berth:environment: Prod! is not a name; use lower-case letters, digits and dashes",
        ),
        (
            settings(services="services/chat.yaml"),
            "berth:services: services/chat.yaml is not a list; see stacks/Pulumi.local.yaml",
        ),
        (settings(images="g:1"), "berth:images: g:1 is not a mapping; see stacks/Pulumi.local.yaml"),
        (settings(services=[]), "berth:services: is empty; name a service, as in stacks/Pulumi.local.yaml"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place(directory, raw, line):
    """Place, value and fix of each kind of mistake."""
    assert problems(raw, directory) == [f"stacks/Pulumi.dev.yaml: {line}"]


def test_missing_images_are_asked_for_with_the_command(directory):
    """Nothing is invented: both images, and how to set them."""
    raw = settings()
    del raw["images"]
    assert problems(raw, directory, stack="prod") == [
        f"stacks/Pulumi.prod.yaml: berth:images.{name}: is missing; build images/{name}, push it, and set what the "
        f"push printed: pulumi config set --stack prod --path 'berth:images.{name}' NAME@sha256:DIGEST"
        for name in ("gateway", "weight_cache")
    ]


def test_a_stack_without_ecs_needs_no_images_of_ours(directory):
    """Gateway and weight cache are rendered on ECS alone."""
    raw = settings({"spec": "services/chat.yaml", "target": "sagemaker"})
    del raw["images"]
    assert StackConfig.parse(raw, stack="prod", directory=directory).images.gateway is None


def test_a_front_needs_the_image_of_the_gateway_on_every_target(directory):
    """It is the one that runs beside engines; the message has the command that sets it."""
    front = {"gateway": {"front": True, "keys_secret": "berth/client-keys"}}
    raw = settings({"spec": "services/chat.yaml", "target": "sagemaker", "overrides": front})
    del raw["images"]
    with pytest.raises(BerthError) as error:
        planned(StackConfig.parse(raw, stack="dev", directory=directory), directory)
    assert str(error.value) == (
        "stacks/Pulumi.dev.yaml: berth:images.gateway: is missing; build images/gateway, push it, and set what the "
        "push printed: pulumi config set --stack dev --path 'berth:images.gateway' NAME@sha256:DIGEST"
    )
    raw["images"] = {"gateway": "g:1"}
    [one] = planned(StackConfig.parse(raw, stack="dev", directory=directory), directory)
    assert one.plan.front.gateway.image == "g:1"


def test_a_fallback_is_a_service_of_the_stack(directory):
    """A name that is none is refused for the whole stack, before anything is looked up."""
    fallback = {"gateway": {"fallback": [{"service": "cod"}]}}
    raw = settings(
        {"spec": "services/chat.yaml", "target": "ecs", "overrides": fallback},
        {"spec": "services/code.yaml", "target": "sagemaker"},
    )
    with pytest.raises(BerthError) as error:
        planned(StackConfig.parse(raw, stack="dev", directory=directory), directory)
    assert str(error.value) == (
        "chat: gateway.fallback[0].service: cod is not a service of this stack; did you mean code?"
    )


def test_a_service_with_awake_hours_is_planned_with_its_keeper(directory):
    """On each target; it owns the replicas from then on."""
    hours = {"schedule": {"hours": "Mon-Fri 08:00-20:00 Europe/Berlin"}}
    raw = settings(
        {"spec": "services/code.yaml", "target": "ecs", "overrides": hours},
        {"spec": "services/chat.yaml", "target": "sagemaker", "overrides": hours},
    )
    services = planned(StackConfig.parse(raw, stack="dev", directory=directory), directory)
    assert [(one.plan.target, one.plan.is_kept) for one in services] == [("ecs", True), ("sagemaker", True)]


def test_awake_hours_of_a_spec_can_be_left_out_by_the_stack(directory):
    """The same spec is always awake there."""
    spec = directory / "services" / "chat.yaml"
    spec.write_text(spec.read_text() + "schedule: {hours: always}\n")
    entry = {"spec": "services/chat.yaml", "target": "ecs", "overrides": {"schedule": None}}
    [one] = planned(StackConfig.parse(settings(entry), stack="dev", directory=directory), directory)
    assert one.plan.schedule is None


def test_two_services_of_one_name_are_refused(directory):
    """Names of AWS resources are built from the service's name."""
    entry = {"spec": "services/chat.yaml", "target": "ecs"}
    config = StackConfig.parse(settings(entry, entry), stack="dev", directory=directory)
    with pytest.raises(BerthError) as error:
        planned(config, directory)
    assert str(error.value) == (
        "stacks/Pulumi.dev.yaml: berth:services[1]: chat is already the name of services[0]; "
        "give one of them another: overrides: {name: chat-2}"
    )


def test_the_problems_of_all_services_are_reported_together(directory):
    """One service's mistake does not hide another's, and a shared one is said once."""
    overrides = {"scaling": {"min_replicas": 3, "max_replicas": 1}}
    raw = settings(
        {"spec": "services/chat.yaml", "target": "ecs", "overrides": overrides},
        {"spec": "services/code.yaml", "target": "ecs", "overrides": overrides},
        environment="prod",
    )
    config = StackConfig.parse(raw, stack="dev", directory=directory)
    with pytest.raises(BerthError) as error:
        planned(config, directory)
    text = str(error.value)
    assert "chat.yaml" in text
    assert "code.yaml" in text
    assert len(text.splitlines()) == len(set(text.splitlines()))


def test_prod_refuses_images_without_a_digest(directory):
    """A tag can be moved; each image is named once, whatever the number of services."""
    override = {"model": {"revision": "a" * 40}}
    raw = settings(
        {"spec": "services/chat.yaml", "target": "ecs", "overrides": override},
        {"spec": "services/code.yaml", "target": "ecs", "overrides": override},
        environment="prod",
    )
    config = StackConfig.parse(raw, stack="dev", directory=directory)
    with pytest.raises(BerthError) as error:
        planned(config, directory)
    places = [line.split(": ")[0] for line in str(error.value).splitlines()]
    assert places.count("berth:images.gateway") == 1
    assert places.count("berth:images.weight_cache") == 1


@pytest.mark.parametrize(("stack", "passphrase"), [("local", PUBLIC_PASSPHRASE), ("prod", "secret"), ("prod", None)])
def test_other_passphrases_are_nobodys_business(stack, passphrase):
    """Stack local may use the public one; other stacks use their own or a secrets provider."""
    assert refuse_public_passphrase(stack, passphrase) is None
