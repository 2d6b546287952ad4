"""From a spec to a plan: every decision that a deployment needs, made once."""

from __future__ import annotations

from components.plan.canonical import plan_dict
from components.plan.draft import UNBUILT, StackImages
from components.plan.make import make_plan
from components.plan.model import Plan

__all__ = ["UNBUILT", "Plan", "StackImages", "make_plan", "plan_dict"]
