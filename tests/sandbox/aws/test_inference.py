"""What an endpoint of SageMaker answers to boto3: OpenAI's protocol, spoken by the scripted engine."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.aws.sagemaker_parts import ACCOUNT, IMAGE, configuration, deployed, endpoint, model, role, variant

CHAT = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 32}
SAID = "This is the sandbox, no GPU was harmed. You said: Say hello."


@pytest.fixture
def runtime(aws, clock):
    """A client of an endpoint `chat` in service, on TGI."""
    deployed(aws, clock)
    return aws.client("sagemaker-runtime")


def asked(runtime, body, **more):
    """What `chat` answers to a body of JSON."""
    return runtime.invoke_endpoint(
        EndpointName="chat", **{"ContentType": "application/json", "Body": json.dumps(body), **more}
    )


def refused(runtime, body, **more):
    """The whole error with which `chat` refuses a body."""
    with pytest.raises(ClientError) as refusal:
        asked(runtime, body, **more)
    return refusal.value.response


def on_vllm(aws, clock):
    """An endpoint `chat` of AWS's vLLM image, whose model has a name."""
    role(aws)
    environment = {
        "SM_VLLM_MODEL": "/opt/ml/model",
        "SM_VLLM_SERVED_MODEL_NAME": "meta-llama/Llama-3.1-8B-Instruct",
        "SM_VLLM_MAX_MODEL_LEN": "20",
    }
    model(aws, PrimaryContainer={"Image": IMAGE, "Environment": environment})
    configuration(aws, "one")
    endpoint(aws, clock)
    return aws.client("sagemaker-runtime")


def test_a_chat_is_answered_whole(runtime):
    """A chat completion in JSON, from the variant that the answer names; whatever model the request names."""
    answer = asked(runtime, {**CHAT, "model": "meta-llama/Llama-3.1-8B-Instruct"})
    assert answer["ContentType"] == "application/json"
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    document = json.loads(answer["Body"].read())
    assert document["object"] == "chat.completion"
    assert document["choices"][0]["message"] == {"role": "assistant", "content": SAID}
    assert document["choices"][0]["finish_reason"] == "stop"
    assert document["usage"] == {"prompt_tokens": 2, "completion_tokens": 12, "total_tokens": 14}


def test_a_completion_is_answered_too(runtime):
    """The field that is there decides, as in both engines."""
    document = json.loads(asked(runtime, {"prompt": "a b", "max_tokens": 3})["Body"].read())
    assert (document["object"], document["choices"][0]["text"]) == ("text_completion", "This is the")


def test_a_stream_comes_in_parts_that_end_anywhere(runtime):
    """Put together they are the lines of an event stream: the words one by one, then the end."""
    answer = runtime.invoke_endpoint_with_response_stream(
        EndpointName="chat", ContentType="application/json; charset=utf-8", Body=json.dumps({**CHAT, "stream": True})
    )
    assert answer["ContentType"] == "text/event-stream"
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    parts = [event["PayloadPart"]["Bytes"] for event in answer["Body"]]
    assert any(not part.endswith(b"\n\n") for part in parts[:-1])
    lines = b"".join(parts).decode().removesuffix("\n\n").split("\n\n")
    assert lines[-1] == "data: [DONE]"
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
    assert "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks) == SAID


def test_a_stream_that_the_body_does_not_ask_for_is_one_document(runtime):
    """In parts as well: how it travels is the operation's matter, what travels the body's."""
    answer = runtime.invoke_endpoint_with_response_stream(
        EndpointName="chat", ContentType="application/json", Body=json.dumps(CHAT)
    )
    assert answer["ContentType"] == "application/json"
    document = json.loads(b"".join(event["PayloadPart"]["Bytes"] for event in answer["Body"]))
    assert document["choices"][0]["message"]["content"] == SAID


@pytest.mark.parametrize(
    ("body", "more", "status", "message"),
    [
        ({"messages": []}, {}, 400, "messages must be a list with at least one message"),
        ({**CHAT, "max_tokens": 0}, {}, 400, "max_tokens must be at least 1, got 0."),
        ({"inputs": "TGI's own form"}, {}, 422, "the sandbox answers OpenAI's bodies alone"),
        (["messages"], {}, 422, "the sandbox answers OpenAI's bodies alone"),
        (None, {"Body": b"{"}, 400, "the request body is not valid JSON"),
        (CHAT, {"ContentType": "text/plain"}, 415, "ContentType is text/plain, only application/json is read"),
    ],
)
def test_what_the_engine_refuses_is_a_model_error(runtime, body, more, status, message):
    """424 of SageMaker, with the container's own status and words, and where its log is."""
    response = refused(runtime, body, **more)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["Error"]["Code"] == "ModelError"
    assert response["OriginalStatusCode"] == status
    assert message in json.loads(response["OriginalMessage"])["error"]["message"]
    assert response["Error"]["Message"].startswith(f'Received client error ({status}) from primary with message "{{')
    assert response["Error"]["Message"].endswith(
        f"/aws/sagemaker/Endpoints/chat in account {ACCOUNT} for more information."
    )
    assert response["LogStreamArn"] == f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/chat"


@pytest.mark.parametrize("operation", ["invoke_endpoint", "invoke_endpoint_with_response_stream"])
def test_a_body_of_more_than_six_mebibytes_reaches_no_engine(aws, runtime, operation):
    """The limit of SageMaker's API, in botocore's model; the message does not repeat the prompt."""
    most = 6 * 1024 * 1024
    bare = len(json.dumps({"messages": [{"role": "user", "content": ""}]}))
    body = json.dumps({"messages": [{"role": "user", "content": "x" * (most - bare)}]})
    asked = {"EndpointName": "chat", "ContentType": "application/json"}
    answer = getattr(runtime, operation)(**asked, Body=body)
    answer["Body"].close()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    code, message = aws.refused("sagemaker-runtime", operation, **asked, Body=body + " ")
    assert code == "ValidationError"
    assert message == (
        "1 validation error detected: Value '***' at 'Body' failed to satisfy constraint: Member must have length less "
        f"than or equal to {most}"
    )


def test_a_stream_that_is_refused_is_a_model_error_too(aws, runtime):
    """Before the first part."""
    code, message = aws.refused(
        "sagemaker-runtime", "invoke_endpoint_with_response_stream", EndpointName="chat", Body=json.dumps(CHAT)
    )
    assert code == "ModelError"
    assert "only application/json is read" in message


def test_vllm_serves_its_name_alone(aws, clock):
    """The name that it was given, and no other; within its context."""
    runtime = on_vllm(aws, clock)
    asked(runtime, {**CHAT, "model": "meta-llama/Llama-3.1-8B-Instruct", "max_tokens": 4})
    wrong = refused(runtime, {**CHAT, "model": "/opt/ml/model"})
    assert (wrong["OriginalStatusCode"], "does not exist" in wrong["OriginalMessage"]) == (404, True)
    long = refused(runtime, {**CHAT, "max_tokens": 19})
    assert "maximum context length is 20 tokens" in long["OriginalMessage"]


def test_the_variant_that_is_asked_for_answers(aws, clock):
    """Of several, with the model of its own."""
    role(aws)
    model(aws)
    model(aws, "other", PrimaryContainer={"Image": IMAGE, "Environment": {"SM_VLLM_SERVED_MODEL_NAME": "other"}})
    aws.client("sagemaker").create_endpoint_config(
        EndpointConfigName="one", ProductionVariants=[variant(), variant(VariantName="Canary", ModelName="other")]
    )
    endpoint(aws, clock)
    answer = asked(aws.client("sagemaker-runtime"), CHAT, TargetVariant="Canary")
    assert answer["InvokedProductionVariant"] == "Canary"
    assert json.loads(answer["Body"].read())["model"] == "other"


def test_a_model_that_was_deleted_since_is_still_served(aws, runtime):
    """The instances have it."""
    aws.client("sagemaker").delete_model(ModelName="llama")
    assert json.loads(asked(runtime, CHAT)["Body"].read())["choices"][0]["message"]["content"] == SAID
