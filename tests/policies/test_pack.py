"""The pack as the engine drives it: bugs, unknowns, exemptions, children of services, previews before deployments."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml
from pulumi_policy.proxy import _is_unknown

from policies.resources import MODEL_SERVICE
from policies.rule import Rule, StackRule
from policies.rules import RULES
from policies.value import SENTINELS
from tests.policies.cases import LISTENER, LOGS, ROLE_POLICY
from tests.policies.conftest import Pack
from tests.policies.happy import CONFIG, HAPPY, SERVICE, SERVICE_URN, UNKNOWN, changed, state_of, urn_of

ROOT = Path(__file__).resolve().parents[2]
COMPONENT = "berth:ecs:EcsService"
COMPONENT_URN = f"urn:pulumi:dev::berth::{SERVICE}${COMPONENT}::chat"
EXEMPTION = {"rule": "log-retention", "reason": "the auditor reads them", "expires": "2026-12-31"}


def only(*names: str) -> Pack:
    return Pack({name: settings if name in names else "disabled" for name, settings in CONFIG.items()})


def broken(subject: object) -> list[str]:
    raise KeyError("hf_a-secret-value")


def test_a_rule_that_raises_is_a_violation_that_names_it_and_quotes_nothing() -> None:
    """A bug in a rule stops the deployment with the rule's name, and not the whole pack without one."""
    rule = Rule("odd", "about", "remedy", "low", "mandatory", {LOGS: broken})
    pack = Pack({}, [rule])
    assert pack.resource(LOGS, HAPPY[LOGS]) == [
        "mandatory odd: chat: rule odd failed with KeyError; report this as a bug"
    ]


def test_a_stack_rule_that_raises_is_a_violation_that_names_it() -> None:
    """Likewise, about no resource."""
    rule = StackRule("odd", "about", "remedy", "low", "mandatory", (LOGS,), broken)
    assert Pack({}, [rule]).stack(state_of(LOGS, HAPPY[LOGS])) == [
        "mandatory odd: rule odd failed with KeyError; report this as a bug"
    ]


def test_an_unknown_value_is_said_in_the_words_of_the_sdk() -> None:
    """Advisory at preview, with rule and property: what gates on mandatory rules counts it by this text."""
    assert only("iam-wildcard").resource(ROLE_POLICY, {"policy": UNKNOWN}) == [
        (
            "advisory iam-wildcard: can't run policy 'iam-wildcard' from policy pack 'berth@v0.1.0' during preview: "
            "string value at .policy can't be known during preview"
        )
    ]


def test_one_unknown_value_hides_no_violation_and_no_other_unknown() -> None:
    """A violation is said first, then all that could not be checked, in one sentence."""
    kind = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
    variants = [{"instanceType": UNKNOWN}, {"instanceType": "ml.p5.48xlarge"}, {"instanceType": UNKNOWN}]
    violation, unknown = only("gpu-family-per-env").resource(kind, {"productionVariants": variants})
    assert violation.startswith(
        "mandatory gpu-family-per-env: chat: productionVariants[1].instanceType: ml.p5.48xlarge"
    )
    paths = ".productionVariants[0].instanceType, .productionVariants[2].instanceType"
    assert unknown.endswith(f"string value at {paths} can't be known during preview")


def test_every_sentinel_of_the_sdk_is_known_here() -> None:
    """A new one would be read as a text, and pass for a value."""
    assert len(set(SENTINELS)) == 7
    assert all(_is_unknown(sentinel) for sentinel in SENTINELS)


def test_a_child_is_exempt_by_the_spec_of_its_service() -> None:
    """The engine asks about the service first, and of a child it tells only the parent."""
    pack = only("log-retention")
    pack.resource(SERVICE, changed(SERVICE, "spec.policy_exemptions", [EXEMPTION]), urn=SERVICE_URN)
    pack.resource(COMPONENT, {}, urn=COMPONENT_URN, parent=SERVICE_URN)
    urn = f"urn:pulumi:dev::berth::{SERVICE}${COMPONENT}${LOGS}::chat-vllm-logs"
    answer = pack.answer(LOGS, {}, urn=urn, parent=COMPONENT_URN)
    assert not answer.diagnostics
    assert [(one.policy_name, one.reason) for one in answer.not_applicable] == [
        ("log-retention", "exempt until 2026-12-31: the auditor reads them")
    ]
    assert len(pack.resource(LOGS, {}, urn=f"urn:pulumi:dev::berth::{LOGS}::other")) == 1


def test_a_stack_rule_knows_the_services_of_children() -> None:
    """An exemption of one service exempts its own listener alone, through the component between them."""
    chat = state_of(SERVICE, changed(SERVICE, "spec.policy_exemptions", [{**EXEMPTION, "rule": "no-public-http"}]))
    component = {"type": COMPONENT, "urn": COMPONENT_URN, "inputs": {}, "parent": SERVICE_URN}
    inputs = {"protocol": "HTTP", "defaultActions": [{"type": "forward"}]}
    own = {"type": LISTENER, "urn": f"{COMPONENT_URN}-http", "inputs": inputs, "parent": COMPONENT_URN}
    other = {"type": LISTENER, "urn": f"urn:pulumi:dev::berth::{LISTENER}::other", "inputs": inputs}
    [violation] = only("no-public-http").stack(own, chat, component, other)
    assert violation.startswith("mandatory no-public-http: other: serves HTTP")


def test_a_deployment_after_its_preview_is_judged_by_what_is_known_then() -> None:
    """One process serves both: what the preview said of a resource is forgotten."""
    pack = only("log-retention")
    assert len(pack.resource(LOGS, {"retentionInDays": UNKNOWN}, urn=urn_of(LOGS))) == 1
    assert len(pack.resource(LOGS, {"retentionInDays": 0}, urn=urn_of(LOGS))) == 1
    assert pack.resource(LOGS, {"retentionInDays": 30}, urn=urn_of(LOGS)) == []


def test_settings_have_their_defaults_without_a_configuration() -> None:
    """A rule whose settings all have one runs with none; the engine is told all of them and which are needed."""
    assert len(Pack({}).resource(LOGS, {"retentionInDays": 400})) == len(
        ["log-retention", "tags has no environment", "tags has no managed-by", "tags has no stack"]
    )
    policies = {one.name: one for one in Pack({})._servicer.GetAnalyzerInfo(None, None).policies}
    ceiling = policies["cost-ceiling-service"]
    assert list(ceiling.configSchema.required) == ["maxExpectedUsdPerMonth"]
    assert ceiling.remediation_steps == next(one.remedy for one in RULES if one.name == "cost-ceiling-service")
    assert not policies["log-retention"].configSchema.required


def test_the_pack_runs_in_the_projects_environment() -> None:
    """The virtual environment resolves from the folder of the pack."""
    manifest = yaml.safe_load((ROOT / "policies" / "PulumiPolicy.yaml").read_text())
    assert manifest["runtime"] == {"name": "python", "options": {"virtualenv": "../.venv"}}
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    assert project["runtime"] == {"name": "python", "options": {"virtualenv": ".venv"}}


def test_no_file_of_the_pack_hides_a_module_of_the_standard_library() -> None:
    """The engine starts it in its own folder, which comes first where Python looks."""
    names = {path.stem for path in (ROOT / "policies").glob("*.py")} - {"__init__", "__main__"}
    assert names & set(sys.stdlib_module_names) == set()


def test_the_rules_load_neither_pulumi_nor_a_cloud() -> None:
    """`berth plan --policies` asks them too, and a preview waits for the pack to start."""
    program = (
        "import sys, policies.rules, policies.judge, policies.settings;"
        "print([name for name in ('pulumi', 'grpc', 'boto3', 'pydantic', 'yaml') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_component_of_a_service_has_the_name_that_rules_know() -> None:
    """Another name would be a type that no rule reads."""
    assert f'"{MODEL_SERVICE}"' in (ROOT / "components" / "service.py").read_text()
