"""Every case, in an order in which each finds what it refers to."""

from __future__ import annotations

from provider_cases_account import CASES as ACCOUNT
from provider_cases_ground import CASES as GROUND
from provider_cases_keeper import CASES as KEEPER
from provider_cases_sagemaker import CASES as SAGEMAKER
from provider_cases_service import CASES as SERVICE
from provider_cases_watch import CASES as WATCH

CASES = (*GROUND, *SERVICE, *WATCH, *SAGEMAKER, *KEEPER, *ACCOUNT)
