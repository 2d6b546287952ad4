"""Build the policy pack; its constructor serves the engine and never returns, so nothing imports this file."""

from pulumi_policy import PolicyPack

from policies import cost, network

PolicyPack("berth", policies=[*cost.POLICIES, *network.POLICIES])
