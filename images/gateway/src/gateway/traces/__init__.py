"""What took how long, for one request across all services? Spans for OpenTelemetry, where it is configured."""
