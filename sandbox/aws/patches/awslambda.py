"""Lambda: functions keep every setting, one event configuration at a time, addresses and permissions in AWS's form."""

from __future__ import annotations

import copy
from typing import Any

from moto.awslambda.models import FunctionUrlConfig, LambdaBackend, LambdaFunction
from moto.awslambda.policy import Policy
from moto.core.utils import iso_8601_datetime_with_nanoseconds

_DROPPED = ("DeadLetterConfig", "LoggingConfig")
# Members of an update that moto passes over, and the attribute that holds each.
_PASSED_OVER = {"EphemeralStorage": "ephemeral_storage", "KMSKeyArn": "kms_key_arn", "TracingConfig": "tracing_config"}
_CONDITIONS = {
    "EventSourceToken": "lambda:EventSourceToken",
    "FunctionUrlAuthType": "lambda:FunctionUrlAuthType",
    "InvokedViaFunctionUrl": "lambda:InvokedViaFunctionUrl",
}


def keep_settings_of_functions() -> None:
    create, configuration = LambdaFunction.__init__, LambdaFunction.get_configuration

    def initialise(self: LambdaFunction, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        create(self, account_id, spec, *args, **kwargs)
        _kept(self).update({name: spec[name] for name in _DROPPED if spec.get(name)})

    def get_configuration(self: LambdaFunction, on_create: bool = False) -> dict[str, Any]:
        logging = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{self.function_name}"}
        kept = _kept(self)
        return configuration(self, on_create) | kept | {"LoggingConfig": logging | kept.get("LoggingConfig", {})}

    LambdaFunction.__init__ = initialise
    LambdaFunction.get_configuration = get_configuration


def update_all_settings_of_functions() -> None:
    update, put_code = LambdaFunction.update_configuration, LambdaFunction.update_function_code

    def update_configuration(self: LambdaFunction, config_updates: dict[str, Any]) -> dict[str, Any]:
        kept = _kept(self)
        kept |= {name: config_updates[name] for name in _DROPPED if name in config_updates}
        if kept.get("DeadLetterConfig", {}).get("TargetArn") == "":
            del kept["DeadLetterConfig"]
        for name, attribute in _PASSED_OVER.items():
            if name in config_updates:
                value = config_updates[name]
                setattr(self, attribute, value["Size"] if name == "EphemeralStorage" else value)
        self.last_modified = iso_8601_datetime_with_nanoseconds()
        return update(self, config_updates)

    def update_function_code(self: LambdaFunction, updated_spec: dict[str, Any]) -> dict[str, Any]:
        if "Architectures" in updated_spec:
            self.architectures = updated_spec["Architectures"]
        self.last_modified = iso_8601_datetime_with_nanoseconds()
        return put_code(self, updated_spec)

    LambdaFunction.update_configuration = update_configuration
    LambdaFunction.update_function_code = update_function_code


def _kept(function: LambdaFunction) -> dict[str, Any]:
    return vars(function).setdefault("berth_kept", {})


def replace_event_configurations() -> None:
    put = LambdaBackend.put_function_event_invoke_config

    def put_function_event_invoke_config(
        self: LambdaBackend, function_name: str, config: dict[str, Any]
    ) -> dict[str, Any]:
        function = self.get_function(function_name)
        before, function.event_invoke_config = function.event_invoke_config, []
        try:
            return put(self, function_name, config)
        except Exception:
            function.event_invoke_config = before
            raise

    LambdaBackend.put_function_event_invoke_config = put_function_event_invoke_config


def write_addresses_like_aws() -> None:
    to_dict, update = FunctionUrlConfig.to_dict, FunctionUrlConfig.update

    def describe(self: FunctionUrlConfig) -> dict[str, Any]:
        found = to_dict(self)
        return found | {
            "FunctionUrl": f"{found['FunctionUrl'].rstrip('/')}/",
            "InvokeMode": self.config.get("InvokeMode") or "BUFFERED",
        }

    def updated(self: FunctionUrlConfig, new_config: dict[str, Any]) -> None:
        update(self, new_config)
        self.config |= {name: new_config[name] for name in ("Cors", "InvokeMode") if name in new_config}

    FunctionUrlConfig.to_dict = describe
    FunctionUrlConfig.update = updated


def write_conditions_of_permissions() -> None:
    decode = Policy.decode_policy

    def decode_policy(self: Policy, obj: dict[str, Any]) -> Policy:
        asked = copy.deepcopy(obj)
        policy = decode(self, {name: value for name, value in asked.items() if name not in _CONDITIONS})
        for statement in policy.statements:
            for name, key in _CONDITIONS.items():
                if name in asked:
                    value = asked[name]
                    text = str(value).lower() if isinstance(value, bool) else value
                    operator = "Bool" if isinstance(value, bool) else "StringEquals"
                    statement.setdefault("Condition", {}).setdefault(operator, {})[key] = text
            principal = statement.get("Principal")
            if isinstance(principal, str) and principal.isdecimal():
                statement["Principal"] = {"AWS": f"arn:aws:iam::{principal}:root"}
            elif isinstance(principal, str) and principal.startswith("arn:"):
                statement["Principal"] = {"AWS": principal}
        return policy

    Policy.decode_policy = decode_policy


PATCHES = (
    keep_settings_of_functions,
    update_all_settings_of_functions,
    replace_event_configurations,
    write_addresses_like_aws,
    write_conditions_of_permissions,
)
