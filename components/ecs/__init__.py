"""The target ECS: `component` renders a plan to it, `live` asks what of it runs."""
