"""What stands in front of the engine? An OpenAI-compatible pass-through with keys, limits, metrics and a drain."""
