"""A plan on SageMaker: role, models, configurations, alarms and logs of the provider, and an Endpoint of our own."""
