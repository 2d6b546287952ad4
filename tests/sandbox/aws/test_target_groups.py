"""A target group is behind one load balancer at a time."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError


def test_a_target_group_serves_one_load_balancer(aws, deploy):
    """It is free again once the listener or rule that used it is gone."""
    made = deploy(aws)
    elb = aws.client("elbv2")
    forward = [{"Type": "forward", "TargetGroupArn": made.target_group}]
    other = elb.create_load_balancer(Name="other", Subnets=made.subnets, Scheme="internal")["LoadBalancers"][0]
    with pytest.raises(ClientError, match="TargetGroupAssociationLimit"):
        elb.create_listener(LoadBalancerArn=other["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward)
    listener = elb.create_listener(
        LoadBalancerArn=other["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )["Listeners"][0]["ListenerArn"]
    path = [{"Field": "path-pattern", "Values": ["/v1/*"]}]
    with pytest.raises(ClientError, match="TargetGroupAssociationLimit"):
        elb.create_rule(ListenerArn=listener, Priority=1, Conditions=path, Actions=forward)
    elb.delete_listener(ListenerArn=made.listener)
    rule = elb.create_rule(ListenerArn=listener, Priority=1, Conditions=path, Actions=forward)["Rules"][0]
    assert rule["Actions"][0]["TargetGroupArn"] == made.target_group
