"""The program of an account: once for each, before its first stack of services; see docs/guides/first-account.md."""  # noqa: INP001 - Pulumi runs the folder

from components.foundation.program import deploy

deploy()
