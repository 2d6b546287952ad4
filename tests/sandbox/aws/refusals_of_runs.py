"""What AWS refuses of functions and schedules: call, error code, message."""

from __future__ import annotations

from typing import Any

from tests.sandbox.aws.function_parts import zip_of

CODE = zip_of(it="def handle(event, context):\n    return event\n")


def function(made: Any, **more: Any) -> dict[str, Any]:
    """A function that would be made, but for what is given."""
    settings = {"FunctionName": "new", "Role": made.role, "Runtime": "python3.13", "Handler": "it.handle"}
    return {**settings, "Code": {"ZipFile": CODE}, **more}


def schedule(made: Any, **more: Any) -> dict[str, Any]:
    """A schedule that would be made, but for what is given."""
    target = {"Arn": made.function, "RoleArn": made.schedule_role}
    settings = {"Name": "new", "ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}}
    return {**settings, "Target": target, **more}


FUNCTIONS = {
    "role of somebody else": (
        ("lambda", "create_function", lambda m: function(m, Role=m.schedule_role)),
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    ),
    "timeout": (
        ("lambda", "create_function", lambda m: function(m, Timeout=901)),
        "ValidationException",
        (
            "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have "
            "value less than or equal to 900"
        ),
    ),
    "memory": (
        ("lambda", "create_function", lambda m: function(m, MemorySize=20000)),
        "ValidationException",
        "1 validation error detected: Value '20000' at 'memorySize' failed to satisfy constraint",
    ),
    "architecture": (
        ("lambda", "create_function", lambda m: function(m, Architectures=["arm"])),
        "InvalidParameterValueException",
        "1 validation error detected: Value 'arm' at 'Architectures.1.member' failed",
    ),
    "old runtime": (
        ("lambda", "create_function", lambda m: function(m, Runtime="python3.8")),
        "InvalidParameterValueException",
        "The runtime parameter of python3.8 is no longer supported",
    ),
    "no handler": (
        ("lambda", "create_function", lambda m: {k: v for k, v in function(m).items() if k != "Handler"}),
        "InvalidParameterValueException",
        "Runtime and Handler are mandatory parameters",
    ),
    "no zip": (
        ("lambda", "create_function", lambda m: function(m, Code={"ZipFile": b"text"})),
        "InvalidParameterValueException",
        "Could not unzip uploaded file.",
    ),
    "empty zip": (
        ("lambda", "create_function", lambda m: function(m, Code={"ZipFile": zip_of()})),
        "InvalidParameterValueException",
        "Uploaded file must be a non-empty zip",
    ),
    "reserved variable": (
        (
            "lambda",
            "create_function",
            lambda m: function(m, Environment={"Variables": {"AWS_REGION": "x", "AWS_LAMBDA_X": "y", "OWN": "z"}}),
        ),
        "InvalidParameterValueException",
        (
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. Reserved keys used in "
            "this request: AWS_LAMBDA_X, AWS_REGION"
        ),
    ),
    "large environment": (
        ("lambda", "create_function", lambda m: function(m, Environment={"Variables": {"OWN": "x" * 4100}})),
        "InvalidParameterValueException",
        (
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided exceeded the 4KB limit."
        ),
    ),
    "dead letters without the right": (
        ("lambda", "create_function", lambda m: function(m, DeadLetterConfig={"TargetArn": m.queue})),
        "InvalidParameterValueException",
        "The provided execution role does not have permissions to call SendMessage on SQS",
    ),
    "destination without the right": (
        (
            "lambda",
            "put_function_event_invoke_config",
            lambda m: {"FunctionName": "f", "DestinationConfig": {"OnFailure": {"Destination": m.queue}}},
        ),
        "InvalidParameterValueException",
        "The function's execution role does not have permissions to call SendMessage on arn:aws:sqs:",
    ),
    "permission twice": (
        (
            "lambda",
            "add_permission",
            lambda _: {"FunctionName": "f", "StatementId": "s", "Action": "lambda:*", "Principal": "sns.amazonaws.com"},
        ),
        "ResourceConflictException",
        "The statement id (s) provided already exists.",
    ),
    "address of nothing": (
        ("lambda", "delete_function_url_config", lambda _: {"FunctionName": "f"}),
        "ResourceNotFoundException",
        "The resource you requested does not exist.",
    ),
}
SCHEDULES = {
    "five fields": (
        ("scheduler", "create_schedule", lambda m: schedule(m, ScheduleExpression="cron(0 8 * * *)")),
        "ValidationException",
        "Invalid Schedule Expression cron(0 8 * * *).",
    ),
    "singular rate": (
        ("scheduler", "update_schedule", lambda m: schedule(m, ScheduleExpression="rate(1 minutes)")),
        "ValidationException",
        "Invalid Schedule Expression rate(1 minutes).",
    ),
    "zone": (
        ("scheduler", "create_schedule", lambda m: schedule(m, ScheduleExpressionTimezone="Berlin")),
        "ValidationException",
        "Invalid ScheduleExpressionTimezone Berlin.",
    ),
    "long zone": (
        ("scheduler", "create_schedule", lambda m: schedule(m, ScheduleExpressionTimezone="Europe/" + "x" * 50)),
        "ValidationException",
        "1 validation error detected: Value 'Europe/",
    ),
    "name": (
        ("scheduler", "create_schedule", lambda m: schedule(m, Name="x" * 65)),
        "ValidationException",
        "1 validation error detected: Value '",
    ),
    "window without minutes": (
        ("scheduler", "create_schedule", lambda m: schedule(m, FlexibleTimeWindow={"Mode": "FLEXIBLE"})),
        "ValidationException",
        "MaximumWindowInMinutes must be specified when FlexibleTimeWindow Mode is FLEXIBLE.",
    ),
    "minutes without window": (
        (
            "scheduler",
            "create_schedule",
            lambda m: schedule(m, FlexibleTimeWindow={"Mode": "OFF", "MaximumWindowInMinutes": 5}),
        ),
        "ValidationException",
        "MaximumWindowInMinutes can only be specified when FlexibleTimeWindow Mode is FLEXIBLE.",
    ),
    "role": (
        (
            "scheduler",
            "create_schedule",
            lambda m: schedule(m, Target={"Arn": m.function, "RoleArn": m.role}),
        ),
        "ValidationException",
        "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
    ),
    "target": (
        (
            "scheduler",
            "create_schedule",
            lambda m: schedule(m, Target={"Arn": m.role, "RoleArn": m.schedule_role}),
        ),
        "ValidationException",
        "Provided Arn is not in correct format: arn:aws:iam::",
    ),
    "input": (
        (
            "scheduler",
            "create_schedule",
            lambda m: schedule(m, Target={"Arn": m.function, "RoleArn": m.schedule_role, "Input": "services"}),
        ),
        "ValidationException",
        "Provided Input must be well-formed JSON for the target.",
    ),
    "event age": (
        (
            "scheduler",
            "create_schedule",
            lambda m: schedule(
                m,
                Target={
                    "Arn": m.function,
                    "RoleArn": m.schedule_role,
                    "RetryPolicy": {"MaximumEventAgeInSeconds": 30},
                },
            ),
        ),
        "ValidationException",
        "1 validation error detected: Invalid value for parameter Target.RetryPolicy.MaximumEventAgeInSeconds",
    ),
    "dead letters": (
        (
            "scheduler",
            "create_schedule",
            lambda m: schedule(
                m,
                Target={
                    "Arn": m.function,
                    "RoleArn": m.schedule_role,
                    "DeadLetterConfig": {"Arn": m.topic},
                },
            ),
        ),
        "ValidationException",
        "1 validation error detected: Value 'arn:aws:sns:",
    ),
    "group": (
        ("scheduler", "create_schedule", lambda m: schedule(m, GroupName="missing")),
        "ResourceNotFoundException",
        "Schedule group missing does not exist.",
    ),
    "group twice": (
        ("scheduler", "create_schedule_group", lambda _: {"Name": "default"}),
        "ConflictException",
        "Schedule group default already exists.",
    ),
    "default group": (
        ("scheduler", "delete_schedule_group", lambda _: {"Name": "default"}),
        "ValidationException",
        "The default schedule group cannot be deleted.",
    ),
}
RUNS = {**FUNCTIONS, **SCHEDULES}
