"""What may a service cost? The ceiling is checked on the component, while nothing of the service exists yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_policy import EnforcementLevel, PolicyConfigSchema, ResourceValidationPolicy, Severity

from policies.guard import guarded

if TYPE_CHECKING:
    from pulumi_policy import Policy, ReportViolation, ResourceValidationArgs

MODEL_SERVICE = "berth:index:ModelService"
CEILING = "service-cost-ceiling"


def service_cost_ceiling(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
    """Report a service whose expected or largest cost per month is unknown, or above its ceiling."""
    if args.resource_type != MODEL_SERVICE:
        return
    limits = args.get_config()
    estimate = args.props["costEstimate"] if "costEstimate" in list(args.props) else {}
    known = list(estimate)
    for figure, setting, meaning in (
        ("expected", "maxExpectedUsdPerMonth", "expected load"),
        ("max", "maxUsdPerMonth", "all replicas, all month"),
    ):
        amount = estimate[figure] if figure in known else None
        limit = limits[setting]
        if amount is None:
            report_violation(
                f"{args.name}: the cost per month at {meaning} is unknown, so no ceiling holds;"
                " `berth plan` shows which price or load is missing",
                None,
            )
        elif amount > limit:
            report_violation(
                f"{args.name}: {amount:,.2f} USD per month at {meaning} exceeds the ceiling of {limit:,.2f};"
                f" choose a smaller GPU or fewer replicas, or raise {setting} in policies/config",
                None,
            )


POLICIES: list[Policy] = [
    ResourceValidationPolicy(
        name=CEILING,
        description="A service costs no more per month than its environment allows, and its cost is known.",
        validate=guarded(CEILING, service_cost_ceiling),
        enforcement_level=EnforcementLevel.MANDATORY,
        severity=Severity.HIGH,
        config_schema=PolicyConfigSchema(
            properties={
                "maxExpectedUsdPerMonth": {"type": "number", "minimum": 0},
                "maxUsdPerMonth": {"type": "number", "minimum": 0},
            },
            required=["maxExpectedUsdPerMonth", "maxUsdPerMonth"],
        ),
    )
]
