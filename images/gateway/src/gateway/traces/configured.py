"""Are traces wanted? OpenTelemetry's own variables say so; the SDK is loaded only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.config.load import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.config.settings import GatewayConfig
    from gateway.traces.spans import Traces

EXPORTER, DISABLED = "OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
OTLP, NONE, PROTOCOL = "otlp", "none", "http/protobuf"


def configured_traces(config: GatewayConfig, environment: Mapping[str, str]) -> Traces | None:
    """Traces over OTLP where an endpoint or the exporter is named, else None.

    Raises:
        ConfigError: for another exporter or protocol, or without the extra `traces`.
    """
    exporter = environment.get(EXPORTER, "").strip().lower()
    wanted = exporter == OTLP or (not exporter and any(environment.get(name) for name in ENDPOINTS))
    if environment.get(DISABLED, "").strip().lower() == "true":
        return None
    if exporter not in {"", NONE, OTLP}:
        raise ConfigError([f"{EXPORTER}: {exporter!r} is not allowed; set it to {OTLP} or {NONE}"])
    if not wanted:
        return None
    name = next((name for name in PROTOCOLS if environment.get(name)), None)
    if name is not None and environment[name].strip() != PROTOCOL:
        raise ConfigError([f"{name}: {environment[name]!r} is not allowed; set it to {PROTOCOL}, or leave it out"])
    try:
        from gateway.traces.otlp import OtlpTraces  # noqa: PLC0415 an extra, and only where it is configured
    except ImportError:
        raise ConfigError(
            [f"{EXPORTER}: traces need the extra 'traces' of this package; install it, or set {EXPORTER}={NONE}"]
        ) from None
    return OtlpTraces.to_collector(config, environment)
