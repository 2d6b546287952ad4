"""Functions behind an address and behind a load balancer: who gets in, what arrives, which rule answers."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox.aws.function_parts import ACCOUNT, make_function, zip_of

ECHO = "def handle(event, context):\n    return event\n"
TELLS = "import json\ndef handle(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n"
SECRET = "sandbox"
SPEAKS = """
def handle(event, context):
    return {"statusCode": 503, "headers": {"Retry-After": "60"}, "body": '{"asleep": true}', "isBase64Encoded": False}
"""


def request(
    url: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers in lower case, body; an error is an answer too."""
    asked = urllib.request.Request(url, data=body, method=method, headers=headers)  # noqa: S310 (http)
    try:
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 (http)
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()


def signed(
    url: str, body: bytes, service: str = "lambda", secret: str = SECRET, region: str = "us-east-1"
) -> dict[str, str]:
    """The headers that botocore signs a POST with."""
    made = AWSRequest("POST", url, headers={"content-type": "application/json"}, data=body)
    SigV4Auth(Credentials("sandbox", secret), service, region).add_auth(made)
    return {name: str(value) for name, value in made.headers.items()}


@pytest.fixture(scope="module")
def address(shared_aws) -> str:
    """Where the sandbox serves the URL of a function that takes signed requests alone."""
    make_function(shared_aws, "hook", ECHO)
    made = shared_aws.client("lambda").create_function_url_config(FunctionName="hook", AuthType="AWS_IAM")
    assert made["FunctionUrl"].endswith(".lambda-url.us-east-1.on.aws/")
    name = made["FunctionUrl"].removeprefix("https://").partition(".")[0]
    return f"{shared_aws.url}/_berth/url/{name}/"


def test_a_signed_request_reaches_the_function(address):
    """As an event of format 2.0, and what it returns is the body."""
    url, body = f"{address}wake?why=a%20b", b'{"service": "chat"}'
    status, headers, content = request(url, "POST", body, **signed(url, body))
    event = json.loads(content)
    assert (status, headers["content-type"]) == (200, "application/json")
    assert (event["version"], event["rawPath"], event["rawQueryString"]) == ("2.0", "/wake", "why=a%20b")
    assert event["queryStringParameters"] == {"why": "a b"}
    assert (event["body"], event["isBase64Encoded"]) == ('{"service": "chat"}', False)
    context = event["requestContext"]
    assert (context["http"]["method"], context["accountId"]) == ("POST", ACCOUNT)
    assert context["authorizer"]["iam"]["accessKey"] == "sandbox"
    assert event["headers"]["content-type"] == "application/json"


@pytest.mark.parametrize(
    "wrong",
    [{"service": "execute-api"}, {"secret": "other"}, {"region": "eu-west-1"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_request_that_is_signed_wrongly_is_turned_away(address, wrong):
    """For another service, with another secret, for another region."""
    assert request(address, "POST", b"{}", **signed(address, b"{}", **wrong))[0] == 403


def test_a_request_without_a_signature_is_turned_away(address):
    """And one whose body is not the signed one."""
    status, _, body = request(address, "POST", b"{}")
    assert (status, json.loads(body)) == (403, {"Message": "Forbidden"})
    assert request(address, "POST", b'{"other": 1}', **signed(address, b"{}"))[0] == 403
    assert request(address.replace(address[-10:], "000000000/"), "POST", b"{}")[0] == 403


def test_the_host_of_the_url_leads_there_too(shared_aws, address):
    """For a client that uses the sandbox as its proxy."""
    name = address.rstrip("/").rpartition("/")[2]
    status, _, _ = request(shared_aws.url, Host=f"{name}.lambda-url.us-east-1.on.aws")
    assert status == 403


def test_an_open_address_needs_no_signature(shared_aws):
    """The response is as the function wants it; an error of it is a 502."""
    for name, code in (("open", SPEAKS), ("broken", "def handle(event, context):\n    raise ValueError\n")):
        make_function(shared_aws, name, code)
        made = shared_aws.client("lambda").create_function_url_config(FunctionName=name, AuthType="NONE")
        url = f"{shared_aws.url}/_berth/url/{made['FunctionUrl'].removeprefix('https://').partition('.')[0]}/"
        status, headers, body = request(url)
        if name == "open":
            assert (status, headers["retry-after"], body) == (503, "60", b'{"asleep": true}')
        else:
            assert (status, body) == (502, b'{"Message":"Internal Server Error"}')


@pytest.fixture(scope="module")
def balanced(shared_aws, deploy) -> Any:
    """The service `chat` behind its rule, and a function behind another one."""
    made = deploy(shared_aws)
    elb = shared_aws.client("elbv2")
    arn = make_function(shared_aws, "asleep", SPEAKS)
    made.asleep_group = elb.create_target_group(Name="asleep", TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
    made.asleep = arn
    code, message = shared_aws.refused(
        "elbv2", "register_targets", TargetGroupArn=made.asleep_group, Targets=[{"Id": arn}]
    )
    assert (code, message) == (
        "AccessDenied",
        (
            f"elasticloadbalancing principal does not have permission to invoke {arn} from target group "
            f"{made.asleep_group}"
        ),
    )
    shared_aws.client("lambda").add_permission(
        FunctionName="asleep",
        StatementId="balancer",
        Action="lambda:InvokeFunction",
        Principal="elasticloadbalancing.amazonaws.com",
        SourceArn=made.asleep_group,
    )
    elb.register_targets(TargetGroupArn=made.asleep_group, Targets=[{"Id": arn}])
    path = [{"Field": "path-pattern", "Values": ["/v1/*"]}]
    made.rules = {}
    for name, group, priority in (("chat", made.target_group, 10), ("asleep", made.asleep_group, 20)):
        action = [{"Type": "forward", "TargetGroupArn": group}]
        rule = elb.create_rule(ListenerArn=made.listener, Priority=priority, Conditions=path, Actions=action)
        made.rules[name] = rule["Rules"][0]["RuleArn"]
    made.url = f"{shared_aws.url}/_berth/balancer/chat/80"
    return made


def place(aws, balanced, priority: int) -> None:
    """Give the rule of the function another priority."""
    aws.client("elbv2").set_rule_priorities(
        RulePriorities=[{"RuleArn": balanced.rules["asleep"], "Priority": priority}]
    )


def test_the_rule_with_the_lowest_number_answers(shared_aws, balanced):
    """The service while its rule is in front, the function when that is, and the first again afterwards."""
    status, headers, body = request(f"{balanced.url}/v1/models")
    assert (status, headers["x-sandbox-rule"]) == (200, "10")
    assert json.loads(body) == {"answered_by": "chat", "target_group": "chat"}
    place(shared_aws, balanced, 5)
    status, headers, body = request(
        f"{balanced.url}/v1/models?a=b", "POST", b"{}", **{"Content-Type": "application/json"}
    )
    assert (status, headers["x-sandbox-rule"], headers["retry-after"]) == (503, "5", "60")
    assert body == b'{"asleep": true}'
    place(shared_aws, balanced, 20)
    assert request(f"{balanced.url}/v1/models")[0] == 200


def test_what_no_rule_matches_is_for_the_default(shared_aws, balanced):
    """And a port on which nobody listens is none."""
    assert request(f"{balanced.url}/healthz")[1]["x-sandbox-rule"] == "default"
    assert request(balanced.url.replace("/80", "/81"))[0] == 404


def test_a_service_without_tasks_has_no_healthy_target(shared_aws, balanced):
    """The load balancer answers for it, as long as no task runs."""
    elb, ecs = shared_aws.client("elbv2"), shared_aws.client("ecs")
    health = elb.describe_target_health(TargetGroupArn=balanced.target_group)["TargetHealthDescriptions"]
    assert [one["TargetHealth"]["State"] for one in health] == ["healthy"]
    ecs.update_service(cluster="berth", service="chat", desiredCount=0)
    assert request(f"{balanced.url}/v1/models")[0] == 503
    assert elb.describe_target_health(TargetGroupArn=balanced.target_group)["TargetHealthDescriptions"] == []
    ecs.update_service(cluster="berth", service="chat", desiredCount=1)


def test_an_event_of_the_balancer_has_its_form(shared_aws, balanced):
    """The query as it was written, the headers in lower case, and where the request came through."""
    shared_aws.client("lambda").update_function_code(FunctionName="asleep", ZipFile=zip_of(it=TELLS))
    place(shared_aws, balanced, 4)
    _, _, body = request(f"{balanced.url}/v1/chat?a=%20b", "POST", b"{}", **{"Content-Type": "application/json"})
    event = json.loads(body)
    assert event["requestContext"] == {"elb": {"targetGroupArn": balanced.asleep_group}}
    assert (event["httpMethod"], event["path"], event["queryStringParameters"]) == ("POST", "/v1/chat", {"a": "%20b"})
    assert (event["body"], event["isBase64Encoded"]) == ("{}", False)
    assert event["headers"]["x-forwarded-port"] == "80"
    elb = shared_aws.client("elbv2")
    several = [{"Key": "lambda.multi_value_headers.enabled", "Value": "true"}]
    elb.modify_target_group_attributes(TargetGroupArn=balanced.asleep_group, Attributes=several)
    event = json.loads(request(f"{balanced.url}/v1/chat?a=1&a=2")[2])
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert event["multiValueHeaders"]["x-forwarded-proto"] == ["http"]


def test_an_answer_that_is_none_is_a_bad_gateway(shared_aws, balanced):
    """A load balancer wants a status."""
    for code in ("return {}", "return 'text'", "raise ValueError", "return {'statusCode': '200'}"):
        shared_aws.client("lambda").update_function_code(
            FunctionName="asleep", ZipFile=zip_of(it=f"def handle(event, context):\n    {code}\n")
        )
        place(shared_aws, balanced, 3)
        status, _, body = request(f"{balanced.url}/v1/models")
        assert (status, b"502 Bad Gateway" in body) == (502, True)


def test_rules_trade_places_and_share_none(shared_aws, balanced):
    """At once when both are named; a priority that another rule keeps is refused."""
    elb = shared_aws.client("elbv2")
    place(shared_aws, balanced, 20)
    both = [
        {"RuleArn": balanced.rules["chat"], "Priority": 20},
        {"RuleArn": balanced.rules["asleep"], "Priority": 10},
    ]
    elb.set_rule_priorities(RulePriorities=both)
    rules = elb.describe_rules(ListenerArn=balanced.listener)["Rules"]
    assert [rule["Priority"] for rule in rules] == ["10", "20", "default"]
    assert rules[0]["RuleArn"] == balanced.rules["asleep"]
    taken = [{"RuleArn": balanced.rules["asleep"], "Priority": 20}]
    assert shared_aws.refused("elbv2", "set_rule_priorities", RulePriorities=taken)[0] == "PriorityInUse"
    same = [{**both[0], "Priority": 7}, {**both[1], "Priority": 7}]
    code, message = shared_aws.refused("elbv2", "set_rule_priorities", RulePriorities=same)
    assert (code, message) == ("ValidationError", "Priority '7' was provided multiple times")
    default = [{"RuleArn": rules[2]["RuleArn"], "Priority": 7}]
    assert shared_aws.refused("elbv2", "set_rule_priorities", RulePriorities=default)[0] == "OperationNotPermitted"
    elb.set_rule_priorities(RulePriorities=[{"RuleArn": balanced.rules["asleep"], "Priority": 10}])


def test_a_group_of_functions_takes_one_and_no_port(shared_aws, balanced):
    """And has nothing of a network."""
    other = make_function(shared_aws, "other-asleep", SPEAKS)
    more = {"TargetGroupArn": balanced.asleep_group, "Targets": [{"Id": other}]}
    assert shared_aws.refused("elbv2", "register_targets", **more)[0] == "TooManyTargets"
    port = {"TargetGroupArn": balanced.asleep_group, "Targets": [{"Id": balanced.asleep, "Port": 80}]}
    assert shared_aws.refused("elbv2", "register_targets", **port)[0] == "ValidationError"
    refused = shared_aws.refused("elbv2", "create_target_group", Name="n", TargetType="lambda", Port=80)
    assert refused == ("ValidationError", "Port cannot be specified for target groups with type 'lambda'")


def test_rules_have_their_names_after_a_restart(tmp_path, serve, deploy):
    """The default one too, which moto names after a place in memory; and so have functions and their addresses."""
    with serve(tmp_path) as aws:
        made = deploy(aws)
        make_function(aws, "hook", ECHO)
        url = aws.client("lambda").create_function_url_config(FunctionName="hook", AuthType="AWS_IAM")["FunctionUrl"]
        before = aws.client("elbv2").describe_rules(ListenerArn=made.listener)["Rules"]
    with serve(tmp_path) as aws:
        assert aws.get("health")["replay_differences"] == 0
        assert aws.client("elbv2").describe_rules(ListenerArn=made.listener)["Rules"] == before
        assert aws.client("lambda").get_function_url_config(FunctionName="hook")["FunctionUrl"] == url
