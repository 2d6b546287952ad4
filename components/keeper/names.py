"""What is what the keeper installs called? Names that are known at preview, and that no other stack can have."""

from __future__ import annotations

EVERY_RUN = "every-10-minutes"


def keeper_name(stack: str) -> str:
    """Return the name of the keeper's function, its queue and its topic; 53 characters at most.

    >>> keeper_name("prod")
    'berth-prod-keeper'
    """
    return f"berth-{stack}-keeper"


def asleep_name(stack: str) -> str:
    """Return the name of the function that answers for services which sleep; 53 characters at most.

    >>> asleep_name("prod")
    'berth-prod-asleep'
    """
    return f"berth-{stack}-asleep"


def schedule_group_name(stack: str) -> str:
    """Return the name of the group of a stack's schedules; 46 characters at most.

    >>> schedule_group_name("prod")
    'berth-prod'
    """
    return f"berth-{stack}"


def function_log_group(function: str) -> str:
    """Return the log group of a function; Lambda chooses the name.

    >>> function_log_group("berth-prod-keeper")
    '/aws/lambda/berth-prod-keeper'
    """
    return f"/aws/lambda/{function}"


def alarm_name(stack: str, *parts: str) -> str:
    """Return the name of an alarm; the slash is legal in no name of a stack or service, so no two share one.

    >>> alarm_name("prod", "chat", "silent")
    'berth/prod/chat/silent'
    """
    return "/".join(("berth", stack, *parts))
