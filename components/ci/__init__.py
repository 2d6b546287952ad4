"""What does a change do to the stacks, what will it cost, may it go on: for pull requests and deployments.

Everything that judges is a pure function on values; `pulumi.py`, `git.py` and the API clients alone touch the world.
"""
