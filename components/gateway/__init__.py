"""What every gateway of a service needs, beside an engine or before a target: settings, secrets, rights, a table."""
